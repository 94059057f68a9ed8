"""How Luat's modules answer AT+SSLCFG, and the TLS of its context for MQTT (Luat AT manual V1.6.3, 12.7)."""

import re
from datetime import UTC

from modemlab.at.steps import Refused, Steps
from modemlab.dialect.answer_registry import Answers
from modemlab.dialect.device import Device
from modemlab.dialect.network import TlsOptions
from modemlab.dialects import tls_context
from modemlab.dialects.luat import ssl_commands as c
from modemlab.dialects.luat.errors import INVALID_PARAMETERS
from modemlab.dialects.luat.file_answers import stored_name
from modemlab.text.catalogue import N_

ANSWERS = Answers({c.SSLCFG.on(o.name): tls_context.configure(c.SSLCFG, o.name) for o in c.SSLCFG.options})
RANDOM = re.compile(r"(?:[0-9A-Fa-f]{56}|[0-9A-Fa-f]{64})?")


@ANSWERS(c.SSLCFG.on("clientrandom"))
def set_random(module: Device, context: int, value: str | None) -> Steps:
    """Check the number's digits, and keep it."""
    if value is not None and not RANDOM.fullmatch(value):
        raise Refused(c.SSLCFG.where(N_("<randbytes> is 56 or 64 hexadecimal digits")), INVALID_PARAMETERS)
    yield from tls_context.configure(c.SSLCFG, "clientrandom")(module, context, value)


def tls_of(module: Device) -> TlsOptions:
    """The TLS of the connection for MQTT.

    Raises ValueError with one line for the log when a file is missing.
    """
    name, level, timeout = (
        tls_context.option_value(module, c.SSLCFG, option, c.MQTT)
        for option in ("hostname", "seclevel", "negotiatetimeout")
    )
    clock = module.mobile.clock
    return tls_context.tls_of(
        module,
        c.SSLCFG,
        c.MQTT,
        stored_name,
        check_host=level >= 1 and bool(name),
        utc=clock.shown(module.now).replace(tzinfo=UTC).timestamp() - 900 * clock.zone,
        server_name=name or None,
        timeout=timeout,
    )
