"""AT+QMTCFG of BC35-G and BC28: six options, each read when its values are left out."""

from typing import Any

from modemlab.at import results
from modemlab.at.steps import OK, Info, Steps
from modemlab.dialect.answer_registry import Answer, Answers
from modemlab.dialect.device import Device
from modemlab.dialects.qmt.answers import refuse
from modemlab.dialects.quectel_nb import commands as c
from modemlab.text.catalogue import N_

ANSWERS = Answers()
# What `timeout` said when the present connection began is kept as that of this client.
IN_FORCE = 1


def option_values(module: Device, option: str, client: int = 0) -> tuple[Any, ...]:
    """What an option of AT+QMTCFG is set to."""
    return module.get(c.QMTCFG, option, client)


def shown(option: str, values: tuple[Any, ...]) -> Info:
    """The line that reads an option; values past the given ones are left out."""
    params = c.QMTCFG.option(option).values
    rendered = [param.render(value) for param, value in zip(params, values, strict=False)]
    return Info(b'+QMTCFG: "%b",%b' % (option.encode(), b",".join(rendered)))


def configure(option: str) -> Answer:
    """The answer of an option: shown when its values are left out, else set; credentials not set show nothing."""

    def answer(module: Device, _index: int, *values: Any) -> Steps:
        if any(value is not None for value in values):
            module.set(c.QMTCFG, values, option)
        elif (present := option_values(module, option))[0] != "":
            yield shown(option, present)
        yield OK

    return answer


ANSWERS.update({c.QMTCFG.on(o.name): configure(o.name) for o in c.QMTCFG.options})


@ANSWERS(c.QMTCFG.on("will"))
def configure_will(
    module: Device,
    _index: int,
    will_fg: int | None,
    qos: int | None,
    retain: int | None,
    topic: str | None,
    message: str | None,
) -> Steps:
    """The will: a flag of 0 takes it away, and reads alone."""
    present = option_values(module, "will")
    if will_fg is None and topic is None:
        yield shown("will", present if present[0] else present[:1])
    else:
        will_fg = present[0] if will_fg is None else will_fg
        if bool(will_fg) != (topic is not None):
            message = N_("the will must be given with <will_fg> 1, and only then")
            raise refuse(c.QMTCFG, message, results.INCORRECT_PARAMETERS)
        module.set(c.QMTCFG, (1, qos, retain, topic, message) if will_fg else (0, 0, 0, "", ""), "will")
    yield OK
