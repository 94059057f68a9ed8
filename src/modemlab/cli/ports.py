"""`modemlab ports`: the serial ports of this machine."""

from modemlab.cli.common import page, printable, say
from modemlab.cli.language import tr
from modemlab.text.catalogue import N_

VIRTUAL = N_(
    "The ptys of virtual modules are in no list of the system's: `modemlab module` and `modemlab up` print theirs."
)
NAMES_ALONE = N_("Only names are known here. To see USB ids and modules: pip install pyserial")


def ports() -> None:
    """The serial ports of this machine, and which are modules'.

    A module on USB has several: `modemlab probe PORT` finds the one for AT commands.
    """
    from rich.table import Table

    from modemlab.ports.listing import by_id, found_ports, tells_all
    from modemlab.ports.port_users import holders

    found = found_ports()
    names = [by_id(port.device) for port in found]
    table = Table(
        tr("port"), "USB", tr("interface"), tr("module"), tr("description"), tr("in use by"), box=None, pad_edge=False
    )
    if any(names):
        table.add_column(tr("its name by id"))
    using = holders(port.device for port in found)
    for port, name in zip(found, names, strict=True):
        users = ", ".join(f"{each.name} ({each.pid})" for each in using[port.device])
        interface = str(port.interface) if port.interface >= 0 else ""
        row = (port.device, port.usb, interface, port.module, port.description, users)
        table.add_row(*map(printable, (*row, name) if any(names) else row))
    if found:
        with page() as out:
            out.print(table)
    else:
        say(tr("The system lists no serial port."))
    if not tells_all():
        say("\n" + tr(NAMES_ALONE))
    say("\n" + tr(VIRTUAL))
