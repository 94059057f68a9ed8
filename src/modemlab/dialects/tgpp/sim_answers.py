"""How the commands of 3GPP TS 27.007 for the SIM are answered: what it waits for, its PIN and its lock."""

import re

from modemlab.at import results
from modemlab.at.command import Command
from modemlab.at.steps import FAULTY, OK, Info, Refused, Steps
from modemlab.at.urc import line_of
from modemlab.dialect.answer_registry import Answers
from modemlab.dialect.device import Device
from modemlab.dialect.mobile import Sim
from modemlab.dialects.tgpp import commands as c
from modemlab.text.catalogue import N_

ANSWERS = Answers()

SIM_CODES = {
    Sim.ABSENT: results.SIM_NOT_INSERTED,
    Sim.BUSY: results.SIM_BUSY,
    Sim.FAILURE: results.SIM_FAILURE,
    Sim.PIN: results.SIM_PIN_REQUIRED,
    Sim.PUK: results.SIM_PUK_REQUIRED,
}
PIN, PUK = re.compile("[0-9]{4,8}"), re.compile("[0-9]{8}")
LOCK, QUERY = 1, 2


def refuse(command: Command, message: str, code: int, /, **values: object) -> Refused:
    """A refusal that cites the command's place in the manual."""
    return Refused(command.where(message, **values), code)


def need_card(module: Device, command: Command, *besides: Sim) -> Sim:
    """The state of the SIM, which must be ready or in one of these."""
    sim = module.mobile.sim
    if sim is not Sim.READY and sim not in besides:
        raise refuse(command, sim.value, SIM_CODES[sim])
    return sim


def need_code(command: Command, name: str, code: str | None, shape: re.Pattern[str] = PIN) -> str:
    """A code that is one: what is none costs no attempt."""
    if code is None or not shape.fullmatch(code):
        message = N_("<{name}> must be 8 digits") if shape is PUK else N_("<{name}> must be 4 to 8 digits")
        raise refuse(command, message, FAULTY, name=name)
    return code


def wrong(module: Device, command: Command, code: int = results.INCORRECT_PASSWORD) -> Refused:
    """The refusal of a code that the card does not accept."""
    lock = module.mobile.sim_lock
    message = N_("the card does not accept the code; {pin} attempts are left for the PIN, {puk} for the PUK")
    return refuse(command, message, code, pin=lock.pin_left, puk=lock.puk_left)


def iccid(module: Device, command: Command) -> str:
    """The ICCID, which can be read before a PIN is entered."""
    sim = module.mobile.sim
    if sim in (Sim.ABSENT, Sim.BUSY, Sim.FAILURE):
        raise refuse(command, sim.value, SIM_CODES[sim])
    return module.identity.iccid


@ANSWERS(c.CIMI.on_execute)
def subscriber(module: Device) -> Steps:
    """The IMSI, which the SIM must be ready to give."""
    need_card(module, c.CIMI)
    yield Info(module.identity.imsi.encode())
    yield OK


@ANSWERS(c.CPIN.on_read)
def show_sim(module: Device) -> Steps:
    """What the SIM waits for."""
    yield Info(c.CPIN.info(need_card(module, c.CPIN, Sim.PIN, Sim.PUK).value))
    yield OK


@ANSWERS(c.CPIN.on_write)
def enter_pin(module: Device, pin: str, newpin: str | None) -> Steps:
    """Give the card the PIN that it asks for, or the PUK and a new PIN."""
    asked = need_card(module, c.CPIN, Sim.PIN, Sim.PUK)
    if not enter(module, c.CPIN, asked, pin, newpin, results.SIM_PUK_REQUIRED):
        raise wrong(module, c.CPIN)
    yield OK


def enter(module: Device, command: Command, asked: Sim, pin: str, newpin: str | None, needs_puk: int) -> bool:
    """Give the card the code that it asks for; whether it accepts it.

    Refuses what the card does not ask for, with the code `needs_puk` where it is a PUK and a new PIN.
    """
    mobile = module.mobile
    if asked is Sim.READY:
        raise refuse(command, N_("the SIM asks for no code"), results.NOT_ALLOWED)
    if asked is Sim.PIN:
        if newpin is not None:
            raise refuse(command, N_("<newpin> is only for a PUK"), FAULTY)
        need_code(command, "pin", pin)
        return mobile.verify_code(lambda lock: lock.enter(pin), module.now)
    if newpin is None:
        raise refuse(command, N_("the SIM asks for the PUK, and <newpin> must be given with it"), needs_puk)
    need_code(command, "pin", pin, PUK)
    new = need_code(command, "newpin", newpin)
    return mobile.verify_code(lambda lock: lock.unblock(pin, new), module.now)


def status(on: int) -> Info:
    """The line that shows a lock."""
    return Info(line_of(c.CLCK.name, (c.lock_status,), (on,)))


@ANSWERS(c.CLCK.on_write)
def lock(module: Device, fac: str, mode: int, passwd: str | None, _class: int | None) -> Steps:
    """Let the card ask for its PIN at each start, or not, or show whether it does; other locks are all off."""
    if mode == QUERY and fac in c.UNLOCKED_ALONE:
        raise refuse(c.CLCK, N_("{fac} is only for <mode> 0"), FAULTY, fac=fac)
    if fac != "SC":
        if mode != QUERY:
            raise refuse(c.CLCK, N_("{fac} is not simulated"), results.NOT_SUPPORTED, fac=fac)
        yield status(0)
    elif mode == QUERY:
        need_card(module, c.CLCK, Sim.PIN, Sim.PUK)
        yield status(int(module.mobile.sim_lock.enabled))
    else:
        need_card(module, c.CLCK)
        pin = need_code(c.CLCK, "passwd", passwd)
        if not module.mobile.verify_code(lambda card: card.enable(mode == LOCK, pin), module.now):
            raise wrong(module, c.CLCK)
    yield OK


@ANSWERS(c.CPWD.on_write)
def change_pin(module: Device, fac: str, oldpwd: str, newpwd: str) -> Steps:
    """Change the PIN of a card that is locked with it."""
    if fac != "SC":
        raise refuse(c.CPWD, N_("{fac} is not simulated"), results.NOT_SUPPORTED, fac=fac)
    need_card(module, c.CPWD)
    old, new = need_code(c.CPWD, "oldpwd", oldpwd), need_code(c.CPWD, "newpwd", newpwd)
    if not module.mobile.sim_lock.enabled:
        raise refuse(c.CPWD, N_("the card is not locked"), results.NOT_ALLOWED)
    if not module.mobile.verify_code(lambda card: card.change(old, new), module.now):
        raise wrong(module, c.CPWD)
    yield OK
