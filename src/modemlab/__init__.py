"""modemlab: virtual cellular modules, a driver, a broker and test tools."""

# As type checkers know it: `typing` takes longer to import than all of this file, and until it is there Ctrl-C prints
# a traceback.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

    from modemlab.at.errors import (
        CommandRefused,
        ConnectionRefused,
        LineError,
        LinkLost,
        ModemError,
        NotDelivered,
        NotReady,
        Remedy,
        Restart,
        TimeoutExpired,
        UsageError,
    )
    from modemlab.dialect.recipes import Message, Will
    from modemlab.driver.modem import Event, EventKind, Modem
    from modemlab.driver.mqtt_client import Client, Tls
    from modemlab.driver.sync import SyncModem
    from modemlab.lab.lab import Lab
    from modemlab.platforms.devices import Aliyun, Huawei, HuaweiProduct, OneNet, Tencent, TencentSuite, ThingsCloud
    from modemlab.virtual.module import VirtualModule

__version__ = "0.1.0"
__all__ = [
    "Aliyun",
    "Client",
    "CommandRefused",
    "ConnectionRefused",
    "Event",
    "EventKind",
    "Huawei",
    "HuaweiProduct",
    "Lab",
    "LineError",
    "LinkLost",
    "Message",
    "Modem",
    "ModemError",
    "NotDelivered",
    "NotReady",
    "OneNet",
    "Remedy",
    "Restart",
    "SyncModem",
    "Tencent",
    "TencentSuite",
    "ThingsCloud",
    "TimeoutExpired",
    "Tls",
    "UsageError",
    "VirtualModule",
    "Will",
]

# The module of each public name: imported when it is asked for, so that the command line starts quickly.
EXPORTS = {
    **dict.fromkeys(
        ("Aliyun", "Huawei", "HuaweiProduct", "OneNet", "Tencent", "TencentSuite", "ThingsCloud"),
        "modemlab.platforms.devices",
    ),
    **dict.fromkeys(
        (
            "CommandRefused",
            "ConnectionRefused",
            "LineError",
            "LinkLost",
            "ModemError",
            "NotDelivered",
            "NotReady",
            "Remedy",
            "Restart",
            "TimeoutExpired",
            "UsageError",
        ),
        "modemlab.at.errors",
    ),
    "Client": "modemlab.driver.mqtt_client",
    "Event": "modemlab.driver.modem",
    "EventKind": "modemlab.driver.modem",
    "Lab": "modemlab.lab.lab",
    "Message": "modemlab.dialect.recipes",
    "Modem": "modemlab.driver.modem",
    "SyncModem": "modemlab.driver.sync",
    "Tls": "modemlab.driver.mqtt_client",
    "VirtualModule": "modemlab.virtual.module",
    "Will": "modemlab.dialect.recipes",
}


def __getattr__(name: str) -> "Any":
    """A public name of the package."""
    from importlib import import_module  # noqa: PLC0415 (as above)

    if name not in EXPORTS:
        raise AttributeError(f"module 'modemlab' has no attribute {name!r}")
    return getattr(import_module(EXPORTS[name]), name)
