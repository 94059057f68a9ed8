"""A device of each cloud, as a host has it: from what the cloud shows of it, where to connect and as whom.

Any NamedTuple with an `access` like these is a platform: hand it to `Modem.mqtt(platform=...)`. Nothing here reads a
clock; `now` has a time zone. Host names are those that the clouds' documents give; a cloud shows the one that is
yours in its console, and `host` of `Modem.mqtt` overrides it.
"""

from datetime import datetime
from typing import NamedTuple, Protocol

from modemlab.at.errors import UsageError
from modemlab.dialect.recipes import MqttSession, PlatformIdentity
from modemlab.platforms import Credentials, aliyun, huawei, onenet, tencent, thingscloud
from modemlab.text.reason import reason_of

PLAIN, SECURE = 1883, 8883
YEAR = 365 * 86_400


class Access(NamedTuple):
    """Where to connect and as whom.

    `own` is for modules that have a command of their own for the platform, `credentials` for all others; None where
    only such a command can connect.
    """

    host: str
    port: int
    credentials: Credentials | None
    own: PlatformIdentity | None = None


class Platform(Protocol):
    """A device of a cloud."""

    def access(self, now: datetime, tls: bool) -> Access:
        """How it connects at that time, with TLS or without. Raises ValueError for values that cannot be used."""


def port(tls: bool) -> int:
    """The usual port."""
    return SECURE if tls else PLAIN


def enter(session: MqttSession, platform: Platform | None, now: datetime) -> MqttSession:
    """The session of a platform's device at that time; a host and a port that it has already stay.

    Without a platform only a port that is missing is filled in. Raises `UsageError` for a device that cannot be used.
    """
    tls = session.tls is not None
    if platform is None:
        return session._replace(port=session.port or port(tls))
    try:
        access = platform.access(now, tls)
    except ValueError as error:
        raise UsageError(reason_of(error)) from None
    session = session._replace(
        host=session.host or access.host, port=session.port or access.port, own_credential=access.own
    )
    return session if access.credentials is None else session._replace(**access.credentials._asdict())


class Aliyun(NamedTuple):
    """A device of Aliyun IoT Platform. An `instance` has a host of its own; without one the `region` has."""

    product_key: str
    device_name: str
    device_secret: str
    client_id: str = ""
    region: str = "cn-shanghai"
    instance: str = ""

    def access(self, _now: datetime, tls: bool) -> Access:
        """Signed without a timestamp; both kinds of connection go to port 1883."""
        if self.instance:
            host = f"{self.instance}.mqtt.iothub.aliyuncs.com"
        else:
            host = f"{self.product_key}.iot-as-mqtt.{self.region}.aliyuncs.com"
        identity = self.client_id or f"{self.product_key}.{self.device_name}"
        made = aliyun.credentials(
            *(identity, self.device_name, self.product_key, self.device_secret),
            securemode=aliyun.TLS if tls else aliyun.TCP,
        )
        return Access(
            host,
            PLAIN,
            made,
            PlatformIdentity("aliyun", identity, (self.product_key, self.device_name, self.device_secret)),
        )


class OneNet(NamedTuple):
    """A device of China Mobile OneNET; `access_key` is its product's, or its own with `by_device`."""

    product_id: str
    device_name: str
    access_key: str
    by_device: bool = False

    def access(self, _now: datetime, tls: bool) -> Access:
        """A token without end. Modules' own commands sign for the product alone."""
        res = onenet.device_resource(self.product_id, self.device_name) if self.by_device else None
        made = onenet.credentials(self.product_id, self.device_name, self.access_key, res=res)
        own = (
            None if self.by_device else PlatformIdentity("onenet", self.device_name, (self.product_id, self.access_key))
        )
        return Access("mqttstls.heclouds.com" if tls else "mqtts.heclouds.com", port(tls), made, own)


class Huawei(NamedTuple):
    """A device of Huawei IoTDA, by its own secret. With `check_time` the cloud checks the hour."""

    device_id: str
    secret: str
    check_time: bool = False
    host: str = "iot-mqtts.cn-north-4.myhuaweicloud.com"

    def access(self, now: datetime, tls: bool) -> Access:
        """Signed with the hour."""
        made = huawei.credentials(self.device_id, self.secret, now, sign_type=int(self.check_time))
        own = PlatformIdentity("huawei", self.device_id, (self.device_id, self.secret, int(self.check_time) or None))
        return Access(self.host, port(tls), made, own)


class HuaweiProduct(NamedTuple):
    """A device of Huawei IoTDA, by the secret of its product."""

    product_id: str
    product_secret: str
    node_id: str
    check_time: bool = False
    host: str = "iot-mqtts.cn-north-4.myhuaweicloud.com"

    def access(self, now: datetime, tls: bool) -> Access:
        """Signed with the hour."""
        checked = int(self.check_time)
        made = huawei.product_credentials(self.product_id, self.product_secret, self.node_id, now, sign_type=checked)
        own = PlatformIdentity(
            "huawei product", made.username, (self.product_id, self.product_secret, self.node_id, checked or None)
        )
        return Access(self.host, port(tls), made, own)


class Tencent(NamedTuple):
    """A device of Tencent Cloud's IoT Hub or IoT Explorer, by its key; `life` of the password is in seconds."""

    product_id: str
    device_name: str
    key: str
    life: int = YEAR

    def access(self, now: datetime, tls: bool) -> Access:
        """Signed with the time of its end, by which one connection is told from the next too."""
        expiry = int(now.timestamp()) + self.life
        made = tencent.credentials(self.product_id, self.device_name, self.key, f"{expiry % 0xFFFFF:05x}", expiry)
        return Access(f"{self.product_id}.iotcloud.tencentdevices.com", port(tls), made)


class TencentSuite(NamedTuple):
    """A device of Tencent Cloud's older IoT Suite: a module fetches its password, from `url` if that is given."""

    product_id: str
    device_name: str
    device_secret: str
    url: str = ""

    def access(self, _now: datetime, tls: bool) -> Access:
        """No password is known here."""
        client_id = f"{self.product_id}@{self.device_name}"
        values = (self.product_id, self.device_name, client_id, self.device_secret, None, self.url or None)
        host = f"{self.product_id}.ap-guangzhou.mqtt.tencentcloudmq.com"
        return Access(host, port(tls), None, PlatformIdentity("tencent suite", client_id, values))


class ThingsCloud(NamedTuple):
    """A device of ThingsCloud; `region` is the first part of the host's name, such as `sh-1`."""

    access_token: str
    project_key: str
    region: str
    client_id: str = thingscloud.CLIENT_ID

    def access(self, _now: datetime, tls: bool) -> Access:
        """Nothing is signed."""
        made = thingscloud.credentials(self.access_token, self.project_key, self.client_id)
        return Access(f"{self.region}-mqtt.iot-api.com", port(tls), made)
