"""How Luat's modules answer AT+SSLCFG, and the TLS of its context for MQTT (Luat AT manual V1.6.3, 12.7)."""

import re
from datetime import datetime
from typing import Any

from modemlab.at.steps import OK, Info, Refused, Steps
from modemlab.dialect.answer_registry import Answer, Answers
from modemlab.dialect.device import Device
from modemlab.dialect.network import TlsOptions
from modemlab.dialects.luat import ssl_commands as c
from modemlab.dialects.luat.errors import INVALID_PARAMETERS
from modemlab.dialects.luat.file_answers import stored_name
from modemlab.text.catalogue import N_

ANSWERS = Answers()
# <sslversion> as the least and the most on the wire.
VERSIONS = {0: (0x0300, 0x0300), 1: (0x0301, 0x0301), 2: (0x0302, 0x0302), 3: (0x0303, 0x0303), 4: (0x0300, 0x0303)}
RANDOM = re.compile(r"(?:[0-9A-Fa-f]{56}|[0-9A-Fa-f]{64})?")
UNIX = datetime(1970, 1, 1)


def configure(option: str) -> Answer:
    """The answer of an option: shown when its value is left out, else set."""

    def answer(module: Device, context: int, value: int | str | None) -> Steps:
        if value is None:
            number, param = c.SSLCFG.option(option).read or ()
            shown = number.render(context), param.render(option_value(module, option, context))
            yield Info(b'+SSLCFG: "%b",%b,%b' % (option.encode(), *shown))
        else:
            if option == "clientrandom" and not RANDOM.fullmatch(str(value)):
                raise Refused(c.SSLCFG.where(N_("<randbytes> is 56 or 64 hexadecimal digits")), INVALID_PARAMETERS)
            module.set(c.SSLCFG, (value,), option, context)
        yield OK

    return answer


for declared in c.SSLCFG.options:
    ANSWERS[c.SSLCFG.on(declared.name)] = configure(declared.name)


def option_value(module: Device, option: str, context: int = c.MQTT) -> Any:
    """What an option of a context is set to."""
    return module.get(c.SSLCFG, option, context)[0]


def tls_of(module: Device) -> TlsOptions:
    """The TLS of the connection for MQTT.

    Raises ValueError with one line for the log when a file is missing.
    """
    level = option_value(module, "seclevel")
    minimum, maximum = VERSIONS[option_value(module, "sslversion")]
    suite = option_value(module, "ciphersuite")
    authority, certificate, key = (
        read_file(module, option) if level >= wanted else None
        for option, wanted in (("cacert", 1), ("clientcert", 2), ("clientkey", 2))
    )
    name = option_value(module, "hostname")
    return TlsOptions(
        minimum,
        maximum,
        () if suite == c.ALL_SUITES else (suite,),
        level >= 1,
        authority,
        certificate,
        key,
        check_host=level >= 1 and bool(name),
        at=None if option_value(module, "ignorelocaltime") else utc(module),
        server_name=name or None,
        timeout=float(option_value(module, "negotiatetimeout")),
    )


def utc(module: Device) -> float:
    """What the module's clock, which shows local time, makes of UTC, in seconds since 1970."""
    clock = module.mobile.clock
    return (clock.shown(module.now) - UNIX).total_seconds() - 900 * clock.zone


def read_file(module: Device, option: str) -> bytes:
    """The content of the file that an option names; ValueError when there is none."""
    filename: str = option_value(module, option)
    where = f'"{option}" of TLS context {c.MQTT}'
    if not filename:
        raise ValueError(f"{where} names no file")
    try:
        data = module.files.read(stored_name(filename))
    except OSError as error:
        raise ValueError(f"{where}: {filename!r} cannot be read: {error.strerror}") from error
    if data is None:
        raise ValueError(f"{where}: no such file: {filename!r}")
    return data
