"""The commands of the Pocket radio, which exists in its manual alone."""

from modemlab.at.command import Command, Persistence, commands_of
from modemlab.at.parameters import Choice, Int, Payload, Result, Text
from modemlab.at.urc import Urc
from modemlab.dialect.known_commands import read_table

topic = Text("topic", maximum=64, minimum=1, meaning="Topic")
payload = Payload("payload", "The message's own bytes")

ECHO = Command(
    "E",
    "Echo",
    "Pocket manual, 1.1",
    params=(Choice("value", {0: "off", 1: "on"}, default=1),),
    execute=(),
    kept=Persistence.VOLATILE,
)
NAME = Command("+PRNAME", "The radio's name", "Pocket manual, 1.2", execute=(Text("name"),))
QOS = Command(
    "+PRQOS",
    "Quality of service of what is sent",
    "Pocket manual, 2.1",
    params=(Int("qos", 0, 1, "0 at most once, 1 at least once", default=0),),
    read=(Int("qos", 0, 1),),
    kept=Persistence.VOLATILE,
)
CONNECTED = Urc("+PRCONN", "The server answered", (Result({0: "connected", 1: "refused", 2: "no connection"}),))
CONNECT = Command(
    "+PRCONN",
    "Connect to a server",
    "Pocket manual, 2.2",
    params=(Text("host", maximum=64, minimum=1), Int("port", 1, 65535), Text("client", maximum=23, minimum=1)),
    urc=CONNECTED,
    max_response=30,
)
SENT = Urc("+PRSEND", "A message arrived at the server", (Int("number", 1, 65535),))
SEND = Command(
    "+PRSEND",
    "Send a message, typed behind the prompt",
    "Pocket manual, 2.3",
    params=(topic, Int("length", 1, 512, "Length of the message", unit="bytes")),
    urc=SENT,
)
MESSAGE = Urc("+PRMSG", "A message came", (topic, payload))
LISTEN = Command("+PRLISTEN", "Subscribe to a topic", "Pocket manual, 2.4", params=(topic,), urcs=(MESSAGE,))
LOST = Urc("+PRLOST", "The connection ended", (Text("cause", bare=True),))

COMMANDS = commands_of(globals())

KNOWN = read_table(
    "Pocket manual",
    """
+PRNAME   1.2
+PRQOS    2.1
+PRCONN   2.2
+PRSEND   2.3
+PRLISTEN 2.4
+PRSLEEP  3.1 Sleep until a message comes
""",
)
