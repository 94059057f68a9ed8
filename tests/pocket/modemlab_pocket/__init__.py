"""A dialect of modemlab in a package of its own."""

from modemlab.dialect.dialect import Dialect, Model
from modemlab_pocket import answers, commands

DIALECT = Dialect(
    name="pocket",
    title="Pocket radio",
    models=(Model("PR-1", "Pocket", "PR1", "PR1A01", "PR"),),
    commands=commands.COMMANDS,
    answers=answers.ANSWERS,
    tellings=answers.TELLINGS,
    boot=answers.boot,
    urcs=(commands.LOST,),
    memory=dict,
    known=lambda: commands.KNOWN,
)
