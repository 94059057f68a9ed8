"""The catalogue of Chinese messages."""

import re
from gettext import translation
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

import modemlab.text
from modemlab.text.catalogue import N_, english, translator

HOME = Path(modemlab.text.__file__).parent / "locale"
HAN = re.compile("[\u4e00-\u9fff]")
# What is called so in Chinese too: technologies, protocols, ciphers, result codes, commands.
SAME = re.compile(
    r"AT\+C[A-Z]+=.*|GSM Compact|((GSM|WCDMA|UTRAN|E-UTRAN|LTE|NB-S1)(, )?)+|IPv[46]|PAP|CHAP|NAS|DHCP|CS|PS|PIN2?|PUK"
    r"|ASCII|UCS-2|IMEI|IMSI|V\.42bis|RFC \d+|FTP|HTTP|MQTT( [\d.]+)?|SSL [\d.]+|D?TLS( [\d.]+)?|TLS_[A-Z0-9_]+"
    r"|ERROR|\+CTZ[A-Z]+|<\w+>@<\w+>|V\.250|3GPP TS [\d.]+|,? (by|in) {way}|[(), ]*((AT)?{\w+}[:;,() ]*)+"
)
WIDE = str.maketrans("：；（）", ":;()")
with open(HOME / "zh_CN.po", "rb") as _source:
    MESSAGES = {str(each.id): str(each.string) for each in read_po(_source, locale="zh_CN") if each.id}


def fields(text: str) -> set[str]:
    """The values that a message takes."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None} if "{" in text else set()


def test_each_message_has_chinese_words() -> None:
    """Or is the same in both languages."""
    assert len(MESSAGES) > 1000
    left = [
        m
        for m, said in MESSAGES.items()
        if not HAN.search(said) and not (SAME.fullmatch(m) and SAME.fullmatch(said.translate(WIDE)))
    ]
    assert left == []


def test_each_translation_takes_the_values_of_its_message() -> None:
    """By their names."""
    assert [m for m, said in MESSAGES.items() if fields(m) != fields(said)] == []


@pytest.mark.parametrize("message", ["Signal quality", "no such message", ""])
def test_translator(message: str) -> None:
    """Into Chinese; what the catalogue lacks, and English, stay as they are."""
    assert translator("zh")(message) == MESSAGES.get(message, message)
    assert translator("en")(message) == english(message) == N_(message) == message


def test_what_is_installed_is_what_the_catalogue_says() -> None:
    """`make test` compiles it where it is older."""
    compiled = translation("modemlab", HOME, ["zh_CN"])
    assert {message: compiled.gettext(message) for message in MESSAGES} == MESSAGES
