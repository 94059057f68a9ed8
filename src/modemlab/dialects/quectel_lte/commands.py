"""The MQTT commands of EC200x, EC600x and EG912Y, as tables (MQTT guide, chapters 3 and 4)."""

from dataclasses import replace

from modemlab.at.command import Command, Option, commands_of
from modemlab.at.parameters import Choice, Int, Payload, Repeat, Result, Text, maybe
from modemlab.at.urc import Urc
from modemlab.dialects.qmt import tables
from modemlab.dialects.qmt.tables import DELIVERY, OPENING, RETURN_CODES

GUIDE = "MQTT guide"

client_idx = Int("client_idx", 0, 5, "MQTT client")
msgid = Int("msgid", 1, 65535, "Packet identifier", shown="<msgid>")
# A SUBSCRIBE's identifier may be left to the module: hosts of these modules send 0.
any_msgid = Int("msgid", 0, 65535, "Packet identifier; 0 leaves it to the module", shown="<msgid>")
# That of a message, which has none at QoS 0.
message_id = Int("msgid", 0, 65535, "Packet identifier; 0 goes with QoS 0", shown="<msgid>")
qos = Int("qos", 0, 2, "Quality of service: 0 at most once, 1 at least once, 2 exactly once", default=0)
topic = Text("topic", maximum=256, minimum=1, meaning="Topic")
sub_qos = Int("qos", 0, 2, "Quality of service asked for", default=0)
payload_len = Int("payload_len", 0, 268435455, "Length of the message in bytes")
payload = Payload("payload", "The message's own bytes")
recv_id = Int("recv_id", 0, 4, "Slot of a stored message")

value = Int("value", 0, 255, "For result 0 the QoS granted, 128 for a refusal; for result 1 the number of the repeat")

will_fg = Choice("will_fg", {0: "no will", 1: "a will follows"}, default=0)
will_qos = Int("will_qos", 0, 2, "QoS of the will", default=0)
will_retain = Choice("will_retain", {0: "not retained", 1: "retained"}, default=0)
willtopic = Text("willtopic", maximum=256, minimum=1, meaning="Topic of the will")
willmessage = Text("willmessage", maximum=256, meaning="The will", instead='AT+QMTCFG="willex"')
will_len = Int("will_len", 0, 256, "Length of the will that is typed after the prompt, in bytes", counts=True)

send_mode = Choice("send_mode", {0: "text", 1: "hexadecimal"}, "How messages are typed", default=0)
recv_mode = Choice("recv_mode", {0: "text", 1: "hexadecimal"}, "How messages are printed", default=0)
hw_time_enable = Choice(
    "hw_time_enable", {0: "time not checked", 1: "time checked"}, "Whether the platform checks the time", shown=""
)

QMTCFG = Command(
    "+QMTCFG",
    "Configure an MQTT client",
    f"{GUIDE}, 3.3.1",
    options=(
        Option(
            "version", "MQTT version", (client_idx, maybe(Choice("vsn", {3: "MQTT 3.1", 4: "MQTT 3.1.1"}, default=3)))
        ),
        Option("pdpcid", "PDP context", (client_idx, maybe(Int("cid", 1, 15, "PDP context", default=1)))),
        Option(
            "ssl",
            "TLS and its context",
            (
                client_idx,
                maybe(Choice("SSL_enable", {0: "plain TCP", 1: "TLS"}, default=0)),
                maybe(Int("SSL_ctx_idx", 0, 5, "TLS context", default=0)),
            ),
            note="The context must be given with 1.",
        ),
        Option(
            "keepalive",
            "Keep alive",
            (client_idx, maybe(Int("keep_alive_time", 0, 3600, "0: none", default=120, unit="s"))),
        ),
        Option(
            "session",
            "Clean session",
            (client_idx, maybe(Choice("clean_session", {0: "session is kept", 1: "clean session"}, default=1))),
        ),
        Option(
            "timeout",
            "Time-out and repeats of packets",
            (
                client_idx,
                maybe(
                    Int("pkt_timeout", 1, 60, "How long an answer is awaited", default=5, unit="s"),
                    Int("retry_times", 0, 10, "How often a packet is sent again", default=3),
                    Choice("timeout_notice", {0: "silent", 1: "each repeat is reported"}, default=0),
                ),
            ),
        ),
        Option(
            "will",
            "Will",
            (client_idx, maybe(will_fg), maybe(will_qos, will_retain, willtopic, willmessage)),
            note="With will_fg 1 all four must be given; with 0 they are left out.",
        ),
        Option(
            "willex",
            "Will, typed as data",
            (client_idx, maybe(will_fg), maybe(will_qos, will_retain, willtopic, will_len)),
            note="A prompt asks for the will; it may be set while the client is connected.",
        ),
        Option(
            "recv/mode",
            "How messages are reported",
            (
                client_idx,
                maybe(Choice("msg_recv_mode", {0: "in the URC", 1: "stored, the URC gives the slot"}, default=0)),
                maybe(Choice("msg_len_enable", {0: "without length", 1: "with length"}, default=0)),
            ),
        ),
        Option(
            "aliauth",
            "Device of Aliyun",
            (
                client_idx,
                maybe(
                    Text("product key", minimum=1, secret=True),
                    Text("device name", minimum=1),
                    Text("device secret", minimum=1, secret=True),
                ),
            ),
        ),
        Option(
            "qmtping",
            "Interval of repeated PINGREQ",
            (client_idx, maybe(Int("qmtping_interval", 5, 60, default=5, unit="s"))),
        ),
        Option("send/mode", "How messages are typed", (client_idx, maybe(send_mode))),
        Option(
            "onenet",
            "Device of China Mobile OneNET",
            (client_idx, maybe(Text("product id", minimum=1), Text("access key", minimum=1, secret=True))),
        ),
        Option(
            "hwauth",
            "Device of Huawei IoTDA",
            (
                client_idx,
                maybe(Text("product id", minimum=1), Text("device secret", minimum=1, secret=True)),
                maybe(hw_time_enable),
            ),
        ),
        Option(
            "hwprodid",
            "Device of Huawei IoTDA by its product",
            (
                client_idx,
                maybe(
                    Text("product id", minimum=1),
                    Text("product secret", minimum=1, secret=True),
                    Text("nodeid", minimum=1),
                ),
                maybe(hw_time_enable),
            ),
        ),
        Option("dataformat", "How messages are typed and printed", (client_idx, maybe(send_mode, recv_mode))),
        Option(
            "view/mode",
            "Echo of messages",
            (client_idx, maybe(Choice("view_mode", {0: "not echoed", 1: "echoed"}, default=0))),
        ),
        Option(
            "edit/timeout",
            "Time-out of the prompt",
            (
                client_idx,
                maybe(
                    Choice("edit_mode", {0: "waits without end", 1: "times out"}, default=0),
                    Int("edit_time", 1, 120, "From the prompt to the last byte", default=120, unit="s"),
                ),
            ),
        ),
    ),
    note="Refused with its value from AT+QMTCONN on, while the client is connecting or connected; a strict module "
    "refuses it from AT+QMTOPEN on. willex is never refused for that. pdpcid and ssl hold from the next AT+QMTOPEN "
    "on, the others from the next AT+QMTCONN.",
)

host_name = Text("host_name", maximum=100, minimum=1, meaning="Server, an address or a name", shown='"hostname"')
port = Int("port", 1, 65535, "Port of the server")
OPENED = Urc("+QMTOPEN", "The network is open, or why not", (client_idx, Result(OPENING)))
QMTOPEN = Command(
    "+QMTOPEN",
    "Open the network of an MQTT client",
    f"{GUIDE}, 3.3.2",
    params=(client_idx, host_name, port),
    read=(client_idx, host_name, port),
    urc=OPENED,
    max_response=120,
)

CLOSED = Urc("+QMTCLOSE", "The network is closed", (client_idx, Result({-1: "not closed", 0: "closed"})))
QMTCLOSE = Command(
    "+QMTCLOSE",
    "Close the network of an MQTT client",
    f"{GUIDE}, 3.3.3",
    params=(client_idx,),
    urc=CLOSED,
    max_response=30,
    note="The connection is dropped without DISCONNECT, so the server publishes the will.",
)

CONNECTED = Urc(
    "+QMTCONN",
    "The server's answer",
    (client_idx, Result({0: "answered", 1: "sent again", 2: "no answer"}), Choice("ret_code", RETURN_CODES)),
    optional=1,
)
QMTCONN = Command(
    "+QMTCONN",
    "Connect to the MQTT server",
    f"{GUIDE}, 3.3.4",
    params=(
        client_idx,
        Text("clientid", maximum=256, meaning="Client identifier"),
        maybe(
            Text("username", maximum=256, meaning="User name"),
            Text("password", maximum=256, meaning="Password", secret=True),
        ),
    ),
    read=(client_idx, Choice("state", {1: "network open", 2: "connecting", 3: "connected", 4: "disconnecting"})),
    urc=CONNECTED,
    max_response=5,
    note="The result takes pkt_timeout at most.",
)

DISCONNECTED = Urc("+QMTDISC", "Disconnected", (client_idx, Result({-1: "not disconnected", 0: "disconnected"})))
QMTDISC = Command(
    "+QMTDISC",
    "Disconnect from the MQTT server",
    f"{GUIDE}, 3.3.5",
    params=(client_idx,),
    urc=DISCONNECTED,
    max_response=30,
)

REPEATED_NOTE = "The result takes (1 + retry_times) times pkt_timeout at most."
SUBSCRIBED = Urc(
    "+QMTSUB",
    "Subscribed, one value for each topic",
    (client_idx, any_msgid, Result(DELIVERY), value),
    optional=1,
    many=True,
)
QMTSUB = Command(
    "+QMTSUB",
    "Subscribe to topics",
    f"{GUIDE}, 3.3.6",
    params=(client_idx, msgid, Repeat((topic, sub_qos), shown='list of ["topic",qos]')),
    urc=SUBSCRIBED,
    max_response=20,
    note=REPEATED_NOTE,
)

UNSUBSCRIBED = Urc("+QMTUNS", "Unsubscribed", (client_idx, any_msgid, Result(DELIVERY), value), optional=1)
QMTUNS = Command(
    "+QMTUNS",
    "Unsubscribe from topics",
    f"{GUIDE}, 3.3.7",
    params=(client_idx, msgid, Repeat((topic,), shown='list of ["topic"]')),
    urc=UNSUBSCRIBED,
    max_response=20,
    note=REPEATED_NOTE,
)

MAX_MESSAGE_BYTES = 1500
retain = Choice("retain", {0: "not retained", 1: "retained"}, default=0)
length = Int(
    "length", 0, MAX_MESSAGE_BYTES, "Length of the message in bytes", shown='"length"', unit="bytes", counts=True
)
PUBLISHED = Urc("+QMTPUBEX", "Published", (client_idx, message_id, Result(DELIVERY), value), optional=1)
QMTPUBEX = Command(
    "+QMTPUBEX",
    "Publish a message",
    f"{GUIDE}, 3.3.8",
    params=(
        client_idx,
        Int("msgid", 0, 65535, "Packet identifier; 0 goes with QoS 0 alone", shown="<msgid>"),
        qos,
        retain,
        topic,
        length,
    ),
    urc=PUBLISHED,
    max_response=20,
    note="A prompt asks for the message. Five messages may be unacknowledged at once. " + REPEATED_NOTE,
)

PUB_DONE = replace(PUBLISHED, name="+QMTPUB")
QMTPUB = replace(
    QMTPUBEX,
    name="+QMTPUB",
    params=(*(QMTPUBEX.params or ())[:-1], maybe(length)),
    urc=PUB_DONE,
    instead=QMTPUBEX.name,
    note="A prompt asks for the message. With <length> it goes out at its last byte; without, Ctrl-Z sends it, Esc "
    "cancels it, and the 1,500th byte sends it too. " + REPEATED_NOTE,
)

stored = tuple(Choice(f"store_status_{slot}", {0: "empty", 1: "holds a message"}) for slot in range(5))
MESSAGE = Urc("+QMTRECV", "A message", (client_idx, message_id, topic, payload), f"{GUIDE}, 4.2")
MESSAGE_WITH_LENGTH = Urc(
    "+QMTRECV", "A message", (client_idx, message_id, topic, payload_len, payload), f"{GUIDE}, 4.2"
)
MESSAGE_STORED = Urc("+QMTRECV", "A message was stored", (client_idx, recv_id), f"{GUIDE}, 4.2")
QMTRECV = Command(
    "+QMTRECV",
    "Fetch stored messages",
    f"{GUIDE}, 3.3.9",
    params=(client_idx, maybe(recv_id)),
    read=(client_idx, *stored),
    test="",
    urcs=(MESSAGE, MESSAGE_WITH_LENGTH, MESSAGE_STORED),
)

STATES = {**tables.STATES, 8: "the module closed the connection: open again"}
QMTSTAT = Urc(
    "+QMTSTAT",
    "The link of a client ended",
    (client_idx, Choice("err_code", STATES, "Why, and the remedy")),
    f"{GUIDE}, 4.1",
)
QMTPING = Urc("+QMTPING", "No answer to PINGREQ", (client_idx, Result({1: "failed"})), f"{GUIDE}, 4.3")

LENIENT = {
    command.name: replace(command, params=(client_idx, any_msgid, *(command.params or ())[2:]))
    for command in (QMTSUB, QMTUNS)
}

COMMANDS = commands_of(globals())
URCS = (QMTSTAT, QMTPING)
