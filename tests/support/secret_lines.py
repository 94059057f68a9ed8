"""Command lines that hold a secret, typed by hand: as declared, and in all the ways that people get them wrong."""

import random
import string
from collections.abc import Sequence

# What must be seen nowhere.
PASSWORD, PIN = "hunTer#2x", "73915"

# A line, and a model to type it to.
LTE, NB, LUAT = "EC200S-CN", "BC35-G", "Air724UG"
LINES: Sequence[tuple[str, str]] = (
    # As declared, refused for what they are or for when they come.
    (LTE, f'AT+QMTCONN=0,"id","user","{PASSWORD}"'),
    (LTE, f"AT+QMTCONN=0,id,user,{PASSWORD}"),
    (LTE, f'AT+QMTCONN=9,"id","user","{PASSWORD}"'),
    (LTE, f'at+qmtconn=0,"id","user","{PASSWORD}"'),
    (LTE, f"AT+CPIN={PIN}"),
    (LTE, f'AT+CPIN="{PIN}"'),
    (LTE, f"AT+CPIN={PIN}4{PIN}"),
    (LTE, f'AT+CPIN="{PIN}","{PIN}"'),
    (LTE, f'AT+CLCK="SC",1,"{PIN}"'),
    (LTE, f'AT+CLCK="XX",1,"{PIN}"'),
    (LTE, f'AT+CLCK="SC",9,"{PIN}"'),
    (LTE, f'AT+CPWD="SC","{PIN}","{PIN}"'),
    (LTE, f'AT+CPWD="SC","{PIN}","{PIN}{PIN}"'),
    (LTE, f'AT+QICSGP=1,1,"CMNET","user","{PASSWORD}",1'),
    (LTE, f'AT+QICSGP=99,1,"CMNET","user","{PASSWORD}",1'),
    (LTE, f'AT+QMTCFG="aliauth",0,"{PASSWORD}","device","{PASSWORD}"'),
    (LTE, f'AT+QMTCFG="aliauth",9,"product","device","{PASSWORD}"'),
    (LTE, f'AT+QMTCFG="onenet",0,"product","{PASSWORD}"'),
    (LTE, f'AT+QMTCFG="hwauth",0,"product","{PASSWORD}",7'),
    (LTE, f'AT+QMTCFG="hwprodid",0,"product","{PASSWORD}","node"'),
    (NB, f'AT+QMTCONN=0,"id","user","{PASSWORD}"'),
    (NB, f"AT+CGAUTH=1,1,user,{PASSWORD}"),
    (NB, f"AT+CGAUTH=1,9,user,{PASSWORD}"),
    (NB, f'AT+QMTENAUTH="p","d","c","{PASSWORD}",99'),
    (NB, f'AT+QMTTENAUTH="p","d","c","{PASSWORD}",99'),
    (NB, f'AT+QMTCFG="aliauth",0,"{PASSWORD}","device","{PASSWORD}"'),
    (NB, f"AT+CPIN={PIN}"),
    (LUAT, f'AT+MCONFIG="id","user","{PASSWORD}"'),
    (LUAT, f'AT+MCONFIG="id","user","{PASSWORD}",9'),
    (LUAT, f'AT+CSTT="CMNET","user","{PASSWORD}"'),
    (LUAT, f'AT+SSLCFG="premaster",0,"{PASSWORD}"'),
    (LUAT, f'AT+CPWD="SC","{PIN}","{PIN}"'),
    # A module of another family is asked.
    (LTE, f'AT+MCONFIG="id","user","{PASSWORD}"'),
    (LTE, f'AT+CSTT="CMNET","user","{PASSWORD}"'),
    (LTE, f"AT+CGAUTH=1,1,user,{PASSWORD}"),
    (LTE, f'AT+QMTENAUTH="p","d","c","{PASSWORD}",60'),
    (LUAT, f'AT+QMTCONN=0,"id","user","{PASSWORD}"'),
    (LUAT, f'AT+QICSGP=1,1,"CMNET","user","{PASSWORD}",1'),
    (NB, f'AT+CLCK="SC",1,"{PIN}"'),
    # Misspelt.
    (LTE, f'AT+QMTCON=0,"id","user","{PASSWORD}"'),
    (LTE, f'AT+QMTCNON=0,"id","user","{PASSWORD}"'),
    (LTE, f'at+qmtcn=0,"id","user","{PASSWORD}"'),
    (LTE, f'ATQMTCONN=0,"id","user","{PASSWORD}"'),
    (LTE, f'AT QMTCONN=0,"id","user","{PASSWORD}"'),
    (LTE, f'AT+QMT CONN=0,"id","user","{PASSWORD}"'),
    (LTE, f'AT-QMTCONN=0,"id","user","{PASSWORD}"'),
    (LTE, f'AT+QMTCONN:0,"id","user","{PASSWORD}"'),
    (LTE, f'AT+QMTCONN 0,"id","user","{PASSWORD}"'),
    (LTE, f'AT+QMTCONN0,"id","user","{PASSWORD}"'),
    (LTE, f'AT+QMTCONN?0,"id","user","{PASSWORD}"'),
    (LTE, f'AT+QMTCONN=?0,"id","user","{PASSWORD}"'),
    (LTE, f"AT+CPNI={PIN}"),
    (LTE, f"AT+CPINN={PIN}"),
    (LTE, f"AT+PIN={PIN}"),
    (LTE, f"AT+CPIN {PIN}"),
    (LTE, f"AT+CPIN{PIN}"),
    (LTE, f"ATCPIN={PIN}"),
    (LTE, f'AT+CCLK="SC",1,"{PIN}"'),
    (LTE, f'AT+QMTCFG="aliath",0,"product","device","{PASSWORD}"'),
    (LTE, f'AT+QMTCGF="aliauth",0,"product","device","{PASSWORD}"'),
    (LTE, f'AT+MQTTUSERAUTH=0,"user","{PASSWORD}"'),
    # Parameters too many, too few, in another order; quotes that are missing.
    (LTE, f'AT+QMTCONN=0,"id","user","{PASSWORD}",1'),
    (LTE, f'AT+QMTCONN=0,"id","user","more","{PASSWORD}"'),
    (LTE, f'AT+QMTCONN=0,"id","{PASSWORD}"'),
    (LTE, f'AT+QMTCONN="id","user","{PASSWORD}"'),
    (LTE, f'AT+QMTCONN=0,"id","user","{PASSWORD}'),
    (LTE, f'AT+QMTCONN=0,"id","user,"{PASSWORD}"'),
    (LTE, f'AT+QMTCONN=0,"id","user",{PASSWORD}"'),
    (LTE, f'AT+QMTCONN=0,"id"x"{PASSWORD}'),
    (LTE, f'AT+QMTCONN=0;"id","user","{PASSWORD}"'),
    (LTE, f"AT+QMTCONN=0,'id','user','{PASSWORD}'"),
    (LTE, f'AT+QMTCFG="aliauth",0,"product","{PASSWORD}"'),
    (LTE, f'AT+QMTCFG="aliauth","product","device","{PASSWORD}"'),
    (LTE, f'AT+QICSGP=1,"CMNET","user","{PASSWORD}",1'),
    (LTE, f'AT+QICSGP=1,1,"user","{PASSWORD}",1'),
    (LTE, f'AT+CLCK="{PIN}"'),
    (LTE, f'AT+CPWD="{PIN}","{PIN}"'),
    (NB, f'AT+QMTENAUTH="p","d","{PASSWORD}",60'),
    (LUAT, f'AT+MCONFIG="user","{PASSWORD}"'),
    # Several commands on a line, and lines that are too long.
    (LTE, f"AT+CSQ;+CPIN={PIN}"),
    (LTE, f"AT+CSQ;+CPNI={PIN}"),
    (LTE, f"ATE1+CPIN={PIN}"),
    (LTE, f'AT+CSQ;+QMTCONN=0,"id","user","{PASSWORD}";+CREG?'),
    (LTE, f'AT+CSQ;+NONE;+QMTCONN=0,"id","user","{PASSWORD}"'),
    (LTE, f'AT+QMTCONN=0,"id","u","{PASSWORD}{"x" * 3000}"'),
    (LTE, f"AT+CPIN={PIN}{'0' * 3000}"),
)


def mutated(line: str, secrets: Sequence[str], rng: random.Random) -> str:
    """A line with one mistake in it, which leaves its secrets whole."""
    head, equals, rest = line.partition("=")
    at = rng.randrange(3, len(head))
    letter = rng.choice(string.ascii_uppercase)
    values = rest.split(",")
    gone = rng.randrange(len(values))
    quotes = [place for place, character in enumerate(rest) if character == '"'] or [len(rest)]
    quote = rng.choice(quotes)
    fewer = [value for place, value in enumerate(values) if place != gone or any(s in value for s in secrets)]
    heads = (
        head[:at] + head[at + 1 :],
        head[:at] + letter + head[at:],
        head[:at] + letter + head[at + 1 :],
        head[:at] + head[at : at + 2][::-1] + head[at + 2 :],
        head.lower(),
        head.replace("+", ""),
        head[:3] + " " + head[3:],
    )
    rests = (
        ",".join(fewer),
        rest[:quote] + rest[quote + 1 :],
        "0," + rest,
        '"x",' + rest,
        rest + ",1",
        rest + ';+CSQ"',
    )
    signs = ("", " ", ":", "==", "=?", "?", " = ")
    kind = rng.randrange(3)
    return (
        (rng.choice(heads) if kind == 0 else head)
        + (rng.choice(signs) if kind == 1 else equals)
        + (rng.choice(rests) if kind == 2 else rest)
    )
