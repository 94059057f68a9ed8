"""What CONNECT carries: version, session, keep alive, will, and the credentials of four platforms (3.3.1, 3.3.4)."""

import base64
import hashlib
import hmac
import re
from urllib.parse import quote

from modemlab.module.effects import SendStream, StreamClosed, StreamOpened, StreamReceived
from modemlab.mqtt.packets import Connack, Connect, Publish, Pubrec, encode
from support.helpers import exchange, hold, make_module
from support.qmt_lines import BOOT, HOST, cfg, connected, error, lost, ok, online, opened, publish, urc

# 2026-02-03 04:05:06 UTC
NOW = 1_770_091_506.0


def sends(connect: str, *settings: str, line: str = 'AT+QMTCONN=0,"pump"') -> str:
    """With these settings the line makes the module send this CONNECT."""
    return BOOT + "".join(settings) + opened() + ok(line) + f"S> {connect}\n"


def test_bytes_of_the_plainest_connect() -> None:
    """MQTT 3.1 by default, clean session, 120 s (MQTT guide V1.1, underlined values)."""
    hold(sends("10 12 00 06 4d 51 49 73 64 70 03 02 00 78 00 04 70 75 6d 70"))


def test_settings_reach_the_connect() -> None:
    hold(sends('Connect("pump", level=4, keep_alive=120)', cfg("version", 4)))
    hold(sends('Connect("pump", level=3, keep_alive=120, clean_session=False)', cfg("session", 0)))
    hold(sends('Connect("pump", level=3, keep_alive=3600)', cfg("keepalive", 3600)))
    hold(sends('Connect("pump", level=3, keep_alive=0)', cfg("keepalive", 0)))
    will = cfg("will", '1,2,1,"t/w","{"up":0}"')
    hold(sends('Connect("pump", level=3, keep_alive=120, will=ConnectWill("t/w", b\'{"up":0}\', 2, True))', will))
    hold(sends('Connect("pump", level=3, keep_alive=120)', will, cfg("will", 0)))
    typed = publish('AT+QMTCFG="willex",0,1,1,0,"w",3', "\\x00\\xff\\x1a")
    hold(sends('Connect("pump", level=3, keep_alive=120, will=ConnectWill("w", b"\\x00\\xff\\x1a", 1, False))', typed))
    hold(sends('Connect("", level=3, keep_alive=120)', line='AT+QMTCONN=0,""'))
    hold(sends('Connect("bare", level=3, keep_alive=120)', line="AT+QMTCONN=0,bare"))
    user = 'Connect("pump", level=3, keep_alive=120, username="u,1", password=b"p;2")'
    hold(sends(user, line='AT+QMTCONN=0,"pump","u,1","p;2"'))


def test_settings_are_per_client() -> None:
    hold(
        BOOT
        + cfg("version", 4, client=1)
        + cfg("keepalive", 33, client=1)
        + opened(1)
        + connected(1, "level=4, keep_alive=33")
        + opened(2)
        + connected(2)
    )


def test_settings_hold_from_the_next_connection_on() -> None:
    hold(
        online()
        + error('AT+QMTCFG="keepalive",0,30')
        + ok("AT+QMTDISC=0")
        + urc("+QMTDISC: 0,0")
        + "S> Disconnect()\n"
        + cfg("keepalive", 30)
        + opened()
        + connected(0, "level=3, keep_alive=30")
    )


def test_aliyun() -> None:
    key, name, secret = "k7Pump0aXyz", "pump_0001", "5f0c1e8b2a"
    settings = cfg("aliauth", f'"{key}","{name}","{secret}"')
    text = f"clientIdbench1deviceName{name}productKey{key}"
    password = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    made = (
        f'Connect("bench1|securemode=3,signmethod=hmacsha256|", level=3, keep_alive=120, '
        f'username="{name}&{key}", password=b"{password}")'
    )
    hold(sends(made, settings, line='AT+QMTCONN=0,"bench1"'))
    given = 'Connect("bench1", level=3, keep_alive=120, username="u", password=b"p")'
    hold(sends(given, settings, line='AT+QMTCONN=0,"bench1","u","p"'))
    other = BOOT + settings + opened(1) + connected(1)
    hold(other)


def test_onenet() -> None:
    key = base64.b64encode(b"a key of our own").decode()
    resource, expiry = "products/Pr0dUct7", "32472115200"
    text = f"{expiry}\nsha256\n{resource}\n2018-10-31"
    sign = base64.b64encode(hmac.new(base64.b64decode(key), text.encode(), hashlib.sha256).digest()).decode()
    token = f"version=2018-10-31&res={quote(resource, safe='')}&et={expiry}&method=sha256&sign={quote(sign, safe='')}"
    made = f'Connect("pump_2", level=3, keep_alive=120, username="Pr0dUct7", password=b"{token}")'
    settings = cfg("onenet", f'"Pr0dUct7","{key}"')
    hold(sends(made, settings, line='AT+QMTCONN=0,"pump_2"'))
    given = 'Connect("pump_2", level=3, keep_alive=120, username="u", password=b"p")'
    hold(sends(given, settings, line='AT+QMTCONN=0,"pump_2","u","p"'))
    bad = BOOT + cfg("onenet", '"Pr0dUct7","not base64!"') + opened()
    hold(bad + error('AT+QMTCONN=0,"pump_2"') + ok('AT+QMTCONN=0,"pump_2","u","p"'))


def test_huawei() -> None:
    secret, stamp = "0f1e2d3c4b", "2026020304"
    password = hmac.new(stamp.encode(), secret.encode(), hashlib.sha256).hexdigest()
    for checked, flag in (("", 0), (",0", 0), (",1", 1)):
        device = (
            f'Connect("prod_node7_0_{flag}_{stamp}", level=3, keep_alive=120, '
            f'username="prod_node7", password=b"{password}")'
        )
        settings = cfg("hwauth", f'"prod_node7","{secret}"{checked}')
        hold(sends(device, settings, line='AT+QMTCONN=0,"any"'), utc=NOW)
        product = (
            f'Connect("prod_node7_1_{flag}_{stamp}", level=3, keep_alive=120, '
            f'username="prod_node7", password=b"{password}")'
        )
        settings = cfg("hwprodid", f'"prod","{secret}","node7"{checked}')
        hold(sends(product, settings, line='AT+QMTCONN=0,"any"'), utc=NOW)
        given = 'Connect("any", level=3, keep_alive=120, username="u", password=b"p")'
        hold(sends(given, settings, line='AT+QMTCONN=0,"any","u","p"'), utc=NOW)


def test_an_hour_later_huawei_gets_another_stamp() -> None:
    secret = "0f1e2d3c4b"
    module = make_module(utc=NOW)
    module.power_on(0.0)
    exchange(module, f'AT+QMTCFG="hwauth",0,"dev","{secret}"'.encode())
    exchange(module, f'AT+QMTOPEN=0,"{HOST}",1883'.encode(), 3600.0)
    module.on_reply(StreamOpened(1), 3600.0)
    module.effects.clear()
    exchange(module, b'AT+QMTCONN=0,"x"', 3600.0)
    password = hmac.new(b"2026020305", secret.encode(), hashlib.sha256).hexdigest().encode()
    connect = Connect("dev_0_0_2026020305", 3, True, 120, None, "dev", password)
    assert module.effects == [SendStream(1, encode(connect))]


def test_a_persistent_session_delivers_qos_2_once_over_a_reconnection() -> None:
    fields = "level=3, keep_alive=120, clean_session=False"
    hold(
        online(cfg("session", 0), fields=fields)
        + 'S< Publish("a", b"x", qos=2, packet_id=9)\n'
        + urc('+QMTRECV: 0,9,"a","x"')
        + "S> Pubrec(9)\n"
        + 'S< Publish("a", b"x", qos=2, packet_id=9, dup=True)\nS> Pubrec(9)\n'
        + "S: closed\n"
        + urc("+QMTSTAT: 0,1")
        + opened()
        + connected(0, fields)
        + 'S< Publish("a", b"x", qos=2, packet_id=9, dup=True)\nS> Pubrec(9)\nS< Pubrel(9)\nS> Pubcomp(9)\n'
        + 'S< Publish("a", b"y", qos=2, packet_id=9)\n'
        + urc('+QMTRECV: 0,9,"a","y"')
        + "S> Pubrec(9)\n"
    )


def test_a_clean_session_or_another_name_remembers_nothing() -> None:
    for settings, second in ((cfg("session", 1), "pump"), (cfg("session", 0), "other")):
        clean = "1" in settings.split(",")[-1]
        fields = f"level=3, keep_alive=120, clean_session={clean}"
        hold(
            online(settings, fields=fields)
            + 'S< Publish("a", b"x", qos=2, packet_id=9)\n'
            + urc('+QMTRECV: 0,9,"a","x"')
            + "S> Pubrec(9)\nS: closed\n"
            + urc("+QMTSTAT: 0,1")
            + opened()
            + ok(f'AT+QMTCONN=0,"{second}"')
            + f'S> Connect("{second}", {fields})\nS< Connack(0)\n'
            + urc("+QMTCONN: 0,0,0")
            + 'S< Publish("a", b"x", qos=2, packet_id=9, dup=True)\n'
            + urc('+QMTRECV: 0,9,"a","x"')
            + "S> Pubrec(9)\n"
        )


def test_a_message_lost_with_its_slot_is_delivered_again() -> None:
    """Nothing acknowledged is lost: a slot that goes with the link before the host hears of it counts for nothing."""
    module = make_module()
    module.power_on(0.0)
    for line in (b"ATE0", b'AT+QMTCFG="session",0,0', b'AT+QMTCFG="recv/mode",0,1', b'AT+QMTOPEN=0,"h",1'):
        exchange(module, line)
    module.on_reply(StreamOpened(1), 0.0)
    exchange(module, b'AT+QMTCONN=0,"pump"')
    module.on_reply(StreamReceived(1, encode(Connack(0))), 0.0)
    module.data_to_send()
    message = encode(Publish("a", b"x", 2, packet_id=9))
    again = encode(Publish("a", b"x", 2, dup=True, packet_id=9))
    module.receive(b"AT", 1.0)
    module.on_reply(StreamReceived(1, message), 1.0)
    module.on_reply(StreamClosed(1), 1.0)
    assert exchange(module, b"", 1.1).endswith(b"+QMTSTAT: 0,1\r\n")
    exchange(module, b'AT+QMTOPEN=0,"h",1', 2.0)
    module.on_reply(StreamOpened(2), 2.0)
    exchange(module, b'AT+QMTCONN=0,"pump"', 2.0)
    module.on_reply(StreamReceived(2, encode(Connack(0))), 2.0)
    module.data_to_send()
    module.effects.clear()
    module.on_reply(StreamReceived(2, again), 3.0)
    assert module.data_to_send() == b"\r\n+QMTRECV: 0,0\r\n"
    assert module.effects == [SendStream(2, encode(Pubrec(9)))]
    assert b'+QMTRECV: 0,9,"a","x"' in exchange(module, b"AT+QMTRECV=0", 4.0)


def test_power_goes_in_the_middle() -> None:
    module = make_module()
    module.power_on(0.0)
    exchange(module, b"ATE0")
    exchange(module, b'AT+QMTOPEN=0,"h",1')
    module.on_reply(StreamOpened(1), 0.0)
    exchange(module, b'AT+QMTCONN=0,"pump"')
    module.on_reply(StreamReceived(1, encode(Connack(0))), 0.0)
    module.data_to_send()
    module.receive(b'AT+QMTPUBEX=0,1,1,0,"a",9\rabc', 1.0)
    module.on_reply(StreamReceived(1, encode(Publish("held", b"x"))), 1.0)
    assert module.data_to_send() == b"\r\n> "
    module.effects.clear()
    module.power_off(2.0)
    assert [type(effect).__name__ for effect in module.effects] == ["CloseStream"]
    assert module.data_to_send() == b""
    module.receive(b"AT\r", 2.5)
    module.on_reply(StreamReceived(1, encode(Publish("late", b"x"))), 2.5)
    module.on_reply(StreamClosed(1), 2.5)
    module.advance(99.0)
    assert module.data_to_send() == b""
    assert module.deadline() is None
    module.power_on(100.0)
    assert module.data_to_send() == b"\r\nRDY\r\n"
    module.receive(b"AT\rAT+QMTOPEN?\rAT+QMTCONN?\rAT+QMTCLOSE=0\r", 100.0)
    said = module.data_to_send()
    assert re.sub(rb"AT[^\r]*\r", b"", said) == b"\r\nOK\r\n" * 3 + b"\r\nERROR\r\n"


def test_closing_drops_the_socket_without_disconnect() -> None:
    hold(online() + ok("AT+QMTCLOSE=0") + urc("+QMTCLOSE: 0,0") + "S> nothing\nS: close\n")


def test_a_server_that_refuses_leaves_the_client_closed() -> None:
    hold(BOOT + opened() + ok('AT+QMTCONN=0,"pump"') + "S< 20 02 00 05\n" + urc("+QMTCONN: 0,0,5") + lost(4))
