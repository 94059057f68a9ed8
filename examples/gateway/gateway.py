"""A gateway: what sensors send as UDP datagrams goes to the cloud through a module, and orders come back.

    python gateway.py --port /dev/ttyUSB2 --host broker.example

A datagram is a sensor's name, a blank and its reading: `boiler {"t": 61.5}`. It is published as `site/boiler` with
QoS 1. A message on `site/boiler/set` goes back as a datagram to where the boiler was heard last.
"""

import argparse
import asyncio
import logging
import os
import re
from collections.abc import Callable, Sequence

from modemlab import Client, Message, Modem

SITE = "site"
# Readings that wait for the network; from then on the oldest is lost.
MOST_WAITING = 100
NAME = re.compile(rb"[A-Za-z0-9_-]{1,32}")
log = logging.getLogger("gateway")
Address = tuple[str, int]


class Sensors(asyncio.DatagramProtocol):
    """The sensors' side: readings wait in `readings`, `where` is where each sensor was heard last."""

    def __init__(self) -> None:
        """Nobody was heard yet."""
        self.readings: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(MOST_WAITING)
        self.where: dict[str, Address] = {}
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        """The socket is there."""
        self._transport = transport

    def datagram_received(self, data: bytes, where: Address) -> None:
        """A reading came."""
        name, blank, reading = data.partition(b" ")
        if not blank or NAME.fullmatch(name) is None:
            log.warning("%s: not NAME and a reading: %.40r", where[0], data)
            return
        if self.readings.full():
            lost, _ = self.readings.get_nowait()
            log.warning("too many readings wait: one of %s is lost", lost)
        self.where[name.decode()] = where
        self.readings.put_nowait((name.decode(), reading))

    def order(self, message: Message) -> None:
        """Pass an order on."""
        name = message.topic.split("/")[1]
        if name in self.where and self._transport is not None:
            self._transport.sendto(message.payload, self.where[name])
        else:
            log.warning("an order for %s, which was never heard", name)


async def publish(client: Client, sensors: Sensors) -> None:
    """Pass readings on, each until it is acknowledged."""
    while True:
        name, reading = await sensors.readings.get()
        await client.publish(f"{SITE}/{name}", reading, qos=1)


async def obey(client: Client, sensors: Sensors) -> None:
    """Pass orders on."""
    async for message in client.messages:
        sensors.order(message)


async def serve(
    port: str, server: Address, listen: Address, ready: Callable[[Address], None] = lambda _address: None
) -> None:
    """Serve until cancelled; `ready` is told where sensors are heard. Raises `ModemError` when the module is gone."""
    async with Modem.open(port, on_event=lambda event: log.info("%s: %s", event.kind, event.text)) as modem:
        await modem.ready()
        async with modem.mqtt(*server, client_id="gateway") as client:
            await client.subscribe(f"{SITE}/+/set", qos=1)
            transport, sensors = await asyncio.get_running_loop().create_datagram_endpoint(Sensors, listen)
            try:
                ready(transport.get_extra_info("sockname"))
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(publish(client, sensors))
                    tasks.create_task(obey(client, sensors))
            finally:
                transport.close()


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Readings from UDP to MQTT, through a module.")
    parser.add_argument("--port", default=os.environ.get("MODEMLAB_PORT"), help="the module's line")
    parser.add_argument("--host", default=os.environ.get("MODEMLAB_MQTT_HOST"), help="the broker")
    parser.add_argument("--mqtt-port", type=int, default=os.environ.get("MODEMLAB_MQTT_PORT", "1883"))
    parser.add_argument("--listen", type=int, default=5005, metavar="UDP-PORT")
    given = parser.parse_args(arguments)
    if not given.port or not given.host:
        parser.error("--port and --host are needed")
    logging.basicConfig(level=logging.INFO)
    asyncio.run(serve(given.port, (given.host, given.mqtt_port), ("0.0.0.0", given.listen)))


if __name__ == "__main__":
    main()
