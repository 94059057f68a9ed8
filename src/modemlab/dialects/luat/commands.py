"""The MQTT commands of Luat's modules, as tables (Luat AT manual V1.6.3, chapter 16)."""

from modemlab.at.command import Persistence, commands_of
from modemlab.at.parameters import Choice, Int, Payload, Rest, Text, maybe
from modemlab.at.urc import Urc
from modemlab.dialects.luat.network_commands import MANUAL, declare

# The longest message, in bytes (16.4).
MAX_MESSAGE_BYTES = 4100
# `"` `,` CR LF `\\`, which a message may hold as a backslash and their number (16.4 and a tutorial for ThingsCloud).
ESCAPES = frozenset(b'",\r\n\\')


def word(name: str, title: str, section: str) -> Urc:
    """A URC that is a word or two."""
    return Urc(name, title, (), f"{MANUAL}, {section}", separator="")


qos = Int("qos", 0, 2, "Quality of service: 0 at most once, 1 at least once, 2 exactly once")
retain = Choice("retain", {0: "not retained", 1: "retained"}, "Whether the server keeps it for later subscribers")
topic = Text("topic", 256, 1, "Topic")

MCONFIG = declare(
    "+MCONFIG",
    "Client and will",
    f"{MANUAL}, 16.1",
    params=(
        Text("clientid", 256, 1, "Client identifier"),
        maybe(Text("username", 256, meaning="User name"), Text("password", 256, meaning="Password", secret=True)),
        maybe(
            Int("will_qos", 0, 2, "Quality of service of the will", default=0),
            Choice("will_retain", {0: "not retained", 1: "retained"}, default=0),
            Text("will_topic", 256, meaning="Topic of the will; none without one"),
            Text("will_message", 1360, meaning="The will", escapes=ESCAPES),
        ),
    ),
    test="+MCONFIG:<clientid>[,<username>,<password>[,(0-2),(0,1),<will_topic>,<will_message>]]",
    note="What is left out stays as it was. It holds from the next AT+MCONNECT on.",
)

svraddr = Text("svraddr", 256, 1, "Name or address of the server")
port = Int("port", 1, 65535, "Its port", quotable=True)
CONNECT_OK = word("CONNECT OK", "Connection established", "16.2")
ALREADY_CONNECT = word("ALREADY CONNECT", "There is a connection already", "16.2")
CONNECT_FAIL = word("CONNECT FAIL", "The connection could not be made", "16.2")
FAIL_STATE = Urc(
    "STATE",
    "The state, ahead of CONNECT FAIL",
    (Text("state", bare=True, meaning="As in AT+CIPSTATUS"),),
    f"{MANUAL}, 16.2",
    separator=":",
)
CLOSED = word("CLOSED", "The connection ended by itself", "16.14")
OPENING = (CONNECT_OK, ALREADY_CONNECT, FAIL_STATE, CONNECT_FAIL, CLOSED)


def addresses(name: str) -> str:
    """What the test form of a command shows that takes a server."""
    return f'{name}:"(0,255).(0,255).(0,255).(0,255)",(1-65535)\n{name}:"DOMAIN NAME",(1-65535)'


MIPSTART = declare(
    "+MIPSTART",
    "Connection to a server",
    f"{MANUAL}, 16.2",
    params=(svraddr, port),
    test=addresses("+MIPSTART"),
    urcs=OPENING,
)
SSLMIPSTART = declare(
    "+SSLMIPSTART",
    "Connection to a server, secured",
    f"{MANUAL}, 16.2",
    params=(svraddr, port),
    test=addresses("+SSLMIPSTART"),
    urcs=OPENING,
    note="TLS as AT+SSLCFG has it in context 88.",
)
CONNACK_OK = word("CONNACK OK", "The server has accepted the session", "16.3")
FAILED = word("ERROR", "The server has refused, or did not answer", "16.3")
MCONNECT = declare(
    "+MCONNECT",
    "Session with the server",
    f"{MANUAL}, 16.3",
    params=(
        Choice("clean_session", {0: "session is kept", 1: "clean session"}),
        Int("keepalive", 1, 65535, "Keep alive", unit="s"),
    ),
    test="+MCONNECT:(0-1),(1-65535)",
    urcs=(CONNACK_OK, FAILED),
)

PUBACK = word("PUBACK", "A message of QoS 1 is acknowledged", "16.4")
PUBREC = word("PUBREC", "A message of QoS 2 is received", "16.4")
PUBCOMP = word("PUBCOMP", "A message of QoS 2 is done", "16.4")
MPUB = declare(
    "+MPUB",
    "Message to the server",
    f"{MANUAL}, 16.4",
    params=(
        topic,
        qos,
        retain,
        Rest("message", MAX_MESSAGE_BYTES, meaning="The message", escapes=ESCAPES, escaped=True),
    ),
    test="+MPUB:<topic>,(0-2),(0-1),<message>",
    urcs=(PUBACK, PUBREC, PUBCOMP),
    note=r"The message is the rest of the line. \22 \2C \0D \0A \5C stand for a quote, a comma, CR, LF and a "
    "backslash. Between quotes a quote is typed so alone.",
)
MPUBEX = declare(
    "+MPUBEX",
    "Message of any bytes to the server",
    f"{MANUAL}, 16.5",
    params=(topic, qos, retain, maybe(Int("len", 1, MAX_MESSAGE_BYTES, "Length of the message in bytes", counts=True))),
    test="+MPUBEX:<topic>,(0-2),(0-1),<len>",
    urcs=(PUBACK, PUBREC, PUBCOMP),
    note="The message follows the prompt. Without <len> it ends at 0x1A, or when nothing came for 5 s.",
)
SUBACK = word("SUBACK", "The topic is subscribed to", "16.6")
length = Int("len", 0, MAX_MESSAGE_BYTES, "Length of the message in bytes", tail=" byte")
MESSAGE = Urc("+MSUB", "A message", (Text("topic"), length, Payload("message", bare=True)), f"{MANUAL}, 16.6 and 16.14")
STORED = Urc("+MSUB", "A message waits", (Int("store_addr", 0, 3, "Its place"),), f"{MANUAL}, 16.6")
MSUB = declare(
    "+MSUB",
    "Subscription to a topic",
    f"{MANUAL}, 16.6",
    params=(topic, qos),
    test="+MSUB:<topic>,(0-2)",
    urcs=(SUBACK, MESSAGE, STORED),
)
UNSUBACK = word("UNSUBACK", "Unsubscribed from the topic", "16.7")
MUNSUB = declare(
    "+MUNSUB", "End of a subscription", f"{MANUAL}, 16.7", params=(topic,), test="+MUNSUB:<topic>", urcs=(UNSUBACK,)
)
MQTTMSGGET = declare(
    "+MQTTMSGGET",
    "Messages that wait",
    f"{MANUAL}, 16.8",
    read=(Int("store_addr", 0, 3, "Place"), Text("status", bare=True, meaning="VALID or INVALID")),
    execute=(),
    test="",
    note="Each is printed as +MSUB, the oldest first, and its place is free again. Of more than four the latest stay.",
)
mode = Choice(
    "mode", {0: "printed as they come", 1: "kept, until AT+MQTTMSGGET"}, "What happens to messages", default=0
)
MQTTMSGSET = declare(
    "+MQTTMSGSET",
    "Whether messages wait",
    f"{MANUAL}, 16.9",
    params=(mode,),
    read=(mode,),
    kept=Persistence.VOLATILE,
    separator=":",
)
coding = Choice("mode", {0: "text", 1: "hexadecimal"}, "How AT+MPUB has messages", default=0)
MQTTMODE = declare(
    "+MQTTMODE",
    "Coding of messages to the server",
    f"{MANUAL}, 16.10",
    params=(coding,),
    read=(coding,),
    kept=Persistence.VOLATILE,
)
MIPCLOSE = declare("+MIPCLOSE", "End of the connection", f"{MANUAL}, 16.11", execute=(), test="")
MDISCONNECT = declare(
    "+MDISCONNECT",
    "End of the session",
    f"{MANUAL}, 16.12",
    execute=(),
    test="",
    note="The connection stays, until the server ends it.",
)
MQTTSTATU = declare(
    "+MQTTSTATU",
    "State of the session",
    f"{MANUAL}, 16.13",
    execute=(Choice("state", {0: "no connection", 1: "session", 2: "connection without a session"}),),
    test="",
    separator=" :",
)

COMMANDS = commands_of(globals())
