"""A bare MQTT client for the tests of brokers: packets as they are, nothing done by itself."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Self

from modemlab.broker.server import Broker
from modemlab.mqtt import packets as p

TIMEOUT = 60.0
_opened: list["Wire"] = []


async def close_wires() -> None:
    """Close every connection that a test has left open."""
    while _opened:
        await _opened.pop().close()


class Wire:
    """One TCP connection; `level` is that of the last CONNECT."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.decoder = p.Decoder(from_server=True)
        self.packets: list[p.Packet] = []
        self.level = 4

    @classmethod
    async def to(cls, port: int) -> Self:
        """Open a TCP connection."""
        wire = cls(*await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), TIMEOUT))
        _opened.append(wire)
        return wire

    @classmethod
    async def connected(cls, port: int, connect: p.Connect, present: bool = False) -> Self:
        """Open an MQTT connection that is accepted."""
        wire = await cls.to(port)
        wire.send(connect)
        assert await wire.next() == p.Connack(0, present)
        return wire

    def send(self, *packets: p.Packet) -> None:
        """Send packets in one write."""
        for packet in packets:
            if isinstance(packet, p.Connect):
                self.level = self.decoder.level = packet.level
        self.writer.write(b"".join(p.encode(packet, self.level) for packet in packets))

    async def read(self) -> bytes:
        """Read what is there; b"" at the end of the stream, however it ended."""
        try:
            return await asyncio.wait_for(self.reader.read(65536), TIMEOUT)
        except ConnectionError:
            return b""

    async def next(self) -> p.Packet:
        """Wait for the next packet."""
        while not self.packets:
            data = await self.read()
            assert data, "the broker closed the connection"
            self.packets += self.decoder.feed(data)
        return self.packets.pop(0)

    async def ended(self) -> list[p.Packet]:
        """Wait until the broker closes the connection; returns the packets that came before."""
        while data := await self.read():
            self.packets += self.decoder.feed(data)
        await self.close()
        return self.packets

    async def subscribe(self, *filters: tuple[str, int]) -> tuple[int, ...]:
        """Subscribe; returns the codes."""
        self.send(p.Subscribe(999, filters))
        answer = await self.next()
        assert isinstance(answer, p.Suback)
        assert answer.packet_id == 999
        return answer.codes

    async def publish(self, topic: str, payload: bytes, qos: int = 0, retain: bool = False) -> None:
        """Publish, to the end of its exchange; nothing else may come meanwhile."""
        self.send(p.Publish(topic, payload, qos, retain, packet_id=7 if qos else 0))
        if qos == 1:
            assert await self.next() == p.Puback(7)
        elif qos == 2:
            assert await self.next() == p.Pubrec(7)
            self.send(p.Pubrel(7))
            assert await self.next() == p.Pubcomp(7)

    async def message(self) -> p.Publish:
        """Wait for the next message and acknowledge it to its end."""
        packet = await self.next()
        assert isinstance(packet, p.Publish), packet
        if packet.qos == 1:
            self.send(p.Puback(packet.packet_id))
        elif packet.qos == 2:
            self.send(p.Pubrec(packet.packet_id))
            early: list[p.Packet] = []  # other messages may come ahead of PUBREL
            while (answer := await self.next()) != p.Pubrel(packet.packet_id):
                early.append(answer)
            self.packets[:0] = early
            self.send(p.Pubcomp(packet.packet_id))
        return packet

    async def close(self) -> None:
        """Close the TCP connection without DISCONNECT."""
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()

    async def disconnect(self) -> None:
        """Send DISCONNECT and wait for the broker to close; nothing may come meanwhile."""
        self.send(p.Disconnect())
        assert await self.ended() == []

    async def quiet(self) -> None:
        """Make sure that nothing else was on its way: PINGREQ is answered next."""
        self.send(p.Pingreq())
        assert await self.next() == p.Pingresp()


def with_broker(test: Callable[[Broker, int], Awaitable[None]], broker: Broker | None = None) -> None:
    """Run a test against a broker that listens."""

    async def main() -> None:
        used = broker or Broker()
        _, port = await used.start()
        try:
            await test(used, port)
        finally:
            await close_wires()
            await used.close()

    asyncio.run(main())
