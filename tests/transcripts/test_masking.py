"""What is masked, by the declared commands: typed by hand, line by line."""

import re

import pytest

from modemlab.dialect.registry import dialects
from modemlab.transcripts.format import Mark, shown
from modemlab.transcripts.masking import Masks, without_user

# A command line, and what stands of it.
SECRETS = [
    ('AT+QMTCONN=0,"a","user","secret"', 'AT+QMTCONN=0,"a","user","******"'),
    ("AT+QMTCONN=0,a,user,secret", "AT+QMTCONN=0,a,user,******"),
    ('at+qmtconn=0,"a,b","us""er","sec,ret" ; +CSQ', 'at+qmtconn=0,"a,b","us""er","*******" ; +CSQ'),
    ('AT+CSQ;+QMTCONN=0,"a","u","p";E0', 'AT+CSQ;+QMTCONN=0,"a","u","*";E0'),
    ('AT+QMTCONN=0,"a","u","never closed', 'AT+QMTCONN=0,"a","u","************'),
    ('AT+QMTCONN=9,"a","u","refused",1', 'AT+QMTCONN=9,"a","u","*******",1'),
    ('AT+QMTCFG="aliauth",0,"pk","dn","ds"', 'AT+QMTCFG="aliauth",0,"**","dn","**"'),
    ('AT+QMTCFG="onenet",0,"product","key"', 'AT+QMTCFG="onenet",0,"product","***"'),
    ('AT+QMTCFG="hwauth",0,"product","secret",1', 'AT+QMTCFG="hwauth",0,"product","******",1'),
    ('AT+QMTCFG="HWPRODID",0,"product","secret","n"', 'AT+QMTCFG="HWPRODID",0,"product","******","n"'),
    ('AT+QMTCFG="keepalive",0,60', 'AT+QMTCFG="keepalive",0,60'),
    ('AT+QMTTENAUTH="p","d","c","secret",60', 'AT+QMTTENAUTH="p","d","c","******",60'),
    ('AT+MCONFIG="id","user","pass"', 'AT+MCONFIG="id","user","****"'),
    ('AT+CSTT="CMNET","user","pass"', 'AT+CSTT="CMNET","user","****"'),
    ('AT+QICSGP=1,1,"CMNET","user","pass",1', 'AT+QICSGP=1,1,"CMNET","user","****",1'),
    ("AT+CGAUTH=1,1,user,pass", "AT+CGAUTH=1,1,user,****"),
    ('AT+SSLCFG="premaster",0,"abcdef"', 'AT+SSLCFG="premaster",0,"******"'),
    ('AT+QSSLCFG="clientkey",2,"UFS:key.pem"', 'AT+QSSLCFG="clientkey",2,"UFS:key.pem"'),
    ("AT+CPIN=1234", "AT+CPIN=****"),
    ('AT+CPWD="SC","1234","5678"', 'AT+CPWD="SC","****","****"'),
    ('AT+CLCK="SC",1,"1234"', 'AT+CLCK="SC",1,"****"'),
    ('AT+QMTCONN=0,"a","u","\u5bc6\u7801"', 'AT+QMTCONN=0,"a","u","******"'),
    ('AT+QMTX\x08COO\x7fNN=0,"a","u","sec\x08ret"', 'AT+QMTX\x08COO\x7fNN=0,"a","u","***\x08***"'),
    ('{"a":1}AT+CPIN=1234', '{"a":1}AT+CPIN=****'),
    ("AT+QMTCONN=?", "AT+QMTCONN=?"),
    ('AT+QMTOPEN=0,"mqtt.example.com",1883', 'AT+QMTOPEN=0,"mqtt.example.com",1883'),
]

# What the host asked, what the module says, and what stands of it: None is the line itself.
VARYING = [
    ("AT+CGSN", "866000000000017", r"\d{15}"),
    ("AT+GSN", "866000000000017", r"\d{15}"),
    ("AT+CGSN=1", "+CGSN:866000000000017", r"\+CGSN:\d{15}"),
    ("AT+CIMI", "460000000000017", r"\d{15}"),
    ("AT+QCCID", "+QCCID: 89860000000000000017", r"\+QCCID: [0-9A-Fa-f]+"),
    ('AT+QMTCFG="onenet",0', '+QMTCFG: "onenet","pump","hidden"', r'\+QMTCFG: "onenet","pump","[^"]*"'),
    ("AT+NCCID", "+NCCID:8986000000000000001F", r"\+NCCID:[0-9A-Fa-f]+"),
    ("AT+CGMR", "EC200SCNAAR01A01M16", ".+"),
    ("AT", "Revision: EC200SCNAAR01A01M16", "Revision: .+"),
    ("ATI", "Quectel", None),
    ("AT+CGMM", "EC200SCN", None),
    ("AT+CSQ", "+CSQ: 24,99", r"\+CSQ: -?\d+,-?\d+"),
    ("AT+CSQ", "+CSQ:24,99", r"\+CSQ:-?\d+,-?\d+"),
    ("AT+CSQ=?", "+CSQ: (0-31,99),(0-7,99)", None),
    ("AT", '+QIND: "csq",24,99', r'\+QIND: "csq",-?\d+,-?\d+'),
    ("AT+NUESTATS", "Signal power:-670", r"Signal power:-?\d+"),
    ("AT+CCLK?", '+CCLK: "26/11/21,10:00:00+32"', r'\+CCLK: "[^"]*"'),
    ("AT+CCLK?", "+CCLK:26/11/21,10:00:00+32", r"\+CCLK:.+,.+"),
    ("AT+QLTS", '+QLTS: "2026/11/21,10:00:00+32,0"', r'\+QLTS: "[^"]*"'),
    ("AT", '+CTZE: "+32",0,"2026/11/21,10:00:00"', r'\+CTZE: "[^"]*",-?\d+,"[^"]*"'),
    ("AT+CREG?", "+CREG: 0,1", None),
    ("AT+CREG?", '+CREG: 2,1,"1A2B","01ABCDEF",7', r'\+CREG: 2,1,"[^"]*","[^"]*",7'),
    ("AT", '+CREG: 1,"1A2B","01ABCDEF",7', r'\+CREG: 1,"[^"]*","[^"]*",7'),
    ("AT+COPS?", '+COPS: 0,0,"CHINA MOBILE",7', r'\+COPS: 0,0,"[^"]*",7'),
    ("AT+QIACT?", '+QIACT: 1,1,1,"10.0.0.1"', r'\+QIACT: 1,1,1,"[^"]*"'),
    ("AT+CGPADDR", '+CGPADDR: 1,"10.0.0.1"', r'\+CGPADDR: 1,"[^"]*"'),
    ("AT+CGPADDR", "+CGPADDR:1,10.0.0.1", r"\+CGPADDR:1,\d+(\.\d+){3}"),
    ("AT+CIFSR", "10.0.0.1", r"\d+(\.\d+){3}"),
    ("AT+CIFSR", "+CME ERROR: 3", None),
    ("AT+CGDCONT?", '+CGDCONT: 1,"IP","CMNET","",0,0', None),
    ("AT+CNUM", '+CNUM: ,"+8613800000000",145', r'\+CNUM: ,"\+?\d+",145'),
    ("AT+QPONG", '+QPONG: 0,"203.0.113.7",32,50,255', r'\+QPONG: 0,"\d+(\.\d+){3}",32,50,255'),
    ("AT+QPING", '+QPING: 0,"203.0.113.7",32,50,255', r'\+QPING: 0,"[^"]*",32,-?\d+,255'),
    ("AT+QMTTENAUTH?", "+QMTTENAUTH: abc;hmacsha256", r"\+QMTTENAUTH: .+"),
    ('AT+QMTPUBEX=0,1,1,0,"t",3', "+QMTPUBEX: 0,1,0", None),
    ("AT", '+QMTRECV: 0,1,"t",9,"{"rpm":0}"', None),
    ("AT+CGSN", "OK", None),
    ("AT+CGSN", "", None),
]


def masks() -> Masks:
    """Masks by the commands of all dialects."""
    return Masks(dialects())


def line_of(known: Masks, line: str) -> tuple[Mark, str]:
    """What stands of a line."""
    return known.line(line.encode())


@pytest.mark.parametrize(("line", "stands"), SECRETS)
@pytest.mark.parametrize("piece", [1, 3, 999])
def test_secrets(line: str, stands: str, piece: int) -> None:
    """In what the host types, however it is cut, and in its echo."""
    known, data = masks(), line.encode() + b"\r"
    cut = [data[at : at + piece] for at in range(0, len(data), piece)]
    assert b"".join(map(known.host, cut)).decode() == stands + "\r"
    assert line_of(known, line + "\r") == (Mark.SAID, shown(f"{stands}\r".encode()))
    assert len(stands) == len(line) or not line.isascii()


@pytest.mark.parametrize(("asked", "line", "pattern"), VARYING)
def test_what_varies(asked: str, line: str, pattern: str | None) -> None:
    """The pattern stands there, and matches the line."""
    known = masks()
    known.host(asked.encode() + b"\r")
    mark, text = line_of(known, line)
    if pattern is None:
        assert (mark, text) == (Mark.SAID, line)
    else:
        assert (mark, text) == (Mark.SAID_LIKE, pattern)
        assert re.fullmatch(text, line)


def test_secret_with_a_quote_in_it() -> None:
    """A quote inside is none that ends it, as long as the line is whole."""
    assert masks().host(b'AT+QMTCONN=0,"a","u","se"c"\r') == b'AT+QMTCONN=0,"a","u","****"\r'


def test_secret_is_found_again() -> None:
    """Where the module shows it, and in data; a short one between quotes alone."""
    known = masks()
    known.host(b'AT+QMTCFG="aliauth",0,"product","device","topsecret"\rAT+QMTCONN=0,"a","u","ab"\r')
    assert line_of(known, '+QMTCFG: "aliauth","product","device","topsecret"')[1] == (
        '+QMTCFG: "aliauth","*******","device","*********"'
    )
    assert known.host(b'{"k":"topsecret","ab":"ab","c":"cab"}') == b'{"k":"*********","**":"**","c":"cab"}'


def test_what_the_host_typed_itself_stays() -> None:
    """An address and a time that it gave come back as they were."""
    known = masks()
    known.host(b'AT+QMTOPEN=0,"192.0.2.7",1883\r')
    assert line_of(known, '+QMTOPEN: 0,"192.0.2.7",1883') == (Mark.SAID, '+QMTOPEN: 0,"192.0.2.7",1883')
    assert line_of(known, '+QMTOPEN: 0,"192.0.2.8",1883')[0] is Mark.SAID_LIKE


@pytest.mark.parametrize("part", ["AT+", "AT+A=", 'AT+QMTCONN=0,"', "AT+QMTCONN=0,a,b,c;", '"a"b,', "A", "\u5bc6"])
def test_no_line_takes_long(part: str) -> None:
    """However odd a long line is, its length holds, and looking at it takes no time to speak of."""
    known, data = masks(), (part * 4096).encode()[:4096]
    assert len(known.host(data + b"\r")) == len(data) + 1
    known.line(data)
    known.line(b"+CSQ: " + data)


KEY = (
    b"-----BEGIN CERTIFICATE-----\r\nAAAA\r\n-----END CERTIFICATE-----\r\n"
    b"-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC\n-----END RSA PRIVATE KEY-----\nBBBB"
)


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 16, 40, 999])
def test_private_keys_in_files(piece: int) -> None:
    """Both directions; line ends and all else stay, and so does every length; the checksum of it varies."""
    known = masks()
    cut = [KEY[at : at + piece] for at in range(0, len(KEY), piece)]
    for through in (known.host, known.raw):
        out = b"".join(map(through, cut))
        assert len(out) == len(KEY)
        assert out.startswith(KEY[: KEY.index(b"MIIE")] + b"******\n******\n")
        assert out.endswith(b"PRIVATE KEY-----\nBBBB")
    assert line_of(known, "+QFUPL: 142,3e6b") == (Mark.SAID_LIKE, r"\+QFUPL: 142,[0-9A-Fa-f]+")
    assert line_of(known, "+QFUPL: 142,3e6b") == (Mark.SAID, "+QFUPL: 142,3e6b")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://user:word@host:80/x", "http://***@host:80/x"),
        ("user:w@rd@host:1883", "***@host:1883"),
        ("http://host/a@b", "http://host/a@b"),
        ("host:1883", "host:1883"),
    ],
)
def test_users_in_urls(url: str, shown: str) -> None:
    assert without_user(url) == shown
