"""Driver and terminal use nothing of a line, or of a system, that Windows and its COM ports lack."""

import subprocess
import sys

# As on Windows: no Unix modules, functions or signals, no signal handlers on the loop; and of a COM port, by pyserial,
# no more than its bytes.
SCRIPT = r'''
import asyncio, os, select, signal, socket, sys, threading, types
# Which keyboard and screen there are is Textual's affair.
os.environ["TEXTUAL_DRIVER"] = "textual.drivers.headless_driver:HeadlessDriver"
import textual.app

for name in ("pty", "tty", "termios", "fcntl", "resource", "grp", "pwd", "syslog"):
    sys.modules[name] = None
for name in ("openpty", "fork", "forkpty", "getuid", "geteuid", "getgid", "getegid", "setsid", "killpg", "getpgid",
             "ttyname", "ctermid", "mkfifo", "mknod", "chown", "lchown", "fchown", "fchmod", "statvfs", "sysconf",
             "tcgetpgrp", "tcsetpgrp", "uname", "nice", "O_NOCTTY", "O_NONBLOCK", "WNOHANG"):
    delattr(os, name)
for name in ("SIGHUP", "SIGKILL", "SIGQUIT", "SIGWINCH", "SIGALRM", "SIGUSR1", "SIGUSR2", "SIGTSTP", "SIGCONT"):
    delattr(signal, name)
def lacks(self, *_):
    raise NotImplementedError
asyncio.SelectorEventLoop.add_signal_handler = asyncio.SelectorEventLoop.remove_signal_handler = lacks

class ComPort:
    """What pyserial gives on Windows: reads that time out, writes that block, and how much has come."""
    def __init__(self, port, baudrate, timeout):
        assert port == "COM5", port
        host, _, number = url.removeprefix("tcp://").rpartition(":")
        self._socket = socket.create_connection((host, int(number)), 10)
        self._timeout, self._come = timeout, b""
    def read(self, size):
        if not self._come and select.select([self._socket], (), (), self._timeout)[0]:
            self._come = self._socket.recv(4096)
            if not self._come:
                raise serial.SerialException("the device is gone")
        data, self._come = self._come[:size], self._come[size:]
        return data
    @property
    def in_waiting(self):
        return len(self._come)
    def write(self, data):
        self._socket.sendall(data)
    def close(self):
        self._socket.close()

serial = types.ModuleType("serial")
serial.SerialException = type("SerialException", (OSError,), {})
serial.serial_for_url = ComPort
sys.modules["serial"] = serial

from modemlab import Modem
from modemlab.broker.server import Broker
from modemlab.virtual.module import VirtualModule
from modemlab.cli import main
from modemlab.dialect.registry import find_model
from modemlab.net.connect_to import ConnectTo
from modemlab.ports import host_connection as dial
from modemlab.terminal.app import Screen
from modemlab.text.language import Language

dial.os = types.SimpleNamespace(name="nt", strerror=os.strerror)
dialect, model = find_model("EC200S-CN")
url, ready = "", threading.Event()

async def bench():
    global url
    broker = Broker()
    rules = [ConnectTo("", None, *await broker.start())]
    async with VirtualModule(dialect, model, ports=["tcp://127.0.0.1:0"], connect_to=rules) as vm:
        url = vm.urls[0]
        ready.set()
        await asyncio.Event().wait()

async def driver():
    async with Modem.open("COM5") as modem:
        await modem.ready()
        async with modem.mqtt("broker.example", 1883, client_id="pump") as client:
            await client.subscribe("t", qos=1)
            await client.publish("t", b"hello", qos=1)
            async for message in client.messages:
                print("driver:", message.topic, message.payload)
                break

async def screen():
    made = Screen("COM5", dialect, Language("zh"), 115200, True)
    await made.open()
    async with made.run_test(size=(120, 30)) as pilot:
        await pilot.press(*"AT+CSQ", "enter")
        while "OK" not in "".join(line.text for line in made.query_one("#log").lines):
            await pilot.pause()
        print("screen:", next(line.text[13:] for line in made.query_one("#log").lines if "+CSQ: " in line.text))
    made.close()

thread = threading.Thread(target=lambda: asyncio.run(bench()), daemon=True)
thread.start()
assert ready.wait(60)
asyncio.run(driver())
asyncio.run(screen())
sys.argv = ["modemlab", "term", "COM5", "--plain", "--lang", "en"]
try:
    main()
except SystemExit as end:
    print("exit status", end.code)
'''


def test_on_a_com_port() -> None:
    """The driver publishes, the terminal on a screen and on lines sends a command."""
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input="AT+CSQ\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        encoding="utf-8",
    )
    assert run.stderr == ""
    lines = run.stdout.splitlines()
    assert lines[:3] == [
        "driver: t b'hello'",
        "screen: << +CSQ: 24,99  信号质量: rssi 24, ber 99",
        "note: COM5 is open",
    ]
    assert "answer: +CSQ: 24,99  (Signal quality: rssi 24, ber 99)" in lines
    assert lines[-1] == "exit status 0"
