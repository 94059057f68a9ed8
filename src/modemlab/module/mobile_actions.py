"""What the world does to a mobile, each declared once: for scenario files, a control API, transcripts and Python."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Annotated, Any

from modemlab.dialect.mobile import COVERAGE, REFUSALS, REJECTS, Operator, Signal, Sim
from modemlab.module import sim
from modemlab.module.mobile import Mobile
from modemlab.text.catalogue import N_
from modemlab.text.reason import Sentence
from modemlab.validation.actions import Action, action, by_name
from modemlab.validation.fields import Group, ListOf, Number, OneOf, Table, TextField, given
from modemlab.validation.one_of_tables import ByName
from modemlab.validation.parsing import read

MAX_CONTEXT = 15
TIME_FORMAT = "%Y/%m/%d,%H:%M:%S"
# Technologies of 3GPP TS 27.007, 7.3, and the channels that AT+QNWINFO can show.
MAX_ACT, MAX_CHANNEL = 9, 262143


class Time(TextField):
    """A date and time of this century."""

    __slots__ = ()

    def fits(self, value: object) -> bool:
        """Whether it is one."""
        try:
            return isinstance(value, str) and value.startswith("20") and bool(datetime.strptime(value, TIME_FORMAT))
        except ValueError:
            return False


class Address(TextField):
    """An IPv4 or IPv6 address."""

    __slots__ = ()

    def fits(self, value: object) -> bool:
        """Whether it is one."""
        try:
            return isinstance(value, str) and bool(ip_address(value))
        except ValueError:
            return False


# The state of a card has a name, and what AT+CPIN? calls it. An operator's name is of at most 16 characters (AT
# commands manual V1.1, 6.1); its number is MCC and MNC.
SIMS = {**{each.name.lower(): each for each in Sim}, **{each.value.lower(): each for each in Sim}}
WORD = TextField(N_("a word of 1 to 16 characters, without quotes"), "[ !#-~]{1,16}")
CAUSE, REFUSAL = OneOf(tuple(REJECTS)), OneOf(tuple(REFUSALS))
CONTEXT = Number(0, MAX_CONTEXT, whole=True)
STRENGTH, ERRORS = OneOf((*range(32), 99)), OneOf((*range(8), 99))


class MobileAction(Action):
    """Something that the world does to a mobile."""

    __slots__ = ()

    def change(self, mobile: Mobile, now: float) -> None:
        """Do it, at that time."""
        raise NotImplementedError

    def perform(self, vm: Any) -> None:
        """Do it to the mobile of a `VirtualModule`, and log it."""
        now = vm.module.now = vm.now()
        self.change(vm.module.mobile, now)
        vm.module.log("mobile", str(self))
        vm.settle()


@action("insert_sim", "another card, or the same card in another state", card="absent")
class InsertSim(MobileAction):
    card: Annotated[str, OneOf(tuple(SIMS), any_case=True)]

    def change(self, mobile: Mobile, now: float) -> None:
        mobile.insert_sim(SIMS[self.card.lower()], now)


@action("reinsert_sim", "the removed card is inserted again, in its former state, PIN lock included")
class ReinsertSim(MobileAction):
    def change(self, mobile: Mobile, now: float) -> None:
        mobile.reinsert_sim(now)


@action("lock_sim", "a card that requires this PIN, and has this PUK", pin="4321", puk="87654321")
class LockSim(MobileAction):
    pin: Annotated[str, TextField(N_("4 to 8 digits in quotes"), "[0-9]{4,8}", hidden=True)] = sim.PIN
    puk: Annotated[str, TextField(N_("8 digits in quotes"), "[0-9]{8}", hidden=True)] = sim.PUK

    def change(self, mobile: Mobile, now: float) -> None:
        mobile.lock_sim(self.pin, self.puk, now=now)


@action(
    "set_registration",
    "the registration status that the network gives; cause, of 3GPP TS 24.301, is the reason of a refusal. With home "
    "and roaming a cause refuses packet service only",
    stat="denied",
    cause=11,
)
class SetRegistration(MobileAction):
    stat: Annotated[str | int, OneOf((*COVERAGE, *COVERAGE.values()))]
    cause: Annotated[int | None, CAUSE] = None

    def change(self, mobile: Mobile, now: float) -> None:
        stat = COVERAGE[self.stat] if isinstance(self.stat, str) else self.stat
        mobile.set_registration(stat, now, self.cause)


@action("set_operator", "the network of another operator", operator=["CHN-UNICOM", "UNICOM", "46001"])
class SetOperator(MobileAction):
    operator: Annotated[
        tuple[str, str, str],
        Group(
            (WORD, WORD, TextField(N_("digits"), "[0-9]{5,6}")),
            N_("long and short name, each of 1 to 16 characters without quotes, and number, 5 or 6 digits in quotes"),
        ),
    ]

    def change(self, mobile: Mobile, now: float) -> None:
        mobile.set_operator(Operator(*self.operator))


@dataclass(frozen=True, slots=True)
class CellChange(Table):
    """What is other in a cell than in the one before: the fields of `Cell`."""

    title = "cell"

    area: Annotated[str | None, TextField(N_("4 hexadecimal digits"), "[0-9A-F]{4}")] = None
    identity: Annotated[str | None, TextField(N_("4 to 8 hexadecimal digits"), "[0-9A-F]{4,8}")] = None
    act: Annotated[int | None, Number(0, MAX_ACT, whole=True)] = None
    technology: Annotated[str | None, WORD] = None
    band: Annotated[str | None, WORD] = None
    channel: Annotated[int | None, Number(0, MAX_CHANNEL, whole=True)] = None


@action("change_cell", "another cell: the values that change", cell={"area": "00C3", "identity": "80D413D"})
class ChangeCell(MobileAction):
    cell: CellChange

    def change(self, mobile: Mobile, now: float) -> None:
        mobile.change_cell(mobile.cell._replace(**given(self.cell)))


@action(
    "set_signal",
    "signal strength and bit error rate, in the units of AT+CSQ; strength 99: no signal, and the registration is lost",
    signal=[9, 99],
)
class SetSignal(MobileAction):
    signal: Annotated[
        tuple[int, int],
        Group((STRENGTH, ERRORS), N_("strength, 0 to 31 or 99, and bit error rate, 0 to 7 or 99, as [20, 99]")),
    ]

    def change(self, mobile: Mobile, now: float) -> None:
        mobile.set_signal(Signal(*self.signal), now)


@action("set_time_zone", "the network sends another time zone", zone=36, daylight=1)
class SetTimeZone(MobileAction):
    zone: Annotated[int, Number(-48, 56, N_("quarters of an hour"), whole=True)]
    daylight: Annotated[int, Number(0, 2, N_("hours"), whole=True)]

    def change(self, mobile: Mobile, now: float) -> None:
        mobile.set_time_zone(self.zone, self.daylight, now)


@action("set_network_time", "the network sends this UTC, right or wrong", time="2024/05/06,22:10:00")
class SetNetworkTime(MobileAction):
    time: Annotated[str, Time("a time of this century, as 2024/05/06,22:10:00")]

    def change(self, mobile: Mobile, now: float) -> None:
        mobile.set_network_time(datetime.strptime(self.time, TIME_FORMAT), now)


@action("disable_nitz", "the network stops sending its time (NITZ)")
class DisableNitz(MobileAction):
    def change(self, mobile: Mobile, now: float) -> None:
        mobile.disable_nitz()


@action("detach", "the network detaches the mobile; the host may attach it again", cause=10)
class Detach(MobileAction):
    cause: Annotated[int, CAUSE] = 10

    def change(self, mobile: Mobile, now: float) -> None:
        mobile.detached_by_network(now, self.cause)


@action("refuse_contexts", "the network refuses to activate these PDP contexts, or all", cause=27, cids=[1])
class RefuseContexts(MobileAction):
    cause: Annotated[int, REFUSAL] = 33
    cids: Annotated[
        Sequence[int],
        ListOf(
            CONTEXT,
            Sentence(N_("a list of whole numbers from 0 to {maximum}"), maximum=MAX_CONTEXT),
            maximum=MAX_CONTEXT + 1,
        ),
    ] = ()

    def change(self, mobile: Mobile, now: float) -> None:
        mobile.refuse_contexts(self.cause, self.cids)


@action("accept_contexts", "the network activates contexts again")
class AcceptContexts(MobileAction):
    def change(self, mobile: Mobile, now: float) -> None:
        mobile.accept_contexts()


@action("drop_context", "the network deactivates a context", cid=1, cause=36)
class DropContext(MobileAction):
    cid: Annotated[int, CONTEXT]
    cause: Annotated[int, REFUSAL] = 36

    def change(self, mobile: Mobile, now: float) -> None:
        mobile.drop_context(self.cid, self.cause)


@action(
    "change_address",
    "a context gets another address; connections on the old address are lost",
    cid=1,
    address="10.64.1.9",
)
class ChangeAddress(MobileAction):
    cid: Annotated[int, CONTEXT]
    address: Annotated[str | None, Address("an IPv4 or IPv6 address")] = None

    def change(self, mobile: Mobile, now: float) -> None:
        mobile.change_address(self.cid, self.address and str(ip_address(self.address)))


MOBILE_ACTIONS = by_name(
    *(InsertSim, ReinsertSim, LockSim, SetRegistration, SetOperator, ChangeCell, SetSignal, SetTimeZone),
    *(SetNetworkTime, DisableNitz, Detach, RefuseContexts, AcceptContexts, DropContext, ChangeAddress),
)
ANY_OF_THEM = Annotated[MobileAction, ByName(MOBILE_ACTIONS, N_("an action"))]


def read_mobile_action(name: str, arguments: Mapping[str, Any]) -> MobileAction:
    """The action of that name. Raises `Mistakes` for an unknown name or arguments that do not fit."""
    return read(ANY_OF_THEM, {**arguments, "do": name})
