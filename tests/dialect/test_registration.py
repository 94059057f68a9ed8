"""What is registered fits: an answer takes what its command gives, or the dialect is an error as it is imported."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from modemlab.at.command import Command, Form, FormKind, Option, Persistence
from modemlab.at.parameters import Int, Repeat, Text, maybe
from modemlab.at.steps import OK, Steps
from modemlab.dialect import mqtt_events as events
from modemlab.dialect.answer_registry import Answers, UrcMakers
from modemlab.dialect.device import Device, MobileState, MqttClientSlot
from modemlab.dialect.dialect import Dialect
from modemlab.module.mobile import Mobile
from modemlab.module.module import Module
from modemlab.module.mqtt_client import MqttClient
from support.tiny_module import DIALECT

a, b, c = Int("a", 0, 9), Text("b", 9), Int("c", 0, 9)
SEND = Command("+SEND", "", "", params=(a, b, maybe(c)), execute=(), read=(a,))
LIST = Command("+LIST", "", "", params=(a, Repeat((b, c))))
SET = Command("+SET", "", "", options=(Option("one", "", (a, maybe(b, c))),))
REGISTER = Command("S7", "", "", params=(a,), kept=Persistence.VOLATILE)
COMMANDS = {command.name: command for command in (SEND, LIST, SET, REGISTER)}
HERE = "test_registration"


def dialect(form: Form, answer: Callable[..., Any], **others: Any) -> Dialect:
    """A dialect with this answer alone."""
    return replace(DIALECT, commands=COMMANDS, answers={form: answer}, **others)


# What fits.


def none(_module: Device) -> Steps:
    yield OK


def write(_module: Device, a: int, b: str, c: int | None) -> Steps:
    yield OK


def untyped(_module, a, b, c):  # type: ignore[no-untyped-def]
    yield OK


def textual(_module: "Device", a: "int", b: "str", c: "int | None") -> "Steps":
    yield OK


def rest(_module: Device, a: int, *others: str | int | None) -> Steps:
    yield OK


def anything(_module: Device, *values: Any) -> Steps:
    yield OK


def default(_module: Device, a: int = 0) -> Steps:
    yield OK


def repeated(_module: Device, a: int, pairs: tuple[tuple[str, int], ...]) -> Steps:
    yield OK


def option(_module: Device, a: int, b: str | None, c: int | None) -> Steps:
    yield OK


@pytest.mark.parametrize(
    ("form", "answer"),
    [
        (SEND.on_execute, none),
        (SEND.on_read, none),
        (SEND.on_test, none),
        *((SEND.on_write, answer) for answer in (write, untyped, textual, rest, anything)),
        (SEND.on_execute, default),
        (REGISTER.on_write, default),
        (LIST.on_write, repeated),
        (SET.on("one"), option),
        (Form("+OTHERS", FormKind.WRITE), none),
    ],
)
def test_what_fits(form: Form, answer: Callable[..., Any]) -> None:
    """Values of a form, None for those left out; a command that the dialect lacks is another dialect's."""
    assert dialect(form, answer).answers == {form: answer}


# What does not.


def one(_module: Device, a: int) -> Steps:
    yield OK


def four(_module: Device, a: int, b: str, c: int | None, d: int) -> Steps:
    yield OK


def late(_module: Device, a: int, b: str | None, c: int | None) -> Steps:
    yield OK


def early(_module: Device, a: int, b: str, c: int) -> Steps:
    yield OK


def textually(_module: "Device", a: "int", b: "str", c: "int") -> "Steps":
    yield OK


def tail(_module: Device, a: int, *others: int | str) -> Steps:
    yield OK


def groups(_module: Device, a: int, pairs: tuple[tuple[str, int], ...] | None) -> Steps:
    yield OK


def half(_module: Device, a: int, b: str | None, c: int) -> Steps:
    yield OK


def unknown(_module: Device, *a: int | None) -> Steps:
    yield OK


@pytest.mark.parametrize(
    ("form", "answer", "error"),
    [
        (SEND.on_write, one, f"AT+SEND, write form: expected the parameters (<a>, <b>, <c>), found (a) in {HERE}.one"),
        (
            SEND.on_write,
            four,
            f"AT+SEND, write form: expected the parameters (<a>, <b>, <c>), found (a, b, c, d) in {HERE}.four",
        ),
        (SEND.on_execute, one, f"AT+SEND, execute form: expected the parameters (), found (a) in {HERE}.one"),
        (SEND.on_read, one, f"AT+SEND, read form: expected the parameters (), found (a) in {HERE}.one"),
        (SEND.on_test, one, f"AT+SEND, test form: expected the parameters (), found (a) in {HERE}.one"),
        (
            SEND.on_write,
            late,
            (
                f"AT+SEND, write form: <b> is always given: expected a type without None for b, "
                f"found str | None in {HERE}.late"
            ),
        ),
        (
            SEND.on_write,
            early,
            f"AT+SEND, write form: <c> may be left out: expected a type with None for c, found int in {HERE}.early",
        ),
        (
            SEND.on_write,
            textually,
            f"AT+SEND, write form: <c> may be left out: expected a type with None for c, found int in {HERE}.textually",
        ),
        (
            SEND.on_write,
            tail,
            (
                f"AT+SEND, write form: <b> may be left out: expected a type with None for others, "
                f"found int | str in {HERE}.tail"
            ),
        ),
        (LIST.on_write, one, f"AT+LIST, write form: expected the parameters (<a>, <b,c>), found (a) in {HERE}.one"),
        (
            LIST.on_write,
            groups,
            (
                f"AT+LIST, write form: <b,c> is always given: expected a type without None for pairs, "
                f"found tuple[tuple[str, int], ...] | None in {HERE}.groups"
            ),
        ),
        (
            SET.on("one"),
            one,
            f'AT+SET="one", write form: expected the parameters (<a>, <b>, <c>), found (a) in {HERE}.one',
        ),
        (
            SET.on("one"),
            half,
            f'AT+SET="one", write form: <c> may be left out: expected a type with None for c, found int in {HERE}.half',
        ),
        (REGISTER.on_write, none, f"ATS7, write form: expected the parameters (<a>), found () in {HERE}.none"),
        (
            REGISTER.on_write,
            unknown,
            (
                f"ATS7, write form: <a> is always given: expected a type without None for a, "
                f"found int | None in {HERE}.unknown"
            ),
        ),
        (
            LIST.on_read,
            none,
            "AT+LIST, read form: expected a form that the command has, found an answer to one that it lacks",
        ),
        (
            Form("+SET", FormKind.WRITE, "two"),
            anything,
            'AT+SET="two", write form: expected a form that the command has, found an answer to one that it lacks',
        ),
        (SEND.on_read, print, "AT+SEND, read form: expected a function, found <built-in function print>"),
    ],
)
def test_what_does_not_fit(form: Form, answer: Callable[..., Any], error: str) -> None:
    """One line: the command, its form, what it should be and what it is."""
    with pytest.raises(TypeError) as caught:
        dialect(form, answer)
    assert str(caught.value) == error.replace(f"in {HERE}", f"in {__name__}")


def test_what_binds_values_is_no_function() -> None:
    """How many it takes could not be said."""
    with pytest.raises(TypeError, match=r"^AT\+SEND, read form: expected a function, found functools\.partial"):
        dialect(SEND.on_read, partial(one, a=1))


def test_it_fits_the_lenient_command_too() -> None:
    """What a module takes that is not strict."""
    shorter = {SEND.name: replace(SEND, params=(a, b))}
    with pytest.raises(
        TypeError, match=r"^AT\+SEND, write form: expected the parameters \(<a>, <b>\), found \(a, b, c\) in "
    ):
        dialect(SEND.on_write, write, lenient=shorter)


def test_one_answer_of_several_forms() -> None:
    """And the function stays what it was."""
    answers = Answers()
    assert answers(SEND.on_execute, SEND.on_read)(none) is none
    assert answers == {SEND.on_execute: none, SEND.on_read: none}


def test_urc_makers_are_registered_by_the_event() -> None:
    """By its class; and the function stays what it was."""
    makers = UrcMakers()

    def tell_closed(_module: Device, event: events.Closed) -> None:
        raise AssertionError(event)

    assert makers(events.Closed)(tell_closed) is tell_closed
    assert makers == {events.Closed: tell_closed}


def test_a_dialect_remembers_in_one_class() -> None:
    """Made at the first call, and anew after the power was gone; another would lose what the first knows."""
    module = Module(DIALECT, DIALECT.models[0])
    module.power_on(0.0)
    kept = module.memory(Notes)
    kept.append("a")
    assert module.memory(Notes) is kept
    assert module.memory(list) is kept
    with pytest.raises(TypeError, match=r"^tiny remembers in Notes and in dict$"):
        module.memory(dict)
    module.restart()
    assert module.memory(Notes) == []


class Notes(list[str]):
    """What a dialect might remember in."""


def satisfied(module: Module, client: MqttClient, mobile: Mobile) -> tuple[Device, MqttClientSlot, MobileState]:
    """Mypy shows by this that the machinery has all that a dialect may ask."""
    return module, client, mobile
