"""How the commands of ITU-T V.250 are answered; settings answer by their declaration alone."""

from modemlab.at.steps import OK, Info, Refused, Steps
from modemlab.dialect.answer_registry import Answers
from modemlab.dialect.device import Device
from modemlab.dialects.v250 import commands as c
from modemlab.text.catalogue import N_

ANSWERS = Answers()

# What AT&V shows, in its order; profile numbers are always 0.
SHOWN_SETTINGS = ("&C", "&D", "&F", "&W", "E", "Q", "V", "X", "Z", "S0", "S3", "S4", "S5", "S6", "S7", "S8", "S10")


@ANSWERS(c.RESET_TO_PROFILE.on_write)
def reset(module: Device, _value: int) -> Steps:
    """Take the settings of the profile back to what AT&W stored; the rest of the line is still done."""
    module.restore_profile()
    yield OK


@ANSWERS(c.FACTORY.on_write)
def factory(module: Device, _value: int) -> Steps:
    """Take the settings of table 7 back to the factory's."""
    module.reset_profile()
    yield OK


@ANSWERS(c.STORE.on_write)
def store(module: Device, _value: int) -> Steps:
    """Store the settings of table 8."""
    module.store_profile()
    yield OK


@ANSWERS(c.VIEW.on_write)
def view(module: Device) -> Steps:
    """Show the settings of table 2."""
    for name in SHOWN_SETTINGS:
        command = c.COMMANDS[name]
        value = module.get(command)[0]
        yield Info(f"{name}: {value}".encode())
    yield OK


@ANSWERS(c.INFORMATION.on_write)
def inform(module: Device, _value: int) -> Steps:
    """Maker, model and revision, a line each."""
    model = module.model
    for line in (model.maker, model.shown, f"Revision: {model.revision}"):
        yield Info(line.encode())
    yield OK


ANSWERS.prints(c.GMI, lambda module: module.model.maker)
ANSWERS.prints(c.GMM, lambda module: module.model.shown)
ANSWERS.prints(c.GMR, lambda module: module.model.revision)
ANSWERS.prints(c.GSN, lambda module: module.identity.imei)


@ANSWERS(c.IFC.on_write)
def control_flow(module: Device, dce_by_dte: int, dte_by_dce: int) -> Steps:
    """Set the flow control, the same both ways."""
    if dce_by_dte != dte_by_dce:
        raise Refused(c.IFC.where(N_("both values must be the same")))
    module.set(c.IFC, (dce_by_dte, dte_by_dce))
    yield OK
