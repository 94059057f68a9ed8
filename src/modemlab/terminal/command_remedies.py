"""What helps when the state of things is against a command: what must come first, and what shows how things stand.

A form, as `+QIACT=`, has its remedies in English and in Chinese; of several the first holds whose commands the module
has.
"""

from collections.abc import Mapping

Helps = tuple[tuple[str, str], ...]

CONNECTED: Helps = (
    (
        (
            "the client must be connected (AT+QMTOPEN, then AT+QMTCONN), and <msgid> must not be under way; "
            "AT+QMTCONN? shows the states"
        ),
        "客户端必须已连接（先 AT+QMTOPEN，再 AT+QMTCONN），且 <msgid> 不能正在使用；AT+QMTCONN? 显示状态",
    ),
)
PUBLISHED: Helps = (
    (
        (
            "the client must be connected (AT+QMTCONN? shows the states), <msgid> must not be under way, and no more "
            "than five messages unacknowledged"
        ),
        "客户端必须已连接（AT+QMTCONN? 显示状态），<msgid> 不能正在使用，未确认的消息不超过五条",
    ),
)
LUAT_SESSION: Helps = (
    (
        "AT+MIPSTART, then AT+MCONNECT must come first; AT+MQTTSTATU shows the state",
        "必须先 AT+MIPSTART，再 AT+MCONNECT；AT+MQTTSTATU 显示状态",
    ),
)
LUAT_LINK: Helps = (
    (
        "AT+MQTTSTATU shows the state; AT+MIPCLOSE closes a connection that is there",
        "AT+MQTTSTATU 显示状态；AT+MIPCLOSE 关闭已有连接",
    ),
)
LUAT_CONTEXT: Helps = (
    (
        "AT+CSTT, AT+CIICR and AT+CIFSR go in this order; AT+CIPSTATUS shows the state, AT+CIPSHUT begins anew",
        "顺序为 AT+CSTT、AT+CIICR、AT+CIFSR；AT+CIPSTATUS 显示状态，AT+CIPSHUT 重新开始",
    ),
)
LUAT_FILE: Helps = (
    ("AT+FSFLSIZE shows whether there is the file; AT+FSCREATE makes it", "AT+FSFLSIZE 查看文件；AT+FSCREATE 创建文件"),
)
CONTEXTS: Helps = (
    (
        "AT+CGACT? shows the contexts that are active, AT+CGDCONT? those that are defined",
        "AT+CGACT? 显示已激活的场景，AT+CGDCONT? 显示已定义的场景",
    ),
)
SIM: Helps = (("AT+CPIN? shows what the SIM asks for", "AT+CPIN? 显示 SIM 卡在等待什么"),)
RADIO_OFF: Helps = (("AT+CFUN=0 must come first", "必须先 AT+CFUN=0"),)

STATES: Mapping[str, Helps] = {
    # MQTT of Quectel's modules
    "+QMTOPEN=": (
        (
            "AT+QMTOPEN? shows the clients that are open; AT+QMTCLOSE closes one",
            "AT+QMTOPEN? 显示已打开的客户端；AT+QMTCLOSE 关闭客户端",
        ),
    ),
    "+QMTCLOSE=": (
        (
            "AT+QMTOPEN? shows the clients that are open: what was never opened is not closed",
            "AT+QMTOPEN? 显示已打开的客户端：从未打开的无法关闭",
        ),
    ),
    "+QMTCONN=": (
        (
            "AT+QMTOPEN must come first and end in result 0; AT+QMTCONN? shows the clients' states",
            "必须先 AT+QMTOPEN 且结果为 0；AT+QMTCONN? 显示客户端状态",
        ),
    ),
    "+QMTDISC=": (
        (
            "the client must be connected: AT+QMTCONN? shows the states; AT+QMTCLOSE closes a client all the same",
            "客户端必须已连接：AT+QMTCONN? 显示状态；仍可用 AT+QMTCLOSE 关闭客户端",
        ),
    ),
    "+QMTSUB=": CONNECTED,
    "+QMTUNS=": CONNECTED,
    "+QMTPUBEX=": PUBLISHED,
    "+QMTPUB=": PUBLISHED,
    "+QMTRECV=": (
        (
            "the client must be connected: AT+QMTCONN? shows the states, AT+QMTRECV? the messages that wait",
            "客户端必须已连接：AT+QMTCONN? 显示状态，AT+QMTRECV? 显示等待的消息",
        ),
    ),
    "+QMTCFG=": (
        (
            (
                "settings go ahead of AT+QMTCONN, the network's ahead of AT+QMTOPEN: AT+QMTCONN? shows the states, "
                "AT+QMTCLOSE closes the client"
            ),
            "设置应在 AT+QMTCONN 之前，网络设置应在 AT+QMTOPEN 之前：AT+QMTCONN? 显示状态，AT+QMTCLOSE 关闭客户端",
        ),
    ),
    # PDP contexts and the network
    "+QIACT=": (
        (
            (
                "AT+QIACT? shows the contexts that are active: an active one is refused, and a fourth (AT+QIDEACT "
                "deactivates). If it is not there, check SIM (AT+CPIN?), registration (AT+CEREG?) and APN (AT+QICSGP)"
            ),
            (
                "AT+QIACT? 显示已激活的场景：已激活的或第四个会被拒绝（AT+QIDEACT 去激活）。"
                "若未激活，检查 SIM 卡（AT+CPIN?）、注册状态（AT+CEREG?）和 APN（AT+QICSGP）"
            ),
        ),
    ),
    "+QIDEACT=": (("AT+QIACT? shows the contexts that are active", "AT+QIACT? 显示已激活的场景"),),
    "+CGACT=": CONTEXTS,
    "+CGDCONT=": (
        (
            "an active context does not change: AT+CGACT? shows them, AT+CGACT=0,<cid> deactivates one",
            "已激活的场景不能修改：AT+CGACT? 显示状态，AT+CGACT=0,<cid> 去激活",
        ),
    ),
    "+COPS=": (
        (
            "AT+CSCON? shows whether there is a signalling connection: wait until it is gone",
            "AT+CSCON? 显示是否有信令连接：等待其释放",
        ),
    ),
    "+CCLK=": (("AT+NITZ=0 leaves the clock to the host", "AT+NITZ=0 由主机设置时钟"),),
    "+NBAND=": RADIO_OFF,
    "+NCONFIG=": RADIO_OFF,
    # the SIM
    "+CPIN=": SIM,
    "+CPWD=": (
        ('AT+CLCK="SC",2 shows whether the card is locked: it must be', 'AT+CLCK="SC",2 显示是否锁卡：必须已锁'),
    ),
    "+CLCK=": SIM,
    "+CIMI": SIM,
    "+QCCID": SIM,
    "+QPINC=": SIM,
    "+QPINC?": SIM,
    # Luat
    "+CSTT=": LUAT_CONTEXT,
    "+CSTT": LUAT_CONTEXT,
    "+CIICR": LUAT_CONTEXT,
    "+CIFSR": LUAT_CONTEXT,
    "+MIPSTART=": LUAT_LINK,
    "+SSLMIPSTART=": LUAT_LINK,
    "+MIPCLOSE": LUAT_LINK,
    "+MCONNECT=": (
        (
            "AT+MCONFIG and AT+MIPSTART must come first, and a session is made once; AT+MQTTSTATU shows the state",
            "必须先 AT+MCONFIG 和 AT+MIPSTART，且只能连接一次；AT+MQTTSTATU 显示状态",
        ),
    ),
    "+MPUB=": LUAT_SESSION,
    "+MPUBEX=": LUAT_SESSION,
    "+MSUB=": LUAT_SESSION,
    "+MUNSUB=": LUAT_SESSION,
    "+MDISCONNECT": LUAT_SESSION,
    "+FSCREATE=": (("there is such a file already: AT+FSDEL deletes it", "文件已存在：AT+FSDEL 可删除"),),
    "+FSREAD=": LUAT_FILE,
    "+FSWRITE=": LUAT_FILE,
    "+FSDEL=": LUAT_FILE,
    "+FSFLSIZE=": LUAT_FILE,
}
