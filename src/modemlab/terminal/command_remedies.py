"""What helps when the state of things is against a command: what must come first, and what shows how things stand.

Each holds for one form of a command, as `+QIACT=`, where the module has the commands that it names.
"""

from collections.abc import Mapping

CONNECTED = (
    "the client must be connected (AT+QMTOPEN, then AT+QMTCONN), and <msgid> must not be in use; AT+QMTCONN? "
    "shows the states"
)
PUBLISHED = (
    "the client must be connected (AT+QMTCONN? shows the states), <msgid> must not be in use, and at most five "
    "messages may be unacknowledged"
)
LUAT_SESSION = "AT+MIPSTART, then AT+MCONNECT must come first; AT+MQTTSTATU shows the state"
LUAT_LINK = "AT+MQTTSTATU shows the state; AT+MIPCLOSE closes an existing connection"
LUAT_CONTEXT = (
    "AT+CSTT, AT+CIICR and AT+CIFSR must be sent in this order; AT+CIPSTATUS shows the state, AT+CIPSHUT starts over"
)
LUAT_FILE = "AT+FSFLSIZE shows whether the file exists; AT+FSCREATE creates it"
CONTEXTS = "AT+CGACT? shows the active contexts, AT+CGDCONT? the defined ones"
SIM = "AT+CPIN? shows what the SIM asks for"
RADIO_OFF = "AT+CFUN=0 must come first"

STATES: Mapping[str, str] = {
    # MQTT of Quectel's modules
    "+QMTOPEN=": "AT+QMTOPEN? shows the open clients; AT+QMTCLOSE closes one",
    "+QMTCLOSE=": "AT+QMTOPEN? shows the open clients: only these can be closed",
    "+QMTCONN=": "AT+QMTOPEN must come first and end in result 0; AT+QMTCONN? shows the clients' states",
    "+QMTDISC=": "the client must be connected: AT+QMTCONN? shows the states; AT+QMTCLOSE closes a client anyway",
    "+QMTSUB=": CONNECTED,
    "+QMTUNS=": CONNECTED,
    "+QMTPUBEX=": PUBLISHED,
    "+QMTPUB=": PUBLISHED,
    "+QMTRECV=": "the client must be connected: AT+QMTCONN? shows the states, AT+QMTRECV? the waiting messages",
    "+QMTCFG=": (
        "change settings before AT+QMTCONN, and those of the network before AT+QMTOPEN: AT+QMTCONN? shows "
        "the states, AT+QMTCLOSE closes the client"
    ),
    # PDP contexts and the network
    "+QIACT=": (
        "AT+QIACT? shows the active contexts: an active one cannot be activated again, nor a fourth one "
        "(AT+QIDEACT deactivates). Otherwise check SIM (AT+CPIN?), registration (AT+CEREG?) and APN (AT+QICSGP)"
    ),
    "+QIDEACT=": "AT+QIACT? shows the active contexts",
    "+CGACT=": CONTEXTS,
    "+CGDCONT=": "an active context cannot be changed: AT+CGACT? shows them, AT+CGACT=0,<cid> deactivates one",
    "+COPS=": "AT+CSCON? shows whether there is a signalling connection: wait until it has ended",
    "+CCLK=": "the host can set the clock after AT+NITZ=0",
    "+NBAND=": RADIO_OFF,
    "+NCONFIG=": RADIO_OFF,
    # the SIM
    "+CPIN=": SIM,
    "+CPWD=": 'the card must be locked: AT+CLCK="SC",2 shows whether it is',
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
    "+FSCREATE=": "the file exists already: AT+FSDEL deletes it",
    "+FSREAD=": LUAT_FILE,
    "+FSWRITE=": LUAT_FILE,
    "+FSDEL=": LUAT_FILE,
    "+FSFLSIZE=": LUAT_FILE,
}
