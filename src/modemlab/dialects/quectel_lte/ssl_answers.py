"""How EC200x, EC600x and EG912Y answer AT+QSSLCFG, and the TLS that a context stands for."""

from datetime import UTC
from typing import Any

from modemlab.at.steps import OK, Info, Steps
from modemlab.dialect.answer_registry import Answer, Answers
from modemlab.dialect.device import Device
from modemlab.dialect.network import TlsOptions
from modemlab.dialects.quectel_lte import ssl_commands as c

ANSWERS = Answers()

# <SSL_version> as the least and the most on the wire.
VERSIONS = {0: (0x0300, 0x0300), 1: (0x0301, 0x0301), 2: (0x0302, 0x0302), 3: (0x0303, 0x0303), 4: (0x0300, 0x0303)}
STORAGE = "UFS:"


def configure(option: str) -> Answer:
    """The answer of an option: shown when its value is left out, else set."""

    def answer(module: Device, context: int, value: int | str | None) -> Steps:
        if value is None:
            ctx, param = c.QSSLCFG.option(option).read or ()
            shown = ctx.render(context), param.render(option_value(module, option, context))
            yield Info(b'+QSSLCFG: "%b",%b,%b' % (option.encode(), *shown))
        else:
            module.set(c.QSSLCFG, (value,), option, context)
        yield OK

    return answer


for plain in c.QSSLCFG.options:
    ANSWERS[c.QSSLCFG.on(plain.name)] = configure(plain.name)


def option_value(module: Device, option: str, context: int) -> Any:
    """What an option of a context is set to."""
    return module.get(c.QSSLCFG, option, context)[0]


def tls_of(module: Device, context: int, host: str) -> TlsOptions:
    """The TLS of a context for a connection to `host`.

    Raises ValueError with one line for the log when a file is missing.
    """

    def setting(option: str) -> Any:
        return option_value(module, option, context)

    clock = module.mobile.clock.shown(module.now)
    level = setting("seclevel")
    minimum, maximum = VERSIONS[setting("sslversion")]
    suite = setting("ciphersuite")
    authority, certificate, key = (
        read_file(module, option, context) if level >= wanted else None
        for option, wanted in (("cacert", 1), ("clientcert", 2), ("clientkey", 2))
    )
    return TlsOptions(
        minimum,
        maximum,
        () if suite == c.ALL_SUITES else (suite,),
        level >= 1,
        authority,
        certificate,
        key,
        check_host=setting("checkhost") == 1,
        at=None if setting("ignorelocaltime") else clock.replace(tzinfo=UTC).timestamp(),
        server_name=host if setting("sni") else None,
        timeout=float(setting("negotiatetime")),
    )


def read_file(module: Device, option: str, context: int) -> bytes:
    """The content of the file that an option names; ValueError when there is none."""
    path: str = option_value(module, option, context)
    where = f'"{option}" of TLS context {context}'
    if not path:
        raise ValueError(f"{where} names no file")
    name = path[len(STORAGE) :] if path.upper().startswith(STORAGE) else path
    try:
        data = module.files.read(name)
    except OSError as error:
        raise ValueError(f"{where}: {path!r} cannot be read: {error.strerror or error}") from error
    if data is None:
        raise ValueError(f"{where}: no such file: {path!r}")
    return data
