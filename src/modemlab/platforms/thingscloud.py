"""ThingsCloud: a device is known by its access token and its project by a key; nothing is signed.

Source: ThingsCloud's guides to connecting Quectel and Luat modules over MQTT.
"""

from modemlab.platforms import Credentials

__all__ = ["CLIENT_ID", "credentials"]

CLIENT_ID = "thingscloud"
"""The client id that the guides give to every device: it identifies none of them."""


def credentials(access_token: str, project_key: str, client_id: str = CLIENT_ID) -> Credentials:
    """What a device sends: its access token as user name, the project key as password.

    `client_id` is free text. Raises ValueError when the token or the key is empty.
    """
    if not access_token:
        raise ValueError("the access token is empty")
    if not project_key:
        raise ValueError("the project key is empty")
    return Credentials(client_id, access_token, project_key)
