"""The MQTT commands of BC35-G and BC28, as tables (BC35-G & BC28 MQTT guide V1.0, chapters 3 and 4)."""

from dataclasses import replace

from modemlab.at.command import Command, Option, commands_of
from modemlab.at.parameters import Choice, Int, Payload, Repeat, Result, Text, maybe
from modemlab.at.urc import Urc
from modemlab.dialects.qmt.tables import DELIVERY, OPENING, RETURN_CODES, STATES

GUIDE = "BC35-G & BC28 MQTT guide V1.0"

connect_id = Int("TCP_connectID", 0, 0, "MQTT client, the only one", shown="(0)")
msgid = Int("msgID", 1, 65535, "Packet identifier")
any_msgid = Int("msgID", 0, 65535, "Packet identifier; 0 goes with QoS 0 alone")
qos = Int("QoS", 0, 2, "Quality of service: 0 at most once, 1 at least once, 2 exactly once", default=0)
topic = Text("topic", maximum=255, minimum=1, meaning="Topic", shown="<topic>")
payload = Payload("payload", "The message's own bytes")

delivered = Result(DELIVERY)
value = Int("value", 0, 255, "For result 0 the QoS granted, 128 for a refusal; for result 1 the number of the repeat")
will_fg = Choice("will_fg", {0: "no will", 1: "a will follows"}, default=0)

QMTCFG = Command(
    "+QMTCFG",
    "Configure the MQTT client",
    f"{GUIDE}, 3.2.1",
    options=(
        Option(
            "version", "MQTT version", (connect_id, maybe(Choice("vsn", {3: "MQTT 3.1", 4: "MQTT 3.1.1"}, default=3)))
        ),
        Option(
            "keepalive",
            "Keep alive",
            (connect_id, maybe(Int("keep-alive_time", 0, 3600, "0: none", default=120, unit="s"))),
        ),
        Option(
            "session",
            "Clean session",
            (connect_id, maybe(Choice("clean_session", {0: "session is kept", 1: "clean session"}, default=1))),
        ),
        Option(
            "timeout",
            "Time-out and repeats of packets",
            (
                connect_id,
                maybe(Int("pkt_timeout", 1, 60, "How long an answer is awaited", default=10, unit="s")),
                maybe(Int("retry_times", 0, 10, "How often a packet is sent again", default=3)),
                maybe(Choice("timeout_notice", {0: "silent", 1: "each repeat is reported"}, default=0)),
            ),
        ),
        Option(
            "will",
            "Will",
            (
                connect_id,
                maybe(will_fg),
                maybe(
                    Int("will_QoS", 0, 2, "QoS of the will", default=0),
                    Choice("will_retain", {0: "not retained", 1: "retained"}, default=0),
                    Text("will_topic", maximum=255, minimum=1, meaning="Topic of the will", shown="<will_topic>"),
                    Text("will_msg", maximum=255, meaning="The will", shown="<will_msg>"),
                ),
            ),
            note="With will_fg 1 all four must be given; with 0 they are left out.",
        ),
        Option(
            "aliauth",
            "Device of Aliyun",
            (
                connect_id,
                maybe(
                    Text("productkey", minimum=1, shown="<productkey>", secret=True),
                    Text("devicename", minimum=1, shown="<devicename>"),
                    Text("devicesecret", minimum=1, shown="<devicesecret>", secret=True),
                ),
            ),
        ),
    ),
    cme=True,
    note="Accepted at any time, with effect from the next connection on.",
)

product_id = Text("product_id", minimum=1, meaning="Product of Tencent Cloud")
TOKEN_RESULTS = {
    0: "the password is there",
    1: "the name could not be resolved",
    2: "the socket could not be opened",
    3: "the HTTP answer is wrong",
    4: "the request could not be sent",
    5: "the answer could not be read",
    6: "no answer in time",
}
password = Text("password", maximum=256, meaning="Password that the platform gave", bare=True, secret=True)
TOKEN_RESULT = Urc(
    "+QMTTENAUTH",
    "Tencent Cloud's answer",
    (Result(TOKEN_RESULTS, "result_code"), password),
    f"{GUIDE}, 3.2.2",
    optional=1,
)
QMTTENAUTH = Command(
    "+QMTTENAUTH",
    "Fetch a password from Tencent Cloud",
    f"{GUIDE}, 3.2.2",
    params=(
        product_id,
        Text("device_name", minimum=1, meaning="Device of that product"),
        Text("client_id", minimum=1, meaning="<product_id>@<device_name>"),
        Text("device_secret", minimum=1, meaning="Secret of the device", secret=True),
        maybe(Int("expire", 1, 60, "Life of the password", default=60, unit="days")),
        maybe(Text("url", 512, 1, "Where to ask in place of the service's own address")),
    ),
    read=(password,),
    test="+QMTTENAUTH: <product_id>,<device_name>,<client_id>,<device_secret>,<expire>,<url>",
    urc=TOKEN_RESULT,
    max_response=195,
    cme=True,
    note="A real HTTP request. AT+QMTCONN without user name and password uses what came.",
)
QMTENAUTH = replace(QMTTENAUTH, name="+QMTENAUTH", note="Another spelling of AT+QMTTENAUTH.")

host_name = Text("host_name", maximum=100, minimum=1, meaning="Server, an address or a name", shown="<host_name>")
port = Int("port", 0, 65535, "Port of the server", shown="<port>")
QMTOPEN = Command(
    "+QMTOPEN",
    "Open the network of the MQTT client",
    f"{GUIDE}, 3.2.3",
    params=(connect_id, host_name, port),
    read=(connect_id, host_name, port),
    urc=Urc("+QMTOPEN", "The network is open, or why not", (connect_id, Result(OPENING))),
    max_response=75,
    cme=True,
)

QMTCLOSE = Command(
    "+QMTCLOSE",
    "Close the network of the MQTT client",
    f"{GUIDE}, 3.2.4",
    params=(connect_id,),
    urc=Urc("+QMTCLOSE", "The network is closed", (connect_id, Result({-1: "not closed", 0: "closed"}))),
    cme=True,
    note="The connection is dropped without DISCONNECT, so the server publishes the will.",
)

QMTCONN = Command(
    "+QMTCONN",
    "Connect to the MQTT server",
    f"{GUIDE}, 3.2.5",
    params=(
        connect_id,
        Text("clientID", maximum=256, meaning="Client identifier", shown="<clientID>"),
        maybe(Text("username", maximum=256, meaning="User name", shown="<username>")),
        maybe(Text("password", maximum=256, meaning="Password", shown="<password>", secret=True)),
    ),
    read=(connect_id, Choice("state", {1: "network open", 2: "connecting", 3: "connected", 4: "disconnecting"})),
    urc=Urc(
        "+QMTCONN",
        "The server's answer",
        (connect_id, Result({0: "answered", 1: "sent again", 2: "no answer"}), Choice("retcode", RETURN_CODES)),
        optional=1,
    ),
    max_response=10,
    cme=True,
    note="The result takes pkt_timeout at most.",
)

QMTDISC = Command(
    "+QMTDISC",
    "Disconnect from the MQTT server",
    f"{GUIDE}, 3.2.6",
    params=(connect_id,),
    urc=Urc("+QMTDISC", "Disconnected", (connect_id, Result({-1: "not disconnected", 0: "disconnected"}))),
    cme=True,
)

REPEATED_NOTE = "The result takes (1 + retry_times) times pkt_timeout at most."
QMTSUB = Command(
    "+QMTSUB",
    "Subscribe to topics",
    f"{GUIDE}, 3.2.7",
    params=(connect_id, msgid, Repeat((topic, qos), shown="<topic>,(0-2)[,<topic>,(0-2)...]")),
    urc=Urc(
        "+QMTSUB", "Subscribed, one value for each topic", (connect_id, msgid, delivered, value), optional=1, many=True
    ),
    max_response=40,
    cme=True,
    note=REPEATED_NOTE,
)

QMTUNS = Command(
    "+QMTUNS",
    "Unsubscribe from topics",
    f"{GUIDE}, 3.2.8",
    params=(connect_id, msgid, Repeat((topic,), shown="<topic>[,<topic>...]")),
    urc=Urc("+QMTUNS", "Unsubscribed", (connect_id, msgid, delivered)),
    max_response=40,
    cme=True,
    note=REPEATED_NOTE,
)

MAX_MESSAGE_BYTES = 1024
RELEASED = Urc(
    "+QMTPUBREL",
    "PUBREL was sent again",
    (connect_id, msgid, Choice("result", {1: "sent again"})),
    f"{GUIDE}, figure 1",
)
QMTPUB = Command(
    "+QMTPUB",
    "Publish a message",
    f"{GUIDE}, 3.2.9",
    params=(
        connect_id,
        any_msgid,
        qos,
        Choice("retain", {0: "not retained", 1: "retained"}, default=0),
        topic,
        maybe(Int("len", 1, MAX_MESSAGE_BYTES, "Length of the message", unit="bytes", counts=True)),
    ),
    urc=Urc("+QMTPUB", "Published", (connect_id, any_msgid, delivered, value), optional=1),
    urcs=(RELEASED,),
    max_response=40,
    cme=True,
    note="A prompt asks for the message. With <len> it goes out at its last byte; without, Ctrl-Z sends it, Esc "
    "cancels it, and the 1,024th byte sends it too. Five messages may be unacknowledged at once. " + REPEATED_NOTE,
)

QMTSTAT = Urc(
    "+QMTSTAT",
    "The link of the client ended",
    (connect_id, Choice("err_code", STATES, "Why, and the remedy")),
    f"{GUIDE}, 4.1",
)
MESSAGE = Urc("+QMTRECV", "A message", (connect_id, any_msgid, topic, payload), f"{GUIDE}, 4.2")

COMMANDS = commands_of(globals())
URCS = (QMTSTAT, MESSAGE)
# No command of a host's: here the platform's answer is kept, and whether a request is under way.
TOKEN = Command(
    "+QMTTENAUTH token",
    "The platform's answer",
    QMTTENAUTH.manual,
    params=(Text("id"), Text("secret", secret=True), Int("waiting", 0, 1, default=0)),
)
