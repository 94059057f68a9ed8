"""Each function of the terminal by itself: the keys that a person presses, and what stands on the screen then."""

import re
from datetime import datetime
from pathlib import Path

import pytest

from support.terminal_process import CTRL_U, DOWN, ENTER, F2, F3, F4, LEFT, TAB, UP, Bench, Terminal, by_hand

PUBLISH = "AT+QMTPUBEX=0,1,"
QOS = {
    "en": "Quality of service: 0 at most once, 1 at least once, 2 exactly once",
    "zh": "服务质量：0 最多一次，1 至少一次，2 只有一次",
}
RETAIN = {"en": (" 0  not retained", " 1  retained"), "zh": (" 0  不保留", " 1  保留")}
OPTION = {"en": ' "keepalive"  Keep alive', "zh": ' "keepalive"  保活时间'}
FORMS = {
    "en": " AT+QMTOPEN=<client_idx>,<host_name>,<port>  Open the network of an MQTT client",
    "zh": " AT+QMTOPEN=<client_idx>,<host_name>,<port>  打开 MQTT 客户端的网络",
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_completion(language: str) -> None:
    """Of commands, forms, options and values, with their meanings; Tab goes from one to the next, and to the first."""
    with by_hand("--lang", language) as (_, terminal):
        terminal.type("qmtop")
        terminal.until(" AT+QMTOPEN  ")
        terminal.type(TAB)
        terminal.until("> AT+QMTOPEN", FORMS[language])
        terminal.type(CTRL_U, 'AT+QMTCFG="')
        terminal.until(OPTION[language], ' "ssl"  ')
        terminal.type(TAB, TAB)
        terminal.until('> AT+QMTCFG="pdpcid",')
        terminal.type(CTRL_U, PUBLISH)
        terminal.until(f" 0  {QOS[language]}", f" 2  {QOS[language]}")
        for value in ("0", "1", "2", "0"):
            terminal.type(TAB)
            terminal.until(f"> {PUBLISH}{value},")
            terminal.until_marked(f" {value}  {QOS[language]}", value)
        terminal.type(CTRL_U, f"{PUBLISH}0,")
        terminal.until(f"> {PUBLISH}0,", *RETAIN[language])
        # What stands behind the cursor stays there.
        terminal.type(CTRL_U, 'AT+QMTO=0,"a",1', *[LEFT] * 8, TAB)
        terminal.until('> AT+QMTOPEN=0,"a",1')


@pytest.mark.parametrize("language", ["en", "zh"])
def test_explanation_under_the_cursor(language: str) -> None:
    """The parameter that the cursor is in is marked and explained, wherever it goes."""
    told = {
        "en": ("<port>  1 to 65535", "<host_name>  1 to 100 bytes", "<client_idx>  0 to 5"),
        "zh": ("<port>  1 至 65535", "<host_name>  1 至 100 字节", "<client_idx>  0 至 5"),
    }[language]
    form = "AT+QMTOPEN=<client_idx>,"
    with by_hand("--lang", language) as (_, terminal):
        terminal.type('AT+QMTOPEN=0,"a",1')
        terminal.until(told[0])
        terminal.until_marked(form, "<port>")
        terminal.type(LEFT, LEFT)
        terminal.until(told[1], gone=told[0])
        terminal.until_marked(form, "<host_name>")
        terminal.type(*[LEFT] * 4)
        terminal.until(told[2], gone=told[1])
        terminal.until_marked(form, "<client_idx>")


def test_history() -> None:
    """Earlier lines, the latest first, and back to what was being typed."""
    with by_hand("--lang", "en") as (module, terminal):
        for line in ("AT+CSQ", "ATI"):
            terminal.type(line, ENTER)
            assert module.recv(64) == f"{line}\r".encode()
            module.sendall(b"\r\nOK\r\n")
        terminal.type("AT+QM", UP)
        terminal.until("command> ATI")
        terminal.type(UP)
        terminal.until("command> AT+CSQ")
        terminal.type(UP, DOWN)
        terminal.until("command> ATI")
        terminal.type(DOWN)
        terminal.until("command> AT+QM")
        terminal.type(UP, ENTER)
        assert module.recv(64) == b"ATI\r"


WORDS = {
    "en": (
        "OK  done",
        "+CME ERROR: 10  SIM not inserted",
        "remedy: insert a SIM, then restart the module or send AT+CFUN=1",
        "+QMTSTAT: 0,2  The link of a client ended: client_idx 0, err_code 2 (PINGREQ timed out or failed)",
        "remedy: deactivate and activate the PDP context, then open again",
        "+CEREG: 0,3  Registration for EPS: n 0 (not reported), stat 3 (registration denied)",
        "ERROR  refused: <port> is 70000, but takes 1 to 65535 (MQTT guide, 3.3.2)",
        "no answer",
    ),
    "zh": (
        "OK  成功",
        "+CME ERROR: 10  未插入 SIM 卡",
        "处理办法: 插入 SIM 卡，再重启模块或 AT+CFUN=1",
        "+QMTSTAT: 0,2  客户端的链路已断开: client_idx 0, err_code 2 (发送 PINGREQ 超时或失败)",
        "处理办法: 先去激活、再激活 PDP 场景，然后重新打开",
        "+CEREG: 0,3  EPS 网络注册: n 0 (不上报), stat 3 (注册被拒绝)",
        "ERROR  被拒绝：<port> 是 70000，但只能是 1 至 65535 (MQTT 应用指导, 3.3.2)",
        "无应答",
    ),
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_words_colours_and_times(language: str) -> None:
    """Each line has its time, its sign, its kind's colour and its words; what failed is red, with its remedy."""
    done, sim, put_in, link, renew, denied, range_, _ = WORDS[language]
    with by_hand("--lang", language) as (module, terminal):
        dialogue = [
            ("AT+CSQ", b"\r\n+CSQ: 24,99\r\n\r\nOK\r\n", [done]),
            ("AT+CPIN?", b"\r\n+CME ERROR: 10\r\n\r\n+QMTSTAT: 0,2\r\n", [sim, put_in, link, renew]),
            ("AT+CEREG?", b"\r\n+CEREG: 0,3\r\n\r\nOK\r\n", [denied]),
            ('AT+QMTOPEN=0,"a",70000', b"\r\nERROR\r\n", [range_]),
            ('AT+QMTPUBEX=0,0,0,0,"t",3', b"\r\n> ", []),
        ]
        for line, answer, words in dialogue:
            terminal.type(line, ENTER)
            assert module.recv(64) == f"{line}\r".encode()
            module.sendall(answer)
            terminal.until(line, *words)
        terminal.type("abc", ENTER)
        assert module.recv(64) == b"abc"
        module.sendall(b"\r\nOK\r\nnoise\r\n")
        terminal.until(">| abc", "<? noise")
        signs = (">> AT+CSQ", "<< +CSQ", "<! +QMTSTAT", ">| abc", "-- tcp://", "<? noise")
        colours = {terminal.colour(sign) for sign in signs}
        assert len(colours) == len(signs)
        red = terminal.colour("+CME ERROR: 10")
        assert red not in colours
        assert terminal.colour("ERROR  ") == red
        for sign in (*signs, "<< +CME", "<< OK"):
            assert re.match(r"\d\d:\d\d:\d\d\.\d{3} ", terminal.line(sign))


def test_messages_as_json_and_in_hexadecimal() -> None:
    """JSON is laid out, bytes that are no text are dumped; F3 shows all as hex, as they came, and so again."""
    with by_hand("--lang", "en") as (module, terminal):
        module.sendall(b'\r\n+QMTRECV: 0,0,"j","{"t":{"v":1}}"\r\n\r\n+QMTRECV: 0,0,"b",4,"\x00\x01\xfe\xff"\r\n')
        nested = '\n      "t": {\n        "v": 1\n      }\n    }\n'
        dumped = "0000  00 01 fe ff "
        terminal.until(nested, dumped)
        terminal.type(F3)
        terminal.until(dumped, '0000  7b 22 74 22 3a 7b 22 76 22 3a 31 7d 7d           {"t":{"v":1}}', gone=nested)
        terminal.type(F3)
        terminal.until("payloads are shown as received", gone=dumped)
        terminal.type(F3)
        terminal.until(nested, dumped)


def qcom(*rows: str, head: str = "[SET]\nRunTimes=10\nDelayTime=1000\n") -> str:
    """A list as QCOM saves it: a row is the command, or `Cho|Delay|HEX|Enter|command`."""
    text = head
    for number, row in enumerate(rows, 1):
        ticked, delay, hexadecimal, enter, command = row.split("|", 4) if "|" in row else ("0", "", "0", "1", row)
        text += f"[{number}]\nCho={ticked}\nCMD={command}\nDelay={delay}\nHEX={hexadecimal}\nEnter={enter}\n"
    return text


NETWORK = ("AT", "AT+CPIN?", "AT+CREG?", 'AT+QICSGP=1,1,"CMNET","","",1', "", "AT+QIACT=1", "AT+QIACT?", "AT+QIDEACT=1")
# A list, its encoding and its line ends.
LISTS = {
    "http.ini": (
        qcom(
            *(*NETWORK, 'AT+QHTTPCFG="contextid",1', "AT+QHTTPURL=23,80", "0||0|0|http://broker.example/x"),
            *("AT+QHTTPGET=80", "AT+QHTTPREAD=80", "AT+QHTTPSTOP"),
        ),
        "gbk",
        "\n",
    ),
    "mqtt.ini": (
        qcom(
            *(*NETWORK, 'AT+QMTCFG="aliauth",0,"pk","dev","0123456789abcdef"', 'AT+QMTOPEN=0,"iot.example",1883'),
            *('AT+QMTCONN=0,"dev"', 'AT+QMTSUB=0,1,"/pk/dev/user/get",0', 'AT+QMTPUBEX=0,0,0,0,"/pk/dev/post",31'),
            *('0||0|0|{"params":{"温度":1},"v":"1.0"}', "AT+QMTDISC=0"),
        ),
        "gbk",
        "\r\n",
    ),
    "tcp.ini": (
        qcom(
            *(*NETWORK, '0||0|0|AT+QIOPEN=1,0,"TCP","broker.example",80,0,1', "AT+QISEND=0", "0||0|0|+++"),
            *("HELLO!", "GET /devices/1 HTTP/1.1", "api-key:abc=def", "1|250|1|0|48 0D 0A", "温度"),
        ),
        "utf-8",
        "\n",
    ),
}


@pytest.mark.parametrize("name", LISTS)
def test_qcom_lists(name: str, tmp_path: Path) -> None:
    """A list is read, shown and written again as QCOM has it, to the byte."""
    text, encoding, end = LISTS[name]
    (tmp_path / name).write_bytes(text.replace("\n", end).encode(encoding))
    rows = re.findall(r"^CMD=(.*)$", text, re.MULTILINE)
    with by_hand("--lang", "en", directory=str(tmp_path)) as (_, terminal):
        terminal.type(f":load {name}", ENTER)
        terminal.until(f"{name}: {len(rows)} commands", f" 1   {rows[0]}", f"{len(rows):3}   {rows[-1]}"[:40].rstrip())
        terminal.type(":store out.ini", ENTER)
        terminal.until(f"out.ini: {len(rows)} commands are written")
    assert (tmp_path / "out.ini").read_bytes() == text.replace("\n", "\r\n").encode(encoding)


def test_macros_one_by_one(tmp_path: Path) -> None:
    """Kept as a file, sent by their place in the list or by number, added, dropped and stored."""
    (tmp_path / "own.txt").write_text('# who\n>> ATI\n>> AT+QMTPUBEX=0,0,0,0,"t",3\n>>| abc\n# >> AT+CSQ\n')
    with by_hand("--lang", "en", "--macros", "own.txt", directory=str(tmp_path)) as (module, terminal):
        terminal.until("1 x who", "3 x abc", "4   AT+CSQ")
        terminal.type(F2, ENTER)
        assert module.recv(64) == b"ATI\r"
        module.sendall(b"\r\nQuectel\r\n\r\nOK\r\n")
        terminal.until("OK  done")
        terminal.type(ENTER)
        assert module.recv(64) == b'AT+QMTPUBEX=0,0,0,0,"t",3\r'
        module.sendall(b"\r\n> ")
        terminal.until("data: 0 of 3 bytes")
        terminal.type(ENTER)
        assert module.recv(64) == b"abc"
        module.sendall(b"\r\nOK\r\n\r\n+QMTPUBEX: 0,0,0\r\n")
        terminal.until("+QMTPUBEX: 0,0,0", "command>")
        terminal.type(F2, ":4", ENTER)
        assert module.recv(64) == b"AT+CSQ\r"
        module.sendall(b"\r\nOK\r\n")
        terminal.type(":add", ENTER, ":drop 1", ENTER)
        terminal.until("macro 5: AT+CSQ", "macro 1 is dropped", gone="1 x who")
        terminal.type(":store own.txt", ENTER)
        terminal.until("own.txt: 4 commands are written")
    assert (tmp_path / "own.txt").read_text() == ('>> AT+QMTPUBEX=0,0,0,0,"t",3\n>>| abc\n# >> AT+CSQ\n>> AT+CSQ\n')


def test_the_macros_lie_over_the_log_below_100_columns() -> None:
    """There they are shown while they are used, and the log keeps its width; from 100 columns on they stand beside."""
    with Bench("EC200S-CN") as bench, Terminal(bench.url, "--lang", "en", columns=99, rows=30) as terminal:
        terminal.until(":help", "RDY")
        terminal.type(":add AT+CSQ", ENTER)
        terminal.until("macro 1: AT+CSQ", "F2 shows or hides the macros", gone="1 x AT+CSQ")
        terminal.type(F2)
        terminal.until("1 x AT+CSQ")
        terminal.type(F2)
        terminal.until("macro 1: AT+CSQ", gone="1 x AT+CSQ")
        terminal.resize(100, 30)
        terminal.until("1 x AT+CSQ")
        terminal.resize(99, 30)
        terminal.until("macro 1: AT+CSQ", gone="1 x AT+CSQ")
        terminal.type(":quit", ENTER)
        assert terminal.end() == 0


def times(terminal: Terminal, word: str) -> list[float]:
    """When the lines with that word came, in seconds."""
    lines = [line for line in terminal.text.split("\n") if word in line and line[2:3] == ":"]
    return [datetime.strptime(line[:12], "%H:%M:%S.%f").timestamp() for line in lines]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_scripts(language: str, tmp_path: Path) -> None:
    """A list is run as often as it says, with its waits, for each answer; or as often as the line says; and stopped."""
    begins, stopped, done = {
        "en": ("the script begins: 2 commands, {} times", "the script is stopped", "the script is done"),
        "zh": ("脚本开始：2 条命令，运行 {} 次", "脚本已停止", "脚本完成"),
    }[language]
    rows = ("1|150|0|1|AT+CSQ", "1|50|0|1|ATI", "0||0|1|AT+CPIN?")
    (tmp_path / "a.ini").write_text(qcom(*rows, head="[SET]\nRunTimes=2\nDelayTime=0\n"))
    (tmp_path / "b.ini").write_text(qcom("1|60000|0|1|AT+CSQ", "AT"))
    with by_hand("--lang", language, directory=str(tmp_path)) as (module, terminal):
        terminal.type(":load b.ini", ENTER)
        terminal.until("2   AT")
        terminal.type(F4)
        assert module.recv(64) == b"AT+CSQ\r"
        module.sendall(b"\r\nOK\r\n")
        terminal.type(F4)
        terminal.until(stopped)
        terminal.type(":load a.ini", ENTER)
        terminal.until("2 x ATI")
        terminal.type(F4)
        for line in (b"AT+CSQ\r", b"ATI\r", b"AT+CSQ\r", b"ATI\r"):
            assert module.recv(64) == line
            module.sendall(b"\r\nOK\r\n")
        terminal.until(begins.format(2), done)
        _, first, second = times(terminal, ">> AT+CSQ")
        (_, late), (_, later) = times(terminal, ">> ATI"), times(terminal, "<< OK")[-2:]
        assert second - first >= 0.19
        assert late - second >= 0.14
        assert times(terminal, done)[0] - later >= 0.04
        terminal.type(":run 1 3", ENTER)
        for line in (b"AT+CSQ\r", b"ATI\r") * 3:
            assert module.recv(64) == line
            module.sendall(b"\r\nOK\r\n")
        terminal.until(begins.format(3))
