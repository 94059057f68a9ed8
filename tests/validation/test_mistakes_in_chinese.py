"""What is wrong with a file, in Chinese: the message, and what was expected."""

from collections.abc import Callable

import pytest

from modemlab.lab.check_file import read_check
from modemlab.module.custom_commands import read_answers
from modemlab.scenario.file import read_scenario
from modemlab.text.catalogue import translator
from modemlab.validation.input_errors import InputMistakes


@pytest.mark.parametrize(
    ("read", "text", "lines"),
    [
        (
            read_scenario,
            '[[step]]\nat = "12"\nwiat = 3\naction = {do = "lock_sim", pin = 1}\n',
            [
                "第 2 行：at 是 '12'，应为：数字，0 至 10000000 秒，不加引号",
                "第 3 行：没有步骤的键 'wiat'；是否指 'wait'？可用的有：at, after, wait, action",
                "第 4 行：lock_sim: pin 不符合要求：引号中的 4 至 8 位数字",
            ],
        ),
        (
            read_scenario,
            '[[step]]\nafter = {packet = "PUBLISH"}\naction = {do = "power_key", seconds = true}\n',
            [
                "第 2 行：after: packet: 缺少 direction，应为：in 或 out，因为 PUBLISH 两个方向都有",
                "第 3 行：power_key: 没有参数 'seconds'；一个也没有",
            ],
        ),
        (
            read_check,
            '[program]\nforever = 1\n[broker]\nkey = "a"\n[module]\nnetwork = "slow"\n[[expect]]\nurc = ""\n',
            [
                "第 2 行：program: forever 是 1，应为：true 或 false",
                "第 3 行：broker: key 和 client_ca 只能与 certificate 同时给出",
                "第 6 行：module: network 是 'slow'，应为：lab, cat1, nbiot, edge-of-cell, tunnel 之一",
                """第 8 行：expect: urc: urc 是 ''，应为：URC 的开头，如 "+QMTSTAT: 0\"""",
            ],
        ),
        (
            read_answers,
            '[[answer]]\ncommand = "ATX"\npattern = "ATY"\n',
            ["第 1 行：answer 1: command 和 pattern 必须给出且只能给出一个"],
        ),
    ],
)
def test_in_chinese(read: Callable[[str], object], text: str, lines: list[str]) -> None:
    """The names of keys and their values stay as the file has them."""
    with pytest.raises(InputMistakes) as caught:
        read(text)
    assert caught.value.lines(translator("zh")) == lines
