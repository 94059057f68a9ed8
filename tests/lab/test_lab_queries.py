"""Names, pings and network time in a lab in memory: on its own time, under its own conditions."""

from modemlab.lab.lab import Lab
from modemlab.scenario.events import UrcPrinted


def told(lab: Lab) -> list[str]:
    """All URCs that the module has told."""
    return [event.line for event, _ in lab._events if isinstance(event, UrcPrinted)]


def test_a_network_that_answers() -> None:
    """A name is always the same address, a ping takes no time, and a server's clock is the lab's."""
    with Lab("EC200S-CN") as lab:
        assert lab.command('AT+QIDNSGIP=1,"www.baidu.com"') == ["ERROR"]
        lab.command("AT+QIACT=1")
        lab.command('AT+QIDNSGIP=1,"www.baidu.com"')
        lab.command('AT+QPING=1,"www.baidu.com",4,2')
        assert told(lab) == [
            "RDY",
            '+QIURC: "dnsgip",0,1,600',
            '+QIURC: "dnsgip","198.51.100.192"',
            '+QPING: 0,"198.51.100.192",32,0,255',
            '+QPING: 0,"198.51.100.192",32,0,255',
            "+QPING: 0,2,2,0,0,0,0",
        ]
        (before,) = lab.command("AT+CCLK?")[:1]
        lab.command('AT+CCLK="20/01/01,00:00:00+32"')
        lab.command('AT+QNTP=1,"ntp.aliyun.com",123')
        assert told(lab)[-1].startswith('+QNTP: 0,"20')
        assert lab.command("AT+CCLK?")[0] == before
        lab.advance(3600)
        lab.command('AT+QNTP=1,"ntp.aliyun.com",123,0')
        assert told(lab)[-1][12:] == lab.command("AT+CCLK?")[0][8:]


def test_a_network_that_loses() -> None:
    """The same seed has the same losses at the same times, whenever it is played."""

    def session() -> list[str]:
        with Lab("EC200S-CN", conditions={"rtt": 0.1, "loss": 0.4}, seed=3) as lab:
            lab.command("AT+QIACT=1")
            lab.command('AT+QPING=1,"198.51.100.1",2,10')
            lab.expect(urc="+QPING: 0,10,", within=30)
            return [*told(lab), f"{lab.now:.3f}"]

    first = session()
    assert first == session()
    lost = first.count("+QPING: 569")
    assert 0 < lost < 10
    assert first[-2] == f"+QPING: 0,10,{10 - lost},{lost},100,100,100"
    assert first[-1] == f"{2 * lost + 0.1 * (10 - lost):.3f}"


def test_an_outage() -> None:
    with Lab("EC200S-CN", conditions={"gap_interval": 100, "gap_duration": 90}) as lab:
        lab.command("AT+QIACT=1")
        lab.command('AT+QPING=1,"198.51.100.1",1,1')
        assert told(lab)[-1] == "+QPING: 0,1,1,0,0,0,0"
        lab.advance(20)
        lab.command('AT+QPING=1,"198.51.100.1",1,1')
        lab.expect(urc="+QPING: 569", within=1)
        lab.command('AT+QIDNSGIP=1,"www.baidu.com"')
        lab.expect(urc='+QIURC: "dnsgip",565', within=10)


def test_a_scenario_takes_the_context() -> None:
    """What the host asked of the network ends with the context."""
    scenario = '[[step]]\nafter = { command = "+QPING" }\naction = { do = "drop_context", cid = 1 }\n'
    with Lab("EC200S-CN", conditions={"rtt": 5}, scenario=scenario) as lab:
        lab.command("AT+QIACT=1")
        lab.command('AT+QPING=1,"www.baidu.com"')
        assert told(lab)[-2:] == ["+QPING: 570", '+QIURC: "pdpdeact",1']
