"""Callers of the driver that fail, leave early, come too late, or call from many threads."""

import asyncio
import threading
from typing import Any

import pytest

from modemlab import Modem, SyncModem
from modemlab.at.errors import LineError, LinkLost, ModemError, UsageError
from modemlab.driver.mqtt_client import Client
from modemlab.driver.protocol import identify
from modemlab.driver.sync import LoopThread
from modemlab.net.conditions import ConnectionDisruption
from support.modem_desk import WAIT, Desk, on_desk, payload, port_of


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A virtual module's line needs no time to settle."""
    monkeypatch.setattr(identify, "SETTLE_S", 0.005)


def test_entering_is_cancelled_anywhere() -> None:
    """Nothing is left of it: not on the line, not on the module, not of the client's number."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem:
            for steps in range(1, 120, 7):
                task = asyncio.create_task(desk.mqtt(modem, client_id="pump-8").__aenter__())
                for _ in range(steps):
                    await asyncio.sleep(0)
                task.cancel()
                (ended,) = await asyncio.gather(task, return_exceptions=True)
                if isinstance(ended, Client):
                    await ended.close()
                assert modem.link.exchange.idle
                assert await modem.command("AT+QMTOPEN?") == []
            async with desk.mqtt(modem) as client:
                await client.publish("a", "b", qos=1)
                assert client.number == 0

    on_desk(work)


def test_a_client_that_is_closed_twice() -> None:
    """The second time is nobody else's end; and a client is entered once."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem:
            async with desk.mqtt(modem, client_id="one") as one:
                await one.close()
                other = await desk.mqtt(modem, client_id="other").__aenter__()
            await other.subscribe("a", qos=1)
            await other.publish("a", "b", qos=1)
            assert await payload(other) == b"b"
            with pytest.raises(LinkLost, match="closed"):
                await one.__aenter__()

    on_desk(work)


def test_publishing_while_the_client_is_closed() -> None:
    """Whoever waits for a place in the window is told, and writes nothing."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem:
            client = await desk.mqtt(modem).__aenter__()
            tasks = [asyncio.create_task(client.publish("a", number, qos=1)) for number in range(30)]
            await asyncio.sleep(0)
            await client.close()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            assert {type(each) for each in ended} <= {type(None), LinkLost}
            assert modem.link.exchange.idle
            assert await modem.command("AT+CSQ") == ["+CSQ: 24,99"]

    on_desk(work)


def test_closing_while_it_reconnects() -> None:
    """Wherever it is, it ends, and leaves nothing connected."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem:
            for steps in range(0, 100, 9):
                client = await desk.mqtt(modem).__aenter__()
                desk.vm.network.disconnect(ConnectionDisruption("reset"))
                await desk.told("link_lost")
                desk.events.clear()
                for _ in range(steps):
                    await asyncio.sleep(0)
                await client.close()
                assert modem.link.exchange.idle
                assert await modem.command("AT+QMTOPEN?") == []

    on_desk(work)


def test_power_that_fails_while_a_client_is_closed() -> None:
    """It ends, and the modem goes on."""

    async def work(desk: Desk) -> None:
        async with desk.modem() as modem:
            client = await desk.mqtt(modem).__aenter__()
            closing = asyncio.create_task(client.close())
            await asyncio.sleep(0)
            desk.vm.power_key()
            desk.vm.power_key()
            await closing
            await desk.told("module_restarted")
            assert await modem.command("AT+CSQ") == ["+CSQ: 24,99"]

    on_desk(work)


def test_callbacks_that_fail() -> None:
    """They disturb neither the line nor the client; the event loop is told."""

    async def work(desk: Desk) -> None:
        told: list[str] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["message"]))

        def fail(*_: Any) -> None:
            raise RuntimeError("the caller's")

        modem = Modem.open(desk.vm.urls[0], on_event=fail, on_urc=fail, on_bytes=fail)
        async with modem, desk.mqtt(modem) as client:
            await client.subscribe("a", qos=1)
            desk.vm.network.disconnect(ConnectionDisruption("reset"))
            await client.publish("a", "b", qos=1)
            assert await payload(client) == b"b"
        assert set(told) == {f"a callback of {desk.vm.urls[0]} failed"}

    on_desk(work, ports=["tcp://127.0.0.1:0"])


def test_commands_that_callbacks_start() -> None:
    """A URC has a task ask something."""

    async def work(desk: Desk) -> None:
        tasks: list[asyncio.Task[Any]] = []

        def heard(name: str, _values: tuple[Any, ...]) -> None:
            if name == "+QMTPUBEX":
                tasks.append(asyncio.create_task(modem.command("AT+CSQ")))

        modem = Modem.open(port_of(desk), on_urc=heard)
        async with modem, desk.mqtt(modem) as client:
            for _ in range(3):
                await client.publish("a", "b", qos=1)
            assert await asyncio.gather(*tasks) == [["+CSQ: 24,99"]] * 3

    on_desk(work)


def test_calls_out_of_place() -> None:
    """Each is told at once."""

    async def work(desk: Desk) -> None:
        closed = desk.modem()
        with pytest.raises(LineError, match="not open"):
            await closed.command("AT")
        async with desk.modem() as modem:
            for line in ("", "AT+CSQ\r", "AT\nAT", "AT\x1b"):
                with pytest.raises(UsageError, match="no command line"):
                    await modem.command(line)
            with pytest.raises(UsageError, match="data is bytes, not str"):
                await modem.command("AT", data="on")  # type: ignore[arg-type] # that is the point
            async with desk.mqtt(modem) as client:
                with pytest.raises(UsageError, match="UTF-8"):
                    await client.publish("a", "\ud800")
                with pytest.raises(ModemError):
                    await client.subscribe([])
                with pytest.raises(ModemError):
                    await client.subscribe("a", qos=3)
                assert await modem.command("AT+CSQ") == ["+CSQ: 24,99"]
        with pytest.raises(LineError, match="closed"):
            await modem.command("AT")

    on_desk(work)


def test_two_hosts_on_one_device() -> None:
    """The second is told."""

    async def work(desk: Desk) -> None:
        path = desk.vm.urls[0].removeprefix("pty:")
        async with desk.modem(path):
            with pytest.raises(LineError, match="another program has it open"):
                await desk.modem(path).__aenter__()
        async with desk.modem(path):
            pass

    on_desk(work, ports=["pty"])


def test_a_remote_port_that_nobody_answers_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line, in the time that was given; what is opened too late is closed."""
    serial = pytest.importorskip("serial")
    answer, closed = threading.Event(), threading.Event()

    class Late:
        """A port that was opened at last."""

        close = closed.set

    def open_late(*_: Any, **__: Any) -> Late:
        answer.wait(5)
        return Late()

    monkeypatch.setattr(serial, "serial_for_url", open_late)

    async def main() -> None:
        with pytest.raises(LineError, match=r"rfc2217://127.0.0.1:1: no answer within 0.02 s"):
            await Modem.open("rfc2217://127.0.0.1:1", timeout=0.02).__aenter__()
        answer.set()
        while not closed.is_set():
            await asyncio.sleep(0.002)

    asyncio.run(asyncio.wait_for(main(), WAIT))


class Threads:
    """Calls from threads; what each raised."""

    def __init__(self) -> None:
        self.raised: list[BaseException] = []
        self._threads: list[threading.Thread] = []

    def start(self, call: Any) -> None:
        def run() -> None:
            try:
                call()
            except BaseException as error:
                self.raised.append(error)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        self._threads.append(thread)

    def join(self) -> None:
        for thread in self._threads:
            thread.join(WAIT)
            assert not thread.is_alive()


def test_threads_that_wait_as_the_modem_is_closed() -> None:
    """Each is told, none waits for ever; and so is who comes later, or calls from a callback."""

    async def work(desk: Desk) -> None:
        def script() -> None:
            threads = Threads()
            from_callback: list[BaseException] = []

            def heard(_name: str, _values: tuple[Any, ...]) -> None:
                try:
                    modem.command("AT")
                except UsageError as error:
                    from_callback.append(error)

            modem = SyncModem.open(desk.vm.urls[0], on_urc=heard)
            with pytest.raises(LineError, match="not open"):
                modem.command("AT")
            with modem, modem.mqtt(*desk.server) as client:
                for _ in range(3):
                    threads.start(lambda: modem.ready(60))
                    threads.start(lambda: list(client.messages()))
                    threads.start(lambda: [modem.command("AT+CSQ") for _ in range(1000)])
                client.publish("a", "b", qos=1)
                assert from_callback
            threads.join()
            assert {type(error) for error in threads.raised} <= {LineError, LinkLost}
            with pytest.raises(LineError, match="closed"):
                modem.command("AT")
            assert not [thread for thread in threading.enumerate() if thread.name == "modemlab"]

        await asyncio.to_thread(script)

    on_desk(work, ports=["tcp://127.0.0.1:0"])


def test_a_call_while_the_loop_ends_is_told() -> None:
    """Between the end of all tasks and that of the loop, where nobody would run it any more."""
    threads = Threads()

    class Late(LoopThread):
        async def _drain(self) -> None:
            await super()._drain()
            threads.start(lambda: self.run(asyncio.sleep(0)))
            threads.join()

    Late().close()
    (error,) = threads.raised
    assert (type(error), str(error)) == (LineError, "the modem is closed")


def test_an_interrupt_ends_the_call_and_the_modem_goes_on() -> None:
    """Ctrl-C in a call that waits: its task is cancelled, the line is in step, and nothing is left running."""

    async def work(desk: Desk) -> None:
        def script() -> None:
            with SyncModem.open(desk.vm.urls[0]) as modem, modem.mqtt(*desk.server) as client:
                real = asyncio.run_coroutine_threadsafe
                for call in (lambda: modem.command("AT+CSQ"), lambda: next(client.messages())):
                    with pytest.MonkeyPatch.context() as patch:
                        patch.setattr(asyncio, "run_coroutine_threadsafe", lambda work, on: Futile(real(work, on)))
                        with pytest.raises(KeyboardInterrupt):
                            call()
                assert modem.command("AT+CSQ") == ["+CSQ: 24,99"]

        await asyncio.to_thread(script)

    on_desk(work, ports=["tcp://127.0.0.1:0"])


class Futile:
    """A future whose waiting is interrupted."""

    def __init__(self, future: Any) -> None:
        self.cancel = future.cancel

    def result(self) -> Any:
        """As Ctrl-C has it."""
        raise KeyboardInterrupt


def test_an_echo_that_nobody_waits_for_shows_no_password() -> None:
    """Nor does noise: values are left out."""

    async def work(desk: Desk) -> None:
        async with desk.modem():
            port_of(desk).write(b'AT+QMTCONN=0,"pump","u","secret"\r\r\n')
            port_of(desk).write(b'"secret"\r\n')
            port_of(desk).write(b"OK\r\n")
        assert [event.text for event in desk.events] == [
            "32 bytes that are no answer and no URC: b'AT+QMTCONN'…",
            "8 bytes that are no answer and no URC: b''…",
            "2 bytes that are no answer and no URC: b'OK'",
        ]

    on_desk(work)
