"""What the terminal itself says, in English and in Chinese: one table."""

import locale
import os
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from modemlab.dialect.known import Known

LANGUAGES = ("en", "zh")

TEXTS: Mapping[str, tuple[str, str]] = {
    # kinds of what is shown
    "sent": ("sent", "发送"),
    "answer": ("answer", "应答"),
    "urc": ("event", "上报"),
    "data": ("data", "数据"),
    "note": ("note", "提示"),
    "other": ("other", "其他"),
    "remedy": ("remedy", "处理办法"),
    # the parameter under the cursor
    "options": ("options: {names}", "选项：{names}"),
    "too_many": ("the command takes no more parameters", "该命令没有更多参数"),
    "response_time": ("answers within {seconds} s", "最长响应时间 {seconds} 秒"),
    "default": ("default {value}", "默认 {value}"),
    "counted": (
        "leave it out behind its comma and the message is asked for, its length filled in",
        "在逗号后留空即可先输入消息，长度自动填写",
    ),
    "range": ("{least} to {most}{unit}", "{least} 至 {most}{unit}"),
    "no_command": ("no command of {title}", "不是 {title} 的命令"),
    "wrong": ("wrong here: {reason}", "此处有误：{reason}"),
    "near": ("near it are {names}", "相近的有 {names}"),
    # a command that a manual names and no declaration has
    "known": ("known, not simulated ({source})", "已知，未模拟（{source}）"),
    "next_generation": ("{source}, for the next generation", "{source}，适用于下一代模块"),
    "known_remedy": (
        "a real module: check it against that section; a virtual one: --answers FILE can answer it (docs/answers.md)",
        "真实模块：请对照该章节检查；虚拟模块：可用 --answers 文件来应答（docs/answers.md）",
    ),
    "mean": ("did you mean {name}?", "是不是 {name}？"),
    # result codes
    "ok": ("done", "成功"),
    "error": ("refused, without a reason", "被拒绝，未给出原因"),
    "error_reason": ("refused: {reason}", "被拒绝：{reason}"),
    "error_known": ("refused: {name} is {known}", "被拒绝：{name} {known}"),
    "ask_reasons": ("AT+CMEE={value} has the module give reasons", "AT+CMEE={value} 可让模块给出原因"),
    "state": (
        "refused, without a reason: what was typed is right, so the module's state is against it",
        "被拒绝，未给出原因：命令格式无误，是当前状态不允许",
    ),
    "one_by_one": (
        "send these commands one by one: that shows which one is refused",
        "请逐条发送这些命令，以便看出哪一条被拒绝",
    ),
    "no_carrier": ("the connection is over", "连接已断开"),
    "no_answer": ("the other end does not answer", "对方无应答"),
    "busy": ("the other end is busy", "对方忙"),
    "unsupported": ("the module has no such command", "模块没有这个命令"),
    "cms": ("a failure of the short message service, {code}", "短信服务错误 {code}"),
    "prompt_counted": ("the module waits for {count} bytes", "模块等待 {count} 字节数据"),
    "prompt_open": (
        "the module waits for data: Ctrl-Z sends it, Esc cancels",
        "模块等待数据：Ctrl-Z 发送，Esc 取消",
    ),
    "unknown_urc": ("told unasked, and not in the tables", "主动上报，表中没有"),
    "noise": ("neither an answer nor an event", "既不是应答也不是上报"),
    "bytes": ("{count} bytes", "{count} 字节"),
    "more_bytes": ("... {count} bytes more", "…… 还有 {count} 字节"),
    "more_lines": ("... {count} lines more", "…… 还有 {count} 行"),
    # data entry
    "message_for": (
        "type the message for <{name}>, {least} to {most} bytes; Enter sends it, Esc cancels",
        "请输入消息，<{name}> 自动填写（{least} 至 {most} 字节）；回车发送，Esc 取消",
    ),
    "message_size": (
        "the message has {count} bytes, but <{name}> takes {least} to {most}",
        "消息有 {count} 字节，但 <{name}> 只能是 {least} 至 {most}",
    ),
    "too_long": ("{count} bytes are too many: the module takes {left}", "{count} 字节过多：模块只再接收 {left} 字节"),
    "more_wanted": ("{left} bytes are still to come", "还差 {left} 字节"),
    "counted_key": (
        "{name} is not sent: data with a length ends by its bytes alone, and {left} of {size} are still to come",
        "未发送 {name}：有长度的数据只以字节数结束，共 {size} 字节，还差 {left} 字节",
    ),
    "fill_up": (
        "type them, or press Esc again: it sends {left} blanks, and the module does with the data what it was told",
        "请继续输入，或再按一次 Esc：将发送 {left} 个空格，模块随即照常处理这些数据",
    ),
    "filled": ("the data is filled up with {left} blanks", "数据用 {left} 个空格补足"),
    "blanks": ("{count} blanks", "{count} 个空格"),
    "pluses": (
        "+++ is sent: behind a second of silence it ends the data early",
        "已发送 +++：前后静默一秒即可提前结束数据",
    ),
    "pluses_end": (
        "+++ by itself, a second of silence ahead of it, ends a file's data early",
        "单独发送 +++（之前静默一秒）可提前结束文件数据",
    ),
    "no_data": (
        "no data is asked for: {name} is not sent. :bytes {code} sends it all the same",
        "模块没有在等待数据：未发送 {name}。:bytes {code} 仍可发送",
    ),
    "cancelled": ("cancelled, nothing was sent", "已取消，未发送"),
    "ctrl_z": ("Ctrl-Z is sent: the data ends here", "已发送 Ctrl-Z：数据到此结束"),
    "escape": ("Esc is sent: the data is cancelled", "已发送 Esc：取消数据"),
    "bad_character": ("a command line has no control characters", "命令行不能含控制字符"),
    # the port and the module
    "opened": ("{port} is open", "{port} 已打开"),
    "opened_again": ("{port} is open again", "{port} 已重新打开"),
    "lost": (
        "the port is lost: {reason}. It is opened again by itself as soon as it is there",
        "端口断开：{reason}。端口恢复后会自动重新打开",
    ),
    "not_open": ("the port is not open; F5 or :open opens it", "端口未打开；按 F5 或 :open 打开"),
    "cannot_open": ("cannot be opened: {reason}", "无法打开：{reason}"),
    "model": ("the module is {model}: {title}", "模块为 {model}：{title}"),
    "all_models": ("any model", "所有型号"),
    "no_model": (
        "the model is not known yet: completion and words are those of all models; --model names one",
        "尚不知道型号：补全和说明按所有型号；可用 --model 指定",
    ),
    "silent": ("no result code within {seconds} s", "{seconds} 秒内没有结果码"),
    "no_urc": ("{name} did not come within {seconds} s", "{seconds} 秒内没有收到 {name}"),
    "restarted": ("the module started anew", "模块已重启"),
    "closed": ("closed", "已关闭"),
    "connected": ("open", "已打开"),
    # macros and scripts
    "macros": ("Macros", "命令列表"),
    "loaded": ("{file}: {count} commands", "{file}：{count} 条命令"),
    "no_macros": ("there are no macros: :load FILE reads some", "没有命令列表：用 :load 文件 读入"),
    "no_macro": ("there is no macro {number}: 1 to {count} are", "没有第 {number} 条：只有 1 至 {count}"),
    "added": ("macro {number}: {text}", "第 {number} 条：{text}"),
    "nothing_to_add": ("nothing was sent yet", "还没有发送过命令"),
    "dropped": ("macro {number} is dropped", "第 {number} 条已删除"),
    "written": ("{file}: {count} commands are written", "{file}：写入 {count} 条命令"),
    "left_out": (
        "QCOM has no place for the lines that a script waits for: {count} are left out",
        "QCOM 不能保存脚本等待的行：略去 {count} 行",
    ),
    "too_many_macros": ("a list holds {count} commands", "列表最多 {count} 条命令"),
    "script_begins": (
        "the script begins: {count} commands, {times} times",
        "脚本开始：{count} 条命令，运行 {times} 次",
    ),
    "script_done": ("the script is done", "脚本完成"),
    "script_stopped": ("the script is stopped", "脚本已停止"),
    "script_failed": ("the script stops at {text}: {reason}", "脚本停在 {text}：{reason}"),
    "script_idle": ("no script is running", "没有脚本在运行"),
    "not_said": ("{line} did not come within {seconds} s", "{seconds} 秒内没有收到 {line}"),
    "no_prompt": ("this is data, and the module asks for none", "这是数据，但模块没有在等待数据"),
    # files
    "saved": ("{file}: the session is saved, {count} lines", "{file}：会话已保存，{count} 行"),
    "exists": ("{file} exists: give another name", "{file} 已存在：请换一个名字"),
    "file_trouble": ("{file}: {reason}", "{file}：{reason}"),
    "session_cut": (
        "the session is longer than {count} lines: its begin is not in the file",
        "会话超过 {count} 行：开头部分不在文件中",
    ),
    "masked": (
        "secrets are masked; --raw keeps them",
        "密码等已屏蔽；--raw 可保留",
    ),
    "not_masked": ("nothing is masked: passwords and keys are in the file", "未屏蔽任何内容：文件含密码和密钥"),
    "log_begins": (
        "{file}: what passes from here on is written there; :log ends it",
        "{file}：此后的会话写入该文件；:log 结束",
    ),
    "log_ends": ("{file}: the log ends, {count} lines", "{file}：日志结束，{count} 行"),
    "log_exists": (
        "{file} exists: give another name, or :log! {file} replaces it",
        "{file} 已存在：请换一个名字，或用 :log! {file} 替换",
    ),
    "log_failed": ("{file}: {reason}: the log ends here", "{file}：{reason}：日志到此结束"),
    "file_sent": ("{file}, {count} bytes", "{file}，{count} 字节"),
    "file_large": ("has more than {most} bytes", "超过 {most} 字节"),
    "no_upload": (
        "which command takes it? Write :send FILE AT..., ending in the comma ahead of the length",
        "用哪条命令发送？请写 :send 文件 AT...,（以长度前的逗号结尾）",
    ),
    "no_length": (
        "{text} lacks no length: end it in the comma ahead of the length",
        "{text} 不缺长度：请以长度前的逗号结尾",
    ),
    # comments in a saved session
    "file_masked": (
        "Secrets are written as *, and what varies as patterns (<<~). Read it all the same before you give it away.",
        "密码等以 * 代替，变化的内容写作模式（<<~）。交给他人之前仍请自行检查。",
    ),
    "file_raw": (
        "Nothing is masked: passwords, keys and numbers stand here.",
        "未屏蔽任何内容：含密码、密钥和号码。",
    ),
    "file_cut": ("The begin of the session is not here.", "会话的开头部分不在此文件中。"),
    "port_gone": ("the port is gone", "端口已断开"),
    # the terminal's own commands
    "unknown_local": (
        "{word} is no command of the terminal: :help lists them",
        "没有 {word}：:help 列出终端命令",
    ),
    "unknown_local_near": (
        "{word} is no command of the terminal; did you mean :{near}? :help lists them",
        "没有 {word}；是否为 :{near}？:help 列出终端命令",
    ),
    "usage": ("write {usage}", "用法：{usage}"),
    "help_help": ("lists these", "列出这些命令"),
    "help_explain": ("explains a command line that is not sent", "解释一行命令，但不发送"),
    "help_macros": ("lists the macros", "列出命令列表"),
    "help_number": ("sends that macro", "发送该条命令"),
    "help_run": ("runs the macros as a script, from FIRST on", "把列表作为脚本运行，从 FIRST 开始"),
    "help_stop": ("stops the script", "停止脚本"),
    "help_load": ("reads macros: a QCOM list (.ini) or a transcript", "读入命令列表：QCOM 列表（.ini）或会话记录"),
    "help_store": (
        "writes the macros: .ini for QCOM, else a transcript",
        "保存命令列表：.ini 为 QCOM 格式，否则为会话记录",
    ),
    "help_add": ("adds TEXT to the macros, or the command sent last", "把 TEXT 或上一条命令加入列表"),
    "help_drop": ("drops that macro", "删除该条命令"),
    "help_show": ("how payloads are shown", "消息的显示方式"),
    "help_save": ("saves the session as a transcript", "把会话保存为记录文件"),
    "help_log": (
        "writes what passes from here on to FILE; without FILE ends that",
        "把此后的会话写入 FILE；不带 FILE 则结束",
    ),
    "help_log_over": ("the same, in place of a file that is there", "同上，替换已有文件"),
    "help_send": (
        "sends a file, its length filled in: to the module's files, or as the data of the command",
        "发送文件，长度自动填写：存入模块，或作为该命令的数据",
    ),
    "help_bytes": ("sends these bytes, and no end of a line", "发送这些字节，不加行尾"),
    "help_open": ("opens the port again", "重新打开端口"),
    "help_quit": ("ends", "退出"),
    "shown_as": ("payloads are shown {form}", "消息显示方式：{form}"),
    "form_json": ("as JSON where they are, else as text or hex", "JSON 优先，否则为文本或十六进制"),
    "form_hex": ("as hex", "十六进制"),
    "form_raw": ("as they came", "原样"),
    # the screen
    "title_input": ("command", "命令"),
    "title_message": ("message", "消息"),
    "title_data": ("data", "数据"),
    "title_data_left": ("data: {count} of {left} bytes", "数据：{count} / {left} 字节"),
    "title_asked": ("send them?", "发送？"),
    "placeholder": ("AT command, or :help", "AT 命令，或 :help"),
    "keys": (
        "F1 Help  F2 Macros  F3 JSON/hex  F4 Run  F5 Open  ^S Save  Tab Complete  ^Q Quit",
        "F1 帮助  F2 列表  F3 JSON/十六进制  F4 运行  F5 打开  ^S 保存  Tab 补全  ^Q 退出",
    ),
    "keys_edit": (
        "Up, Down: earlier commands. Tab: completes, then the next candidate. PageUp, PageDown: scroll.",
        "上下键：历史命令。Tab：补全，再按为下一个候选。PageUp、PageDown：翻页。",
    ),
    "keys_data": (
        "Ctrl-Z: sends it and ends the data. Esc: cancels the data, fills data with a length up, or clears the input.",
        "Ctrl-Z：发送并结束数据。Esc：取消数据，补足有长度的数据，或清空输入。",
    ),
    "pasted_lines": (
        "{count} lines were pasted, the first is taken; :load FILE reads lists of commands",
        "粘贴了 {count} 行，只取第一行；:load 文件 可读入命令列表",
    ),
    "pasted_commands": (
        "{count} lines were pasted, {commands} of them commands: each would wait for the answer to the one before it",
        "粘贴了 {count} 行，其中 {commands} 条命令：每条等前一条应答后再发送",
    ),
    "pasted_message": (
        "{count} lines were pasted: one message of {size} bytes, with LF between the lines",
        "粘贴了 {count} 行：作为一条 {size} 字节的消息，行间为 LF",
    ),
    "pasted_data": (
        "{count} lines were pasted: the data that the module waits for",
        "粘贴了 {count} 行：作为模块等待的数据",
    ),
    "pasted_nothing": (
        "{count} lines were pasted and none is a command (AT...): nothing is taken",
        "粘贴了 {count} 行，没有命令（AT...）：未采用",
    ),
    "pasted_answer": ("Enter sends them, Esc or n drops them", "回车发送，Esc 或 n 放弃"),
    "pasted_dropped": ("dropped, nothing was sent", "已放弃，未发送"),
    "pasted_left": ("not sent, {count}: {lines}", "未发送 {count} 条：{lines}"),
    "comments_dropped": ("what stands behind // is a comment and is not sent", "// 之后是注释，不发送"),
    "comment_dropped": ("a comment, not sent: {text}", "注释，未发送：{text}"),
    "not_sent": ("no command, not sent: {text}", "不是命令，未发送：{text}"),
    "no_message": (
        "the message for <{name}> is missing: no line stands behind the command",
        "缺少 <{name}> 对应的消息：命令之后没有内容",
    ),
    "does_not_fit": (
        "the module waits for {left} bytes, and the text has {count}: nothing of it is sent",
        "模块等待 {left} 字节，而文本有 {count} 字节：未发送",
    ),
    "script_running": ("a script is running; :stop ends it", "脚本正在运行；:stop 停止"),
    "pasted_long": (
        "{count} characters were pasted, too many: a line has {most} at most",
        "粘贴了 {count} 个字符，过多：一行最多 {most} 个",
    ),
    "input_full": ("a line has {most} characters at most", "一行最多 {most} 个字符"),
    "keys_macros": (
        "In the macros Enter sends one, F4 runs those from there on as a script; F2 leaves them.",
        "在命令列表中：回车发送一条，F4 从该条开始作为脚本运行，F2 离开。",
    ),
    "keys_overlay": ("F2 shows the macros and hides them", "F2 显示和隐藏命令列表"),
    "skipped": (
        "{count} lines came too fast to be shown; the session has them",
        "{count} 行来得太快，未显示；会话中有",
    ),
    # words for people who set it up
    "no_input": ("there is no input", "没有输入"),
    "no_textual": (
        "the full-screen terminal needs Textual: pip install 'modemlab[term]'; --plain works without",
        "全屏终端需要 Textual：pip install 'modemlab[term]'；--plain 不需要",
    ),
    "dumb": (
        "TERM={term} cannot place the cursor: lines in, lines out, as with --plain",
        "TERM={term} 不能定位光标：逐行输入输出，同 --plain",
    ),
    "no_screen": (
        "the full-screen terminal needs a terminal for input and output; --plain takes pipes",
        "全屏终端的输入和输出必须是终端；管道请用 --plain",
    ),
}


class Language(NamedTuple):
    """A language of the terminal: called with a key of `TEXTS` it gives the text, with its values filled in."""

    code: str

    def __call__(self, key: str, **values: Any) -> str:
        """The text of that key; KeyError when there is none."""
        return TEXTS[key][LANGUAGES.index(self.code)].format(**values)

    def word(self, text: str) -> str:
        """A word of a declaration in this language; itself where it is not translated."""
        if self.code == "en":
            return text
        known = chinese()
        return known.get(text) or known.get(text.lower(), text)

    def reason(self, text: str) -> str:
        """A sentence that something else says, such as why a line is refused; itself where it is not translated."""
        if self.code == "en":
            return text
        from modemlab.terminal.chinese_reasons import in_chinese  # noqa: PLC0415 (an English terminal needs none)

        return in_chinese(text, self.word)

    def source(self, text: str) -> str:
        """A place in a manual."""
        if self.code == "en":
            return text
        from modemlab.terminal.chinese_reasons import manual  # noqa: PLC0415 (an English terminal needs none)

        return manual(text)

    def known(self, known: Known) -> str:
        """That a command is known, and where it stands."""
        source = self.source(known.manual)
        return self("known", source=self("next_generation", source=source) if known.inferred else source)


@cache
def chinese() -> Mapping[str, str]:
    """The words of declarations in Chinese, by the English ones."""
    from modemlab.terminal.chinese_commands import COMMANDS  # noqa: PLC0415 (an English terminal does not need them)
    from modemlab.terminal.chinese_errors import ERRORS  # noqa: PLC0415
    from modemlab.terminal.chinese_settings import SETTINGS  # noqa: PLC0415
    from modemlab.terminal.chinese_words import WORDS  # noqa: PLC0415

    return {**ERRORS, **SETTINGS, **COMMANDS, **WORDS}


def preferred() -> str:
    """The language that the locale asks for: `zh` for Chinese, else `en`."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    try:
        set_to = locale.getlocale()[0] or ""
    except ValueError:
        set_to = ""
    return "zh" if set_to.lower().startswith(("zh", "chinese")) else "en"
