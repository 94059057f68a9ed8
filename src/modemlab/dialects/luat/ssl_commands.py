"""AT+SSLCFG of Luat's modules, as a table: what a TLS context holds (Luat AT manual V1.6.3, 12.7)."""

from dataclasses import replace

from modemlab.at.command import Option, commands_of
from modemlab.at.parameters import Choice, Int, Text, maybe
from modemlab.dialects.luat.network_commands import MANUAL, declare
from modemlab.dialects.tls_context import ALL_SUITES, LEVELS, VERSIONS, WITHOUT_EFFECT

# The context of MQTT.
MQTT = 88
SUITES = {
    0x0035: "TLS_RSA_WITH_AES_256_CBC_SHA",
    0x002F: "TLS_RSA_WITH_AES_128_CBC_SHA",
    0x0005: "TLS_RSA_WITH_RC4_128_SHA",
    0x0004: "TLS_RSA_WITH_RC4_128_MD5",
    0x000A: "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
    0x003D: "TLS_RSA_WITH_AES_256_CBC_SHA256",
    ALL_SUITES: "all",
}

USES = {**{n: f"connection {n}" for n in range(6)}, 34: "FTP", MQTT: "MQTT", 153: "HTTP"}
n = Choice("n", USES, "TLS context")


def option(name: str, title: str, param: Choice | Int | Text, note: str = "") -> Option:
    """An option of one value, which an empty argument takes back to its default; the line that reads it repeats <n>."""
    erasable = replace(param, blank="") if isinstance(param, Text) else replace(param, blank=param.default)
    return Option(name, title, (n, maybe(erasable)), read=(n, param), note=note)


def path(name: str, meaning: str) -> Text:
    """The name of a file."""
    return Text(name, 64, meaning=meaning)


SSLCFG = declare(
    "+SSLCFG",
    "Configure a TLS context",
    f"{MANUAL}, 12.7",
    options=(
        option("sslversion", "Version", Choice("sslversion", VERSIONS, default=4), "SSL 3.0 is no longer supported."),
        option(
            "ciphersuite",
            "Cipher suite",
            Choice("ciphersuites", SUITES, default=ALL_SUITES, hexadecimal=True),
            "With RC4 and 3DES, which are spoken no more, the handshake fails.",
        ),
        option("cacert", "CA certificate", path("cacertpath", "File of the CA certificate")),
        option("clientcert", "Client certificate", path("client_cert_path", "File of the client's certificate")),
        option("clientkey", "Client key", path("client_key_path", "File of the client's key")),
        option("seclevel", "Who is verified", Choice("seclevel", LEVELS, default=0)),
        option("hostname", "Name of the server", Text("hostname", 256, meaning="Sent to the server, and verified")),
        option(
            "ignorelocaltime",
            "Dates of certificates",
            Choice("ignoreltime", {0: "checked by the module's clock", 1: "not checked"}, default=1),
        ),
        option("negotiatetimeout", "Time-out of the handshake", Int("negotiate_time", 10, 300, default=300, unit="s")),
        option(
            "clientrandom",
            "Random number",
            Text("randbytes", 64, meaning="56 or 64 hexadecimal digits", secret=True),
            WITHOUT_EFFECT,
        ),
        option("premaster", "Premaster", Text("premaster", 256, secret=True), WITHOUT_EFFECT),
        option(
            "verifymode",
            "Kind of the CA certificate",
            Choice("verifymode", {0: "a root certificate", 1: "another one"}, default=0),
            WITHOUT_EFFECT,
        ),
    ),
    test="",
    note="A value left out is shown, an empty one behind a comma is erased. Settings hold from the next connection on.",
)

COMMANDS = commands_of(globals())
