"""A dialect of modemlab in a package of its own."""

from modemlab.dialect.dialect import Dialect
from modemlab.dialect.identity import Model
from modemlab_pocket import answers, commands

DIALECT = Dialect(
    name="pocket",
    title="Pocket radio",
    models=(Model("PR-1", "Pocket", "PR1", "PR1A01", "PR"),),
    commands=commands.COMMANDS,
    answers=answers.ANSWERS,
    urc_makers=answers.URC_MAKERS,
    boot=answers.boot,
    urcs=(commands.LOST,),
    known=lambda: commands.KNOWN,
)
