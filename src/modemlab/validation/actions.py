"""Something that can be done to a module: a table with a name, declared once, from which all that knows it comes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar, dataclass_transform

from modemlab.text.catalogue import N_
from modemlab.text.number_format import figure
from modemlab.validation.fields import Schema, Table, given, kinds_of

# Characters of an action in the log.
MAX_LOGGED = 300


class Action(Table):
    """Something to do: `name` is what files and requests call it, `about` what it does, `example` all arguments that
    it takes, as a file has them.
    """

    __slots__ = ()
    name: ClassVar[str]
    about: ClassVar[str]
    example: ClassVar[Mapping[str, Any]]
    keys = N_("argument")

    def __str__(self) -> str:
        """As a transcript writes it, for the log: codes of a card are not shown, nor more than fits a line."""
        kinds = kinds_of(type(self))
        told = (
            f"{name}={'...' if name in kinds and kinds[name].secret else shown(value)}"
            for name, value in given(self).items()
        )
        text = f"{self.name}({', '.join(told)})"
        return text if len(text) <= MAX_LOGGED else text[: MAX_LOGGED - 3] + "..."

    def perform(self, vm: Any) -> None:
        """Do it to a `VirtualModule`."""
        raise NotImplementedError

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: Any) -> Schema:
        """The fields, and the name by the key `do`."""
        schema: Schema = handler.resolve_ref_schema(handler(core))
        for each in schema.get("properties", {}).values():
            if each.get("default", "") is None:
                del each["default"]
        schema["properties"] = {"do": {"const": cls.name}, **schema.get("properties", {})}
        schema["required"] = ["do", *schema.get("required", [])]
        return schema | {"description": cls.about, "examples": [{"do": cls.name, **cls.example}]}


ActionT = TypeVar("ActionT", bound=Action)


@dataclass_transform(frozen_default=True)
def action(name: str, about: str, **example: Any) -> Callable[[type[ActionT]], type[ActionT]]:
    """Declare an action of that name."""

    def declare(kind: type[ActionT]) -> type[ActionT]:
        made = dataclass(frozen=True, slots=True)(kind)
        made.name, made.about, made.example = name, about, example
        return made

    return declare


def by_name(*actions: type[ActionT]) -> Mapping[str, type[ActionT]]:
    """Actions by their names."""
    return {each.name: each for each in actions}


def shown(value: Any) -> str:
    """An argument's value."""
    return figure(value) if isinstance(value, float) else repr(value)
