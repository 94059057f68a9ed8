"""What helps, by what a result means. Where a manual's table has a remedy it stands in the declaration.

Meanings are looked up whatever their case.
"""

from collections.abc import Mapping

# Meaning in lower case: the remedy in English and in Chinese.
REMEDIES: Mapping[str, tuple[str, str]] = {
    # an MQTT client's network
    "the network could not be opened": (
        "check the server's address and port, and with TLS its certificates, then open again",
        "检查服务器地址和端口，用 TLS 时检查证书，然后重新打开",
    ),
    "wrong parameter": ("check the values against AT+QMTOPEN=?", "对照 AT+QMTOPEN=? 检查参数"),
    "the client is occupied": (
        "close it first (AT+QMTCLOSE=<client_idx>), or use another client",
        "先关闭该客户端（AT+QMTCLOSE=<client_idx>），或换一个客户端",
    ),
    "the pdp context could not be activated": (
        "check SIM, registration (AT+CEREG?) and APN, then activate the PDP context again",
        "检查 SIM 卡、注册状态（AT+CEREG?）和 APN，然后重新激活 PDP 场景",
    ),
    "the name could not be resolved": (
        "check the server's name and the DNS servers, or use its address",
        "检查域名和 DNS 服务器，或直接使用 IP 地址",
    ),
    "the network went away": (
        "deactivate and activate the PDP context, then open again",
        "去激活并重新激活 PDP 场景，然后重新打开",
    ),
    "not disconnected": ("AT+QMTCLOSE closes the client all the same", "仍可用 AT+QMTCLOSE 关闭客户端"),
    "not delivered": (
        "the server did not answer: check the link (AT+QMTCONN?), then publish or subscribe again",
        "服务器没有应答：检查连接（AT+QMTCONN?），然后重新发布或订阅",
    ),
    "no answer": ("check the address and whether it is an MQTT server", "检查地址，确认对方是 MQTT 服务器"),
    "refused: protocol version": (
        'choose another version (AT+QMTCFG="version"); no retry mends it',
        '更换协议版本（AT+QMTCFG="version"）；重试无效',
    ),
    "refused: client id": ("use another client id; no retry mends it", "更换客户端标识；重试无效"),
    "refused: server unavailable": ("wait, then connect again", "稍后重新连接"),
    "refused: user name or password": (
        "check user name, password and the clock they are made with; no retry mends it",
        "检查用户名、密码以及计算密码所用的时间；重试无效",
    ),
    "refused: not authorized": (
        "have the platform allow this device; no retry mends it",
        "请在平台上授权该设备；重试无效",
    ),
    # Luat's words
    "the connection could not be made": (
        "check address and port, and the network (AT+CGATT?), then AT+MIPSTART again",
        "检查地址、端口和网络（AT+CGATT?），然后重新 AT+MIPSTART",
    ),
    "there is a connection already": ("AT+MIPCLOSE closes it", "先用 AT+MIPCLOSE 关闭"),
    "the connection ended by itself": ("connect again with AT+MIPSTART", "用 AT+MIPSTART 重新连接"),
    "the server has refused, or did not answer": (
        "check user name, password and client id (AT+MCONFIG)",
        "检查用户名、密码和客户端标识（AT+MCONFIG）",
    ),
    "the pdp context is gone": (
        "AT+CIPSHUT, then activate the context again",
        "先 AT+CIPSHUT，再重新激活场景",
    ),
    # registration
    "not registered, not searching": (
        "switch the radio on (AT+CFUN=1) and have it register (AT+COPS=0)",
        "打开射频（AT+CFUN=1）并自动注册（AT+COPS=0）",
    ),
    "not registered, searching": ("wait; check antenna and signal (AT+CSQ)", "请等待；检查天线和信号（AT+CSQ）"),
    "registration denied": (
        "have the operator check the SIM and its tariff",
        "请运营商检查 SIM 卡及其套餐",
    ),
    # +CME ERROR
    "operation not allowed": (
        "the state forbids it: what must come first, or is open already?",
        "当前状态不允许：检查前置步骤，或是否已打开",
    ),
    "operation not supported": ("check the name of the command and its options", "检查命令名和选项"),
    "sim not inserted": ("put a SIM in, then restart the module or AT+CFUN=1", "插入 SIM 卡，再重启模块或 AT+CFUN=1"),
    "sim pin required": ("AT+CPIN=<pin>", "AT+CPIN=<pin>"),
    "sim puk required": ("AT+CPIN=<puk>,<new pin>", "AT+CPIN=<puk>,<新 PIN>"),
    "sim failure": ("clean the contacts, or try another SIM", "清洁触点，或换一张 SIM 卡"),
    "sim busy": ("wait a second, then try again", "等待片刻后重试"),
    "sim wrong": ("use the SIM that the module is bound to", "使用与模块绑定的 SIM 卡"),
    "incorrect password": ("check it: three wrong PINs lock the SIM", "请核对：PIN 错三次会锁卡"),
    "memory full": ("delete what is not needed", "删除不需要的内容"),
    "no network service": (
        "check antenna, signal (AT+CSQ) and registration (AT+CEREG?)",
        "检查天线、信号（AT+CSQ）和注册状态（AT+CEREG?）",
    ),
    "network timeout": ("try again; check signal and registration", "重试；检查信号和注册状态"),
    "incorrect parameters": ("check the values against the test form, AT+<name>=?", "用测试命令 AT+<名称>=? 核对参数"),
    "parameters are invalid": (
        "check the values against the test form, AT+<name>=?",
        "用测试命令 AT+<名称>=? 核对参数",
    ),
    "pdp authentication failure": ("check the APN's user name and password", "检查 APN 的用户名和密码"),
    "requested service option not subscribed": (
        "have the operator enable data, check the APN",
        "请运营商开通数据业务，检查 APN",
    ),
    "file not found": ("AT+QFLST lists the files", "AT+QFLST 列出文件"),
    "no space": ("AT+QFDEL deletes files", "用 AT+QFDEL 删除文件"),
    "minimum functionality (at+cfun=0)": ("AT+CFUN=1", "AT+CFUN=1"),
    "uplink busy, flow control": (
        "five messages are unacknowledged: wait for a +QMTPUB",
        "已有五条消息未确认：等待 +QMTPUB",
    ),
}
# The same things under other names.
OTHERWISE = {
    "usim not inserted": "sim not inserted",
    "usim pin required": "sim pin required",
    "usim puk required": "sim puk required",
    "usim failure": "sim failure",
    "usim busy": "sim busy",
    "usim wrong": "sim wrong",
    "network time-out": "network timeout",
    "pin needed": "sim pin required",
    "cfun state is 0 or 4": "minimum functionality (at+cfun=0)",
    "no answer in time": "no answer",
}


def remedy(meaning: str, language: str) -> str:
    """What helps; "" where nothing is known."""
    key = meaning.lower()
    found = REMEDIES.get(OTHERWISE.get(key, key))
    return "" if found is None else found[language == "zh"]
