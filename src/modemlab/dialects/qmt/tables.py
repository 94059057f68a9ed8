"""What the MQTT tables of Quectel's guides have in common: meanings of results, return codes ends of a link, and
the commands that mend what failed.
"""

from modemlab.dialect.dialect import ConnectionMethods

OPENING = {
    -1: "the network could not be opened",
    0: "opened",
    1: "wrong parameter",
    2: "the client is occupied",
    3: "the PDP context could not be activated",
    4: "the name could not be resolved",
    5: "the network went away",
}
DELIVERY = {0: "sent and acknowledged", 1: "sent again", 2: "not delivered"}
RETURN_CODES = {
    0: "accepted",
    1: "refused: protocol version",
    2: "refused: client id",
    3: "refused: server unavailable",
    4: "refused: user name or password",
    5: "refused: not authorized",
}
# The codes of +QMTSTAT, each with its remedy.
STATES = {
    1: "the server closed or reset the connection: open again",
    2: "PINGREQ timed out or failed: deactivate and activate the PDP context, then open again",
    3: "CONNECT timed out or failed: check user, password and client id, then open again",
    4: "CONNACK timed out or refused: check user, password and client id, then open again",
    5: "the server closed after DISCONNECT: the normal course",
    6: "packets keep failing: check the data, then open again",
    7: "the link does not work or the server is unavailable: check both",
}
# Each family has its own for the network, and for TLS.
WAYS = ConnectionMethods(
    open="AT+QMTOPEN",
    close="AT+QMTCLOSE={client}",
    reopen="AT+QMTOPEN and AT+QMTCONN again",
    login="AT+QMTCONN",
    version='AT+QMTCFG="version",{client}',
    patience='AT+QMTCFG="timeout",{client}',
)
