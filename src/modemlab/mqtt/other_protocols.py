"""What is spoken in place of MQTT, told by the first bytes, as few as there are."""

from enum import Enum

# The types of a TLS record (RFC 5246, 6.2.1; RFC 8446, 5.1). As the first byte of an MQTT packet, 0x14 to 0x17 would be
# CONNECT with flags that it does not have, and no server sends it.
TLS_RECORDS = range(0x14, 0x18)
HTTP = b"HTTP/"
# Bytes of what came first that are kept, to tell it by.
MAX_EXAMINED_BYTES = 64


class Spoken(Enum):
    """What is spoken in place of MQTT."""

    HTTP = "HTTP"
    TLS = "TLS"
    TEXT = "text"
    UNKNOWN = "unknown"


def spoken(said: bytes) -> Spoken:
    """What a peer speaks that began otherwise than with CONNECT or CONNACK; of `said`, its beginning, a byte may do."""
    if said and said[0] in TLS_RECORDS:
        return Spoken.TLS
    if said and HTTP.startswith(said[: len(HTTP)]):
        return Spoken.HTTP
    if len(said) > 1 and all(0x20 <= byte < 0x7F or byte in b"\r\n\t" for byte in said):
        return Spoken.TEXT
    return Spoken.UNKNOWN


def speaks(said: bytes) -> str:
    """What that peer speaks, in words; empty where that cannot be told."""
    match spoken(said):
        case Spoken.TEXT:
            words = said.strip().split(b"\n")[0].strip().decode("ascii")
            return f"it says {words!r:.50}"
        case Spoken.UNKNOWN:
            return ""
        case known:
            return f"it speaks {known.value}"
