"""modemlab: virtual cellular modules, what drives them, and what they talk to, on one desk."""

# As type checkers know it: `typing` takes longer to import than all of this file, and until it is there Ctrl-C prints
# a traceback.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

    from modemlab.at.recipes import Message, Will
    from modemlab.bench.blocking import SyncModem
    from modemlab.bench.client import Client, Tls
    from modemlab.bench.modem import Modem
    from modemlab.bench.virtual import VirtualModule
    from modemlab.platforms.devices import (
        Aliyun,
        Huawei,
        HuaweiProduct,
        OneNet,
        Tencent,
        TencentSuite,
        ThingsCloud,
    )

__version__ = "0.1.0"
__all__ = [
    "Aliyun",
    "Client",
    "Huawei",
    "HuaweiProduct",
    "Message",
    "Modem",
    "OneNet",
    "SyncModem",
    "Tencent",
    "TencentSuite",
    "ThingsCloud",
    "Tls",
    "VirtualModule",
    "Will",
]

# Where each name is: imported when it is asked for, so that the command line starts quickly.
PLACES = {
    **dict.fromkeys(
        ("Aliyun", "Huawei", "HuaweiProduct", "OneNet", "Tencent", "TencentSuite", "ThingsCloud"),
        "modemlab.platforms.devices",
    ),
    "Client": "modemlab.bench.client",
    "Message": "modemlab.at.recipes",
    "Modem": "modemlab.bench.modem",
    "SyncModem": "modemlab.bench.blocking",
    "Tls": "modemlab.bench.client",
    "VirtualModule": "modemlab.bench.virtual",
    "Will": "modemlab.at.recipes",
}


def __getattr__(name: str) -> "Any":
    """A public name of the package."""
    from importlib import import_module  # noqa: PLC0415 (as above)

    if name not in PLACES:
        raise AttributeError(f"module 'modemlab' has no attribute {name!r}")
    return getattr(import_module(PLACES[name]), name)
