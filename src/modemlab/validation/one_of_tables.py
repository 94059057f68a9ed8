"""One of several tables: which one a key's value says, or the key that is there."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from modemlab.text.catalogue import N_
from modemlab.text.name_suggestions import nearest
from modemlab.text.number_format import shown
from modemlab.text.reason import Listed, Reason, Sentence
from modemlab.validation.fields import Table, ValueKind, kinds_of, one_of
from modemlab.validation.input_errors import MISMATCH, InputMistake, InvalidInput, unknown_name


class OneOfTables(ValueKind):
    """One of several tables, by name; `name` is what it is called itself."""

    __slots__ = ("kinds", "name")

    def __init__(self, kinds: Mapping[str, type[Table]], name: str) -> None:
        self.kinds, self.name = kinds, name

    def name_of(self, value: Any) -> str:
        """Which one it is. Raises `InvalidInput`."""
        raise NotImplementedError

    @property
    def key_of(self) -> Reason:
        """What a key of it is called."""
        return Sentence(N_("key of {table}"), table=Sentence(self.name))

    def fields_of(self, value: Any) -> Any:
        """What is left of it for the table."""
        return value

    def fits(self, value: object) -> bool:
        """Whether a value that a program made is one of them."""
        return isinstance(value, tuple(self.kinds.values()))

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """How the library reads it."""
        from pydantic_core import core_schema  # noqa: PLC0415 (whoever asks has it already)

        def hold(value: Any) -> Any:
            self.name_of(value)
            return value

        choices: dict[Any, Any] = {
            name: core_schema.no_info_before_validator_function(self.fields_of, handler.generate_schema(table))
            for name, table in self.kinds.items()
        }
        union = core_schema.tagged_union_schema(choices, self.name_of)
        return core_schema.no_info_before_validator_function(hold, union)

    @property
    def words(self) -> Reason:
        return one_of(tuple(self.kinds))


class ByName(OneOfTables):
    """One of several tables, by the name that the key `do` has."""

    __slots__ = ()

    def name_of(self, value: Any) -> str:
        if not isinstance(value, Mapping) or "do" not in value:
            near = next((key for key in value if nearest(key, ("do",))), None) if isinstance(value, Mapping) else None
            if near is not None:
                raise InvalidInput(unknown_name(near, self.key_of, ("do",), (near,)))
            raise InvalidInput(InputMistake(MISMATCH, self.name, self.shown(value), Sentence(N_("a table with do"))))
        name = value["do"]
        if not isinstance(name, str) or name not in self.kinds:
            raise InvalidInput(unknown_name(name, Sentence(N_("action")), tuple(self.kinds), ("do",)))
        return name

    def shown(self, value: Any) -> str:
        """What is none of them, as a message shows it: not what any of them holds secret."""
        secret = {name for kind in self.kinds.values() for name, each in kinds_of(kind).items() if each.secret}
        if isinstance(value, Mapping) and secret & value.keys():
            return f"a table of {', '.join(map(str, value))}"
        return shown(value)

    def fields_of(self, value: Any) -> Any:
        """What stands beside `do`."""
        return {key: each for key, each in value.items() if key != "do"}


class ByKey(OneOfTables):
    """One of several tables, by the one of their names that is a key of it."""

    __slots__ = ()

    def name_of(self, value: Any) -> str:
        table = value if isinstance(value, Mapping) else {}
        found = [key for key in table if key in self.kinds]
        if len(found) > 1:
            message = N_("{name} has {found}, expected one of them")
            reason = Sentence(message, name=Sentence(self.name), found=Listed(tuple(found), N_(" and ")))
            raise InvalidInput.said(reason, found[1])
        if not found:
            keys = keys_of(self.kinds.values())
            others = [key for key in table if key not in keys]
            for key in others:
                if nearest(key, keys):
                    raise InvalidInput(unknown_name(key, self.key_of, keys, (key,)))
            expected = Sentence(N_("a table with one of {names}"), names=Listed(tuple(self.kinds)))
            raise InvalidInput(InputMistake(MISMATCH, self.name, shown(value), expected, path=tuple(others[:1])))
        return str(found[0])


def keys_of(tables: Iterable[type[Table]]) -> tuple[str, ...]:
    """The keys of these tables, each once."""
    return tuple(dict.fromkeys(each.name for table in tables for each in fields(table)))  # type: ignore[arg-type]
