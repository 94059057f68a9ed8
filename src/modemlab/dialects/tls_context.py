"""What AT+SSLCFG and AT+QSSLCFG have in common: meanings of values, the answer of an option, the TLS of a context."""

from collections.abc import Callable
from typing import Any

from modemlab.at.command import Command
from modemlab.at.steps import OK, Info, Steps
from modemlab.dialect.answer_registry import Answer
from modemlab.dialect.device import Device
from modemlab.dialect.network import TlsOptions

ALL_SUITES = 0xFFFF
VERSIONS = {0: "SSL 3.0", 1: "TLS 1.0", 2: "TLS 1.1", 3: "TLS 1.2", 4: "all of them"}
# The least and the most of a version on the wire.
ON_THE_WIRE = {0: (0x0300, 0x0300), 1: (0x0301, 0x0301), 2: (0x0302, 0x0302), 3: (0x0303, 0x0303), 4: (0x0300, 0x0303)}
LEVELS = {0: "nobody is verified", 1: "the server is", 2: "server and client are"}
WITHOUT_EFFECT = "Kept and shown, without effect here."


def configure(command: Command, option: str) -> Answer:
    """The answer of an option of a context: shown when its value is left out, else set."""

    def answer(module: Device, context: int, value: int | str | None) -> Steps:
        if value is None:
            number, param = command.option(option).read or ()
            shown = number.render(context), param.render(option_value(module, command, option, context))
            yield Info(b'%b: "%b",%b,%b' % (command.name.encode(), option.encode(), *shown))
        else:
            module.set(command, (value,), option, context)
        yield OK

    return answer


def option_value(module: Device, command: Command, option: str, context: int) -> Any:
    """What an option of a context is set to."""
    return module.get(command, option, context)[0]


def tls_of(
    module: Device,
    command: Command,
    context: int,
    stored_name: Callable[[str], str],
    *,
    check_host: bool,
    utc: float,
    server_name: str | None,
    timeout: int,
) -> TlsOptions:
    """The TLS of a context.

    `stored_name` gives the name in the store of a file as the host names it. `utc` is what the module's clock makes of
    UTC, in seconds since 1970. `timeout` is in seconds. Raises ValueError with one line for the log when a file is
    missing.
    """

    def setting(option: str) -> Any:
        return option_value(module, command, option, context)

    def content(option: str) -> bytes:
        path: str = setting(option)
        where = f'"{option}" of TLS context {context}'
        if not path:
            raise ValueError(f"{where} names no file")
        try:
            data = module.files.read(stored_name(path))
        except OSError as error:
            raise ValueError(f"{where}: {path!r} cannot be read: {error.strerror or error}") from error
        if data is None:
            raise ValueError(f"{where}: no such file: {path!r}")
        return data

    level = setting("seclevel")
    minimum, maximum = ON_THE_WIRE[setting("sslversion")]
    suite = setting("ciphersuite")
    return TlsOptions(
        minimum,
        maximum,
        () if suite == ALL_SUITES else (suite,),
        level >= 1,
        content("cacert") if level >= 1 else None,
        content("clientcert") if level >= 2 else None,
        content("clientkey") if level >= 2 else None,
        check_host=check_host,
        at=None if setting("ignorelocaltime") else utc,
        server_name=server_name,
        timeout=float(timeout),
    )
