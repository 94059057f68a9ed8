"""AT+QSSLCFG of EC200x, EC600x and EG912Y, as a table: what a TLS context holds.

The MQTT guide prints seven of its options in 5.2; the ranges of all are those that modules of sister families list.
"""

from modemlab.at.command import Command, Option, commands_of
from modemlab.at.parameters import Choice, Int, Param, Text, maybe
from modemlab.dialects.tls_context import ALL_SUITES, LEVELS, VERSIONS, WITHOUT_EFFECT

GUIDE = "MQTT guide, 5.2"

SUITES = {
    0x0035: "TLS_RSA_WITH_AES_256_CBC_SHA",
    0x002F: "TLS_RSA_WITH_AES_128_CBC_SHA",
    0x0005: "TLS_RSA_WITH_RC4_128_SHA",
    0x0004: "TLS_RSA_WITH_RC4_128_MD5",
    0x000A: "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
    0x003D: "TLS_RSA_WITH_AES_256_CBC_SHA256",
    0xC002: "TLS_ECDH_ECDSA_WITH_RC4_128_SHA",
    0xC003: "TLS_ECDH_ECDSA_WITH_3DES_EDE_CBC_SHA",
    0xC004: "TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA",
    0xC005: "TLS_ECDH_ECDSA_WITH_AES_256_CBC_SHA",
    0xC007: "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA",
    0xC008: "TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA",
    0xC009: "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    0xC00A: "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
    0xC011: "TLS_ECDHE_RSA_WITH_RC4_128_SHA",
    0xC012: "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
    0xC013: "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    0xC014: "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    0xC00C: "TLS_ECDH_RSA_WITH_RC4_128_SHA",
    0xC00D: "TLS_ECDH_RSA_WITH_3DES_EDE_CBC_SHA",
    0xC00E: "TLS_ECDH_RSA_WITH_AES_128_CBC_SHA",
    0xC00F: "TLS_ECDH_RSA_WITH_AES_256_CBC_SHA",
    0xC023: "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
    0xC024: "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
    0xC025: "TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA256",
    0xC026: "TLS_ECDH_ECDSA_WITH_AES_256_CBC_SHA384",
    0xC027: "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
    0xC028: "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
    0xC029: "TLS_ECDH_RSA_WITH_AES_128_CBC_SHA256",
    0xC02A: "TLS_ECDH_RSA_WITH_AES_256_CBC_SHA384",
    0xC02F: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    0xC030: "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    ALL_SUITES: "all",
}

# A name of 80 bytes behind `UFS:`.
MAX_PATH_BYTES = 84

ssl_ctx_idx = Int("SSL_ctx_idx", 0, 5, "TLS context")


def option(name: str, title: str, param: Param, note: str = "") -> Option:
    """An option of one value; the line that reads it repeats the context."""
    return Option(name, title, (ssl_ctx_idx, maybe(param)), read=(ssl_ctx_idx, param), note=note)


def switch(name: str, off: str, on: str, default: int = 0) -> Choice:
    """A value of 0 or 1."""
    return Choice(name, {0: off, 1: on}, default=default)


def path(name: str, meaning: str) -> Text:
    """The name of a file."""
    return Text(name, maximum=MAX_PATH_BYTES, meaning=meaning, shown=f"<{name}>")


QSSLCFG = Command(
    "+QSSLCFG",
    "Configure a TLS context",
    GUIDE,
    options=(
        option(
            "sslversion",
            "Version",
            Choice("SSL_version", VERSIONS, default=4, shown="(0-4)"),
            note="SSL 3.0 is spoken no more: the handshake fails.",
        ),
        option(
            "ciphersuite",
            "Cipher suite",
            Choice("cipher_suites", SUITES, default=ALL_SUITES, hexadecimal=True),
            note="Typed without quotes. With RC4, 3DES and TLS_ECDH, which are spoken no more, the handshake fails.",
        ),
        option("cacert", "CA certificate", path("cacertpath", "File of the CA certificate")),
        option("clientcert", "Client certificate", path("client_cert_path", "File of the client's certificate")),
        option("clientkey", "Client key", path("client_key_path", "File of the client's key")),
        option("seclevel", "Who is verified", Choice("seclevel", LEVELS, default=0, shown="(0-2)")),
        option("session", "Session resumption", switch("session", "off", "on"), note=WITHOUT_EFFECT),
        option("sni", "Server name indication", switch("SNI", "not sent", "sent")),
        option("checkhost", "Host name check", switch("check_host", "not checked", "checked")),
        option(
            "ignorelocaltime",
            "Dates of certificates",
            switch("ignore_ltime", "checked by the module's clock", "not checked", default=1),
        ),
        option(
            "negotiatetime",
            "Time-out of the handshake",
            Int("negotiate_time", 10, 300, default=300, unit="s"),
            note="The result of AT+QMTOPEN comes after 120 s at the latest.",
        ),
        option("renegotiation", "Renegotiation", switch("renegotiation", "off", "on"), note=WITHOUT_EFFECT),
        option("dtls", "DTLS", switch("DTLS_enable", "off", "on"), note=WITHOUT_EFFECT),
        option("dtlsversion", "Version of DTLS", switch("DTLS_version", "DTLS 1.0", "DTLS 1.2"), note=WITHOUT_EFFECT),
    ),
    note="Settings hold from the next connection on.",
)

COMMANDS = commands_of(globals())
