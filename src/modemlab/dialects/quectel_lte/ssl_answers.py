"""How EC200x, EC600x and EG912Y answer AT+QSSLCFG, and the TLS that a context stands for."""

from datetime import UTC

from modemlab.dialect.answer_registry import Answers
from modemlab.dialect.device import Device
from modemlab.dialect.network import TlsOptions
from modemlab.dialects import tls_context
from modemlab.dialects.quectel_lte import ssl_commands as c

ANSWERS = Answers({c.QSSLCFG.on(o.name): tls_context.configure(c.QSSLCFG, o.name) for o in c.QSSLCFG.options})

STORAGE = "UFS:"


def stored_name(path: str) -> str:
    """A name without the storage, the only one there is."""
    return path[len(STORAGE) :] if path.upper().startswith(STORAGE) else path


def tls_of(module: Device, context: int, host: str) -> TlsOptions:
    """The TLS of a context for a connection to `host`.

    Raises ValueError with one line for the log when a file is missing.
    """
    check, sni, timeout = (
        tls_context.option_value(module, c.QSSLCFG, option, context) for option in ("checkhost", "sni", "negotiatetime")
    )
    return tls_context.tls_of(
        module,
        c.QSSLCFG,
        context,
        stored_name,
        check_host=check == 1,
        utc=module.mobile.clock.shown(module.now).replace(tzinfo=UTC).timestamp(),
        server_name=host if sni else None,
        timeout=timeout,
    )
