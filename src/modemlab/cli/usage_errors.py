"""Mistakes in a command line, in one line each: what is wrong, what there is, and the nearest of it."""

from collections.abc import Callable
from typing import Any

from typer.core import TyperCommand, TyperGroup

from modemlab.cli.common import CliError, printable
from modemlab.cli.language import LanguageCode, chosen, said, tr
from modemlab.text.catalogue import N_
from modemlab.text.name_suggestions import not_known
from modemlab.text.reason import Sentence

# Columns of help that is in no line's way.
UNWRAPPED_COLUMNS = 1 << 16


def help_of(ctx: Any, format_help: Callable[[Any, Any], None]) -> str:
    """The help that Typer makes, in the language that was chosen; Chinese is laid out by its own width."""
    formatter = ctx.make_formatter()
    width = formatter.width
    if chosen() is LanguageCode.ZH:
        formatter.width = UNWRAPPED_COLUMNS
    format_help(ctx, formatter)
    text: str = formatter.getvalue().rstrip("\n")
    if chosen() is LanguageCode.EN:
        return text
    from modemlab.cli.help_text import laid_out

    return laid_out(text, width)


def say_in_chosen(command: Any) -> None:
    """Have the help of a subcommand, or of several together, in the language that was chosen."""
    if command.help and chosen() is LanguageCode.ZH:
        command.help = tr(command.help)
        # Typer takes the words up to a full stop.
        command.short_help = command.help.partition("\n")[0].partition("。")[0]


def translated(params: Any) -> Any:
    """Parameters, whose help is in the language that was chosen from here on."""
    for param in params:
        if getattr(param, "help", None):
            param.help = tr(param.help)
    return params


class Subcommands(TyperGroup):
    """Subcommands, of which an unknown one is told with the nearest and with all that there are."""

    def __init__(self, **settings: Any) -> None:
        """As Typer makes them, with their help in the language that was chosen."""
        super().__init__(**settings)
        say_in_chosen(self)

    def get_help(self, ctx: Any) -> str:
        """The help."""
        return help_of(ctx, self.format_help)

    def get_params(self, ctx: Any) -> Any:
        """Its parameters."""
        return translated([*super().get_params(ctx), *language_option(ctx)])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The subcommand that the arguments begin with. Raises `CliError` for one that there is not."""
        names = tuple(self.list_commands(ctx))
        if args and not args[0].startswith("-") and args[0] not in names:
            what = Sentence(N_("subcommand of {path}"), path=ctx.command_path)
            raise CliError(printable(said(not_known(args[0], what, names))))
        return super().resolve_command(ctx, args)


class Subcommand(TyperCommand):
    """A subcommand whose help shows an argument by its name alone, in whatever version of Typer."""

    def __init__(self, name: str | None, **settings: Any) -> None:
        """As Typer makes it, with its help in the language that was chosen."""
        super().__init__(name, **settings)
        say_in_chosen(self)

    def get_help(self, ctx: Any) -> str:
        """The help."""
        return help_of(ctx, self.format_help)

    def get_params(self, ctx: Any) -> Any:
        """Its parameters."""
        params: Any = translated([*super().get_params(ctx), *language_option(ctx)])
        for param in params:
            if param.param_type_name == "argument" and param.metavar:
                # Newer versions put the name in braces, and the Python type behind it.
                param.display_type_rich = lambda ctx: ""
                param._usage_display_name = lambda shown=param.metavar: shown
        return params

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        """Read the arguments. Raises `CliError` for those that nothing takes; an error knows its context."""
        strict, ctx.allow_extra_args = not ctx.allow_extra_args, True
        try:
            rest: Any = super().parse_args(ctx, args)
        except Exception as error:
            if getattr(error, "ctx", ctx) is None:
                error.ctx = ctx  # type: ignore[attr-defined] # Typer's parser leaves it out
            raise
        if strict and ctx.args:
            raise CliError(
                "too many arguments: {arguments} ({path} --help tells more)",
                arguments=printable(" ".join(ctx.args)),
                path=ctx.command_path,
            )
        return rest


def language_option(ctx: Any) -> list[Any]:
    """`--lang`, which every subcommand takes too: it was read before all else, and is checked here."""
    root = ctx.find_root().command
    return [] if ctx.command is root else [param for param in root.params if param.name == "lang"]


def usage_line(error: Any) -> str:
    """One of Typer's errors of usage, whose classes have changed their places between versions, in one line."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "modemlab"
    option = getattr(error, "option_name", None)
    param: Any = getattr(error, "param", None)
    if hasattr(error, "possibilities") and context is not None and option is not None:
        there = tuple(longest(each.opts) for each in context.command.params if each.opts[0].startswith("-"))
        what = Sentence(N_("option of {path}"), path=path)
        return printable(said(not_known(option, what, (*there, "--help"))))
    if option is not None and context is not None:
        flag = any(option in each.opts and getattr(each, "is_flag", False) for each in context.command.params)
        wrong = tr(N_("{option} takes no value") if flag else N_("{option} needs a value"), option=option)
        return tr("{wrong} ({path} --help tells more)", wrong=wrong, path=path)
    limits = "" if param is None else limits_of(param)
    if limits:
        return tr(
            "{option} takes {limits} ({path} --help tells more)",
            option=" / ".join(param.opts),
            limits=limits,
            path=path,
        )
    if type(getattr(param, "default", None)) is int:
        return tr("{option} takes a whole number ({path} --help tells more)", option=" / ".join(param.opts), path=path)
    wrong = error.format_message().rstrip(".")
    if type(error).__name__ == "MissingParameter" and param is not None and chosen() is LanguageCode.ZH:
        wrong = tr(N_("{name} is missing"), name=" / ".join(param.opts) if param.opts[0][0] == "-" else param.metavar)
    return tr("{wrong} ({path} --help tells more)", wrong=wrong, path=path)


def longest(names: list[str]) -> str:
    """The name of an option that says most."""
    return max(names, key=len)


def limits_of(param: Any) -> str:
    """What numbers a parameter takes; empty for one that is no number with limits."""
    low: Any
    high: Any
    low, high = (getattr(param, name, getattr(getattr(param, "type", None), name, None)) for name in ("min", "max"))
    if low is None and high is None:
        names = {"int": N_("a whole number"), "integer": N_("a whole number"), "float": N_("a number")}
        return tr(names.get(type_of(param), ""))
    whole = isinstance(low if low is not None else high, int)
    if high is None:
        return tr(N_("a whole number from {low} on") if whole else N_("a number from {low} on"), low=shown(low))
    within = N_("a whole number of {low} to {high}") if whole else N_("a number of {low} to {high}")
    return tr(within, low=shown(low), high=shown(high))


def type_of(param: Any) -> str:
    """What a parameter's type is called, by whatever version of Typer."""
    kind = getattr(getattr(param, "type_descriptor", None), "annotation", None) or getattr(param, "type", None)
    return str(getattr(kind, "__name__", None) or getattr(kind, "name", ""))


def shown(number: float) -> str:
    """A number as people write it."""
    return f"{number:,}" if isinstance(number, int) else f"{number:,.12g}"
