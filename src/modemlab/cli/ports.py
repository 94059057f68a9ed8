"""`modemlab ports`: the serial ports of this machine."""

from modemlab.cli.running import Trouble, page, printable, say

VIRTUAL = (
    "The ptys of virtual modules are in no list of the system's: `modemlab module` and `modemlab up` print theirs."
)


def ports() -> None:
    """The serial ports of this machine, and which are modules'. Needs pyserial.

    A module on USB has several: `modemlab probe PORT` finds the one for AT commands.
    """
    from rich.table import Table

    from modemlab.ports.holders import holders
    from modemlab.ports.listing import found_ports

    try:
        found = found_ports()
    except ValueError as error:
        raise Trouble(str(error)) from None
    table = Table("port", "USB", "interface", "module", "description", "in use by", box=None, pad_edge=False)
    using = holders(port.device for port in found)
    for port in found:
        users = ", ".join(f"{each.name} ({each.pid})" for each in using[port.device])
        interface = str(port.interface) if port.interface >= 0 else ""
        row = (port.device, port.usb, interface, port.module, port.description, users)
        table.add_row(*map(printable, row))
    if found:
        with page() as out:
            out.print(table)
    else:
        say("The system lists no serial port.")
    say(f"\n{VIRTUAL}")
