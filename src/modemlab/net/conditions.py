"""What a network does to the connections of a module: conditions, by name or by figure, and single strikes.

Plain data; `modemlab.net.delay_queue` works out what they come to, `modemlab.net.impairment` does it.
"""

from dataclasses import dataclass
from typing import Annotated

from modemlab.text.catalogue import N_
from modemlab.text.name_suggestions import not_known
from modemlab.text.number_format import figure
from modemlab.text.reason import Sentence
from modemlab.validation.fields import Number, OneOf, Table, check
from modemlab.validation.input_errors import InvalidInput

BITS_PER_S = Number(0, 1e10, N_("bits a second, 0 for no limit"))
MINUTE, DAY = Number(0, 60, N_("seconds")), 86_400
MEAN_SECONDS = Number(0, 1e7, N_("seconds, 0 for never"))


@dataclass(frozen=True, slots=True)
class Conditions(Table):
    """The network between a module and its servers; without arguments one that does nothing.

    - `rtt`: round-trip time in seconds, half of it each way; `jitter`: up to so many seconds more each way.
    - `uplink`, `downlink`: bandwidth from and to the module, shared by all its connections.
    - `loss`: how likely each transmission of a segment is lost. TCP sends it again after `rto` seconds, then twice
      as many, and so on; what was sent after it waits (RFC 6298, 2 and 5). No byte is lost or out of order.
    - `gap_interval`, `gap_duration`: every so many seconds there is no network for the last so many of them.
    - `dns`: whether names are resolved, do not exist, or are never answered; `dns_delay`: seconds that it takes.
    - `connect_result`: whether new connections are accepted, refused, or never answered.
    - `reset_interval`, `half_open_interval`: an open connection is reset, or dies without a word, after so many seconds
      on average; 0 for never.
    """

    rtt: Annotated[float, MINUTE] = 0.0
    jitter: Annotated[float, MINUTE] = 0.0
    uplink: Annotated[float, BITS_PER_S] = 0.0
    downlink: Annotated[float, BITS_PER_S] = 0.0
    loss: Annotated[float, Number(0, 1)] = 0.0
    rto: Annotated[float, Number(0.001, 60, N_("seconds"))] = 1.0
    gap_interval: Annotated[float, Number(0, DAY, N_("seconds, 0 for never"))] = 0.0
    gap_duration: Annotated[float, Number(0, DAY, N_("seconds"))] = 0.0
    dns: Annotated[str, OneOf(("works", "fails", "silent"))] = "works"
    dns_delay: Annotated[float, MINUTE] = 0.0
    connect_result: Annotated[str, OneOf(("works", "refused", "black-holed"))] = "works"
    reset_interval: Annotated[float, MEAN_SECONDS] = 0.0
    half_open_interval: Annotated[float, MEAN_SECONDS] = 0.0

    def __post_init__(self) -> None:
        """Hold the fields to what they take, and to each other."""
        check(self)
        if self.gap_duration > self.gap_interval:
            maximum = Sentence(N_("{seconds} seconds at most, as gap_interval"), seconds=figure(self.gap_interval))
            raise InvalidInput.misfit(self, "gap_duration", maximum)

    @property
    def uses_random(self) -> bool:
        """Whether chance has a part in it."""
        return self.jitter > 0 or 0 < self.loss < 1 or self.reset_interval > 0 or self.half_open_interval > 0


@dataclass(frozen=True, slots=True)
class ConnectionDisruption(Table):
    """Something that happens once to open connections: all of them, or that of one MQTT client.

    `reset` and `close` are told to both ends; after `half_open` nothing passes any more, and nobody is told.
    """

    how: Annotated[str, OneOf(("reset", "close", "half_open"))]
    client: Annotated[int | None, Number(0, 99, whole=True)] = None


LAB = Conditions()
CAT1 = Conditions(rtt=0.07, jitter=0.02, uplink=5.16e6, downlink=10.296e6, loss=0.001, dns_delay=0.02)
PROFILES = {
    "lab": LAB,
    "cat1": CAT1,
    "nbiot": Conditions(rtt=1.6, jitter=0.8, uplink=62_500, downlink=26_000, loss=0.01, rto=3.0, dns_delay=0.1),
    "edge-of-cell": Conditions(
        rtt=0.4,
        jitter=0.6,
        uplink=128_000,
        downlink=256_000,
        loss=0.08,
        dns_delay=0.5,
        reset_interval=1200,
        half_open_interval=1800,
    ),
    "tunnel": Conditions(
        rtt=0.07,
        jitter=0.02,
        uplink=5.16e6,
        downlink=10.296e6,
        loss=0.001,
        dns_delay=0.02,
        gap_interval=90,
        gap_duration=25,
    ),
}
"""The profiles.

- `lab`: nothing; the machine's own network.
- `cat1`: LTE Cat 1 in good reception. Peak rates 10.296 and 5.160 Mbit/s (3GPP TS 36.306, tables 4.1-1 and 4.1-2);
  50 to 100 ms to a server of the same country and back are what LTE users measure.
- `nbiot`: NB-IoT, Cat NB1, in good reception and connected. Peak rates about 26 kbit/s down and 62.5 kbit/s up
  (3GPP TS 36.306, table 4.1C, 680 and 1,000 bits a block); 1.6 s is the lower end of the latency that makers state
  for it, 10 s the upper (the limit of 3GPP TR 45.820); an RTO of 3 s is what such a path needs (RFC 6298, 2.1).
- `edge-of-cell`: LTE with bad reception: of the order of what operators promise at the edge of a cell; loss, resets
  and dead links are our own figures.
- `tunnel`: `cat1` with 25 s without network every 90 s: 600 m of tunnel at 90 km/h, every 2 km. Our own figures.

An `rto` of 1 s is RFC 6298's (2.1 and 2.4).
"""


def profile(name: str) -> Conditions:
    """The profile of that name. Raises LookupError with one line that lists the known ones."""
    if name not in PROFILES:
        raise LookupError(not_known(name, N_("network profile"), tuple(PROFILES)))
    return PROFILES[name]
