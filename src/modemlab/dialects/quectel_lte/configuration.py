"""AT+QMTCFG of EC200x, EC600x and EG912Y: eighteen options, each read when its values are left out."""

from collections.abc import Callable
from typing import Any

from modemlab.at.command import Command
from modemlab.at.parameters import to_bytes, to_text
from modemlab.at.steps import OK, Info, Prompt, Refused, Steps
from modemlab.dialect.answer_registry import Answer, Answers
from modemlab.dialect.device import Device
from modemlab.dialect.mqtt_events import State
from modemlab.dialects.quectel_lte import commands as c
from modemlab.text.catalogue import N_

ANSWERS = Answers()


def option_values(module: Device, option: str, client_idx: int) -> tuple[Any, ...]:
    """What a client's option of AT+QMTCFG is set to."""
    return module.get(c.QMTCFG, option, client_idx)


def shown(option: str, values: tuple[Any, ...]) -> Info:
    """The line that reads an option; values past the given ones are left out."""
    params = c.QMTCFG.option(option).values
    rendered = [param.render(value) for param, value in zip(params, values, strict=False)]
    return Info(b'+QMTCFG: "%b",%b' % (option.encode(), b",".join(rendered)))


def refuse(command: Command, message: str, /, **values: object) -> Refused:
    """A refusal that cites the command's place in the manual; MQTT commands ignore AT+CMEE."""
    return Refused(command.where(message, **values), None)


def check_settable(module: Device, client_idx: int) -> None:
    """Settings are refused from QMTCONN on, of a strict module from QMTOPEN on (MQTT guide, 3.3.1)."""
    client = module.find(client_idx)
    if client is not None and client.state >= (State.OPENING if module.strict else State.CONNECTING):
        state, by = client.state.name.lower(), c.QMTOPEN if module.strict else c.QMTCONN
        message = N_("client {client_idx} is {state}; its settings can be changed only before AT{name}")
        raise refuse(c.QMTCFG, message, client_idx=client_idx, state=state, name=by.name)


# AT+QMTCFG: how the values of an option read, where that is not all of them.
def read_ssl(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """The TLS context is shown only while TLS is on."""
    return values if values[0] else values[:1]


def read_edit_timeout(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """The time is shown only while it counts."""
    return values if values[0] else values[:1]


def read_huawei(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """The time check is shown only while it is on."""
    return values if values[-1] else values[:-1]


READINGS: dict[str, Callable[[tuple[Any, ...]], tuple[Any, ...]]] = {
    "ssl": read_ssl,
    "edit/timeout": read_edit_timeout,
    "hwauth": read_huawei,
    "hwprodid": read_huawei,
}


def configure(option: str) -> Answer:
    """The answer of an option that is a plain setting: shown when its values are left out, else set."""

    def answer(module: Device, client_idx: int, *values: Any) -> Steps:
        if all(value is None for value in values):
            present = option_values(module, option, client_idx)
            yield shown(option, READINGS.get(option, tuple)(present))
        else:
            check_settable(module, client_idx)
            if option == "ssl" and values == (1, None):
                raise refuse(c.QMTCFG, N_("<SSL_ctx_idx> must be given with <SSL_enable> 1"))
            if option in ("hwauth", "hwprodid"):
                values = (*values[:-1], values[-1] or 0)
            module.set(c.QMTCFG, values, option, client_idx)
        yield OK

    return answer


for plain in c.QMTCFG.options:
    if plain.name not in ("will", "willex", "send/mode"):
        ANSWERS[c.QMTCFG.on(plain.name)] = configure(plain.name)


@ANSWERS(c.QMTCFG.on("send/mode"))
def configure_send_mode(module: Device, client_idx: int, mode: int | None) -> Steps:
    """`send/mode` and `dataformat` are two names of one setting."""
    if mode is None:
        yield shown("send/mode", option_values(module, "dataformat", client_idx)[:1])
    else:
        check_settable(module, client_idx)
        module.set(c.QMTCFG, (mode, None), "dataformat", client_idx)
    yield OK


@ANSWERS(c.QMTCFG.on("will"))
def configure_will(
    module: Device,
    client_idx: int,
    will_fg: int | None,
    qos: int | None,
    retain: int | None,
    topic: str | None,
    message: str | None,
) -> Steps:
    """The will, given on the command line."""
    if will_fg is None and topic is None:
        yield shown("will", read_will(module, client_idx))
    else:
        check_settable(module, client_idx)
        will_fg = flag_of_will(module, client_idx, will_fg)
        if will_fg and topic is None:
            raise refuse(c.QMTCFG, N_("with <will_fg> 1 the will must be given"))
        set_will(module, client_idx, (will_fg, qos, retain, topic, message))
    yield OK


@ANSWERS(c.QMTCFG.on("willex"))
def configure_long_will(
    module: Device,
    client_idx: int,
    will_fg: int | None,
    qos: int | None,
    retain: int | None,
    topic: str | None,
    length: int | None,
) -> Steps:
    """The will, its message given as data; unlike the other options it may be set at any time."""
    if will_fg is None and topic is None:
        values = read_will(module, client_idx)
        yield shown("willex", (*values[:4], *(len(to_bytes(text)) for text in values[4:])))
    elif not flag_of_will(module, client_idx, will_fg):
        set_will(module, client_idx, (0, None, None, None, None))
    else:
        if topic is None or length is None:
            raise refuse(c.QMTCFG, N_("with <will_fg> 1 the will must be given"))
        message = yield Prompt(length, *prompt_options(module, client_idx))
        set_will(module, client_idx, (1, qos, retain, topic, to_text(message)))
    yield OK


def flag_of_will(module: Device, client_idx: int, given: int | None) -> int:
    """The flag given; one left out keeps its value."""
    flag: int = option_values(module, "will", client_idx)[0] if given is None else given
    return flag


def read_will(module: Device, client_idx: int) -> tuple[Any, ...]:
    """The will as it reads: a flag of 0 stands alone."""
    values = option_values(module, "will", client_idx)
    return values if values[0] else values[:1]


def set_will(module: Device, client_idx: int, values: tuple[Any, ...]) -> None:
    """Set the will or take it away."""
    module.set(c.QMTCFG, values if values[0] else (0, 0, 0, "", ""), "will", client_idx)


def prompt_options(module: Device, client_idx: int) -> tuple[float | None, bool]:
    """For how long data is awaited, in seconds, and whether it is echoed."""
    timed, seconds = option_values(module, "edit/timeout", client_idx)
    return (float(seconds) if timed else None), option_values(module, "view/mode", client_idx) == (1,)
