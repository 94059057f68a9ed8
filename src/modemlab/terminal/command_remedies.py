"""What helps when the state of things is against a command: what must come first, and what shows how things stand.

Each holds for one form of a command, as `+QIACT=`, where the module has the commands that it names.
"""

from collections.abc import Mapping

CONNECTED = (
    "the client must be connected (AT+QMTOPEN, then AT+QMTCONN), and <msgid> must not be under way; "
    "AT+QMTCONN? shows the states"
)
PUBLISHED = (
    "the client must be connected (AT+QMTCONN? shows the states), <msgid> must not be under way, and no more "
    "than five messages unacknowledged"
)
LUAT_SESSION = "AT+MIPSTART, then AT+MCONNECT must come first; AT+MQTTSTATU shows the state"
LUAT_LINK = "AT+MQTTSTATU shows the state; AT+MIPCLOSE closes a connection that is there"
LUAT_CONTEXT = "AT+CSTT, AT+CIICR and AT+CIFSR go in this order; AT+CIPSTATUS shows the state, AT+CIPSHUT begins anew"
LUAT_FILE = "AT+FSFLSIZE shows whether there is the file; AT+FSCREATE makes it"
CONTEXTS = "AT+CGACT? shows the contexts that are active, AT+CGDCONT? those that are defined"
SIM = "AT+CPIN? shows what the SIM asks for"
RADIO_OFF = "AT+CFUN=0 must come first"

STATES: Mapping[str, str] = {
    # MQTT of Quectel's modules
    "+QMTOPEN=": "AT+QMTOPEN? shows the clients that are open; AT+QMTCLOSE closes one",
    "+QMTCLOSE=": "AT+QMTOPEN? shows the clients that are open: what was never opened is not closed",
    "+QMTCONN=": "AT+QMTOPEN must come first and end in result 0; AT+QMTCONN? shows the clients' states",
    "+QMTDISC=": "the client must be connected: AT+QMTCONN? shows the states; AT+QMTCLOSE closes a client all the same",
    "+QMTSUB=": CONNECTED,
    "+QMTUNS=": CONNECTED,
    "+QMTPUBEX=": PUBLISHED,
    "+QMTPUB=": PUBLISHED,
    "+QMTRECV=": "the client must be connected: AT+QMTCONN? shows the states, AT+QMTRECV? the messages that wait",
    "+QMTCFG=": (
        "settings go ahead of AT+QMTCONN, the network's ahead of AT+QMTOPEN: AT+QMTCONN? shows the states, "
        "AT+QMTCLOSE closes the client"
    ),
    # PDP contexts and the network
    "+QIACT=": (
        "AT+QIACT? shows the contexts that are active: an active one is refused, and a fourth (AT+QIDEACT "
        "deactivates). If it is not there, check SIM (AT+CPIN?), registration (AT+CEREG?) and APN (AT+QICSGP)"
    ),
    "+QIDEACT=": "AT+QIACT? shows the contexts that are active",
    "+CGACT=": CONTEXTS,
    "+CGDCONT=": "an active context does not change: AT+CGACT? shows them, AT+CGACT=0,<cid> deactivates one",
    "+COPS=": "AT+CSCON? shows whether there is a signalling connection: wait until it is gone",
    "+CCLK=": "AT+NITZ=0 leaves the clock to the host",
    "+NBAND=": RADIO_OFF,
    "+NCONFIG=": RADIO_OFF,
    # the SIM
    "+CPIN=": SIM,
    "+CPWD=": 'AT+CLCK="SC",2 shows whether the card is locked: it must be',
    "+CLCK=": SIM,
    "+CIMI": SIM,
    "+QCCID": SIM,
    "+QPINC=": SIM,
    "+QPINC?": SIM,
    # Luat
    "+CSTT=": LUAT_CONTEXT,
    "+CSTT": LUAT_CONTEXT,
    "+CIICR": LUAT_CONTEXT,
    "+CIFSR": LUAT_CONTEXT,
    "+MIPSTART=": LUAT_LINK,
    "+SSLMIPSTART=": LUAT_LINK,
    "+MIPCLOSE": LUAT_LINK,
    "+MCONNECT=": (
        "AT+MCONFIG and AT+MIPSTART must come first, and a session is made once; AT+MQTTSTATU shows the state"
    ),
    "+MPUB=": LUAT_SESSION,
    "+MPUBEX=": LUAT_SESSION,
    "+MSUB=": LUAT_SESSION,
    "+MUNSUB=": LUAT_SESSION,
    "+MDISCONNECT": LUAT_SESSION,
    "+FSCREATE=": "there is such a file already: AT+FSDEL deletes it",
    "+FSREAD=": LUAT_FILE,
    "+FSWRITE=": LUAT_FILE,
    "+FSDEL=": LUAT_FILE,
    "+FSFLSIZE=": LUAT_FILE,
}
