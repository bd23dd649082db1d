"""Tables of every setting for README.md, from the classes that the settings are read into.

`python tests/support/option_tables.py` puts them between the two markers of the file.
"""

import dataclasses
import json
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from project import ROOT
from pydantic import BaseModel

from kf_airflow.settings import Settings
from kf_airflow_modules.docstrings import arguments_of, summary_of

README = ROOT / "README.md"
BEGIN, END = "<!-- options: begin -->", "<!-- options: end -->"

# Of the settings, what a file's name says and not its text.
_NOT_IN_A_FILE = {(Settings, "environment")}
_HEAD = ("| Setting | Default | What it is |", "|---|---|---|")


class UndescribedError(Exception):
    """Classes and their docstrings that do not describe the same options."""


@dataclass(frozen=True)
class Option:
    """A field of a class that is read from TOML.

    Attributes:
        name: What it is called.
        type: Its type.
        default: Its default as TOML, `required`, or nothing where that is None.
        text: What its docstring says.
    """

    name: str
    type: Any
    default: str
    text: str

    @property
    def row(self) -> str:
        """Its line of a Markdown table."""
        default = self.default if self.default in ("", "required") else f"`{self.default}`"
        return "| " + " | ".join(_cell(text) for text in (f"`{self.name}`", default, self.text)) + " |"


@dataclass(frozen=True)
class Place:
    """A TOML table: where it stands, and what it is there for."""

    header: str
    text: str


def option_tables(model: type[BaseModel] = Settings) -> str:
    """The Markdown of all tables: the top level, then each TOML table once, with all places it may stand.

    Raises:
        UndescribedError: An option has no description, or a description no option; all are named.
    """
    places = {model: [Place("", "What stands before the first table of a file.")]}
    wrong: list[str] = []
    _collect(model, "", places, wrong)
    if wrong:
        raise UndescribedError("\n".join(dict.fromkeys(wrong)))
    return "\n\n".join(_section(kind, found) for kind, found in places.items())


def replaced(markdown: str, tables: str) -> str:
    """A Markdown file's text with the tables between the markers.

    Raises:
        ValueError: It does not have both markers once and in their order.
    """
    before, begin, rest = markdown.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in rest or END in before + after:
        raise ValueError(f"the file has to have {BEGIN} and then {END} once, each on a line of its own")
    return f"{before}{BEGIN}\n{tables}\n{END}{after}"


def rewrite(file: Path = README) -> None:
    """Puts the tables between the markers of a file."""
    file.write_text(replaced(file.read_text(encoding="utf-8"), option_tables()), encoding="utf-8")


def options_of(kind: type) -> list[Option]:
    """The options of a pydantic model or dataclass, in their order.

    Raises:
        UndescribedError: An option has no description, or a description no option; all are named.
    """
    found, wrong = _options_and_mistakes(kind)
    if wrong:
        raise UndescribedError("\n".join(wrong))
    return found


def _options_and_mistakes(kind: type) -> tuple[list[Option], list[str]]:
    texts = arguments_of(kind)
    fields = {
        name: (type_, default) for name, type_, default in _fields(kind) if (kind, name) not in _NOT_IN_A_FILE
    }
    wrong = [
        *(f"{kind.__name__}.{name} has no description" for name in fields if not texts.get(name)),
        *(
            f"{kind.__name__} describes {name}, which it does not have"
            for name in texts
            if name not in fields and (kind, name) not in _NOT_IN_A_FILE
        ),
    ]
    return [
        Option(name, type_, _default(default), texts.get(name, ""))
        for name, (type_, default) in fields.items()
    ], wrong


def _collect(kind: type, path: str, places: dict[type, list[Place]], wrong: list[str]) -> None:
    options, mistakes = _options_and_mistakes(kind)
    wrong += mistakes
    for option in options:
        tables = list(_tables(option.type))
        for table, pattern in tables:
            nested = path + pattern.format(option.name)
            header = f"[[{nested}]]" if _is_list(option.type) else f"[{nested}]"
            summary = f" {summary_of(table)}" if len(tables) > 1 else ""
            required = " Required." if option.default == "required" else ""
            places.setdefault(table, []).append(Place(header, f"{option.text}{summary}{required}"))
            _collect(table, f"{nested}.", places, wrong)


def _section(kind: type, places: list[Place]) -> str:
    headers = ", ".join(f"`{place.header}`" if place.header else "Top level" for place in places)
    texts = [place.text for place in places]
    if len(places) > 1:
        texts = ["\n".join(f"- `{place.header}`: {place.text}" for place in places)]
    rows = [option.row for option in options_of(kind) if not list(_tables(option.type))]
    return "\n\n".join([f"### {headers}", *texts, *(["\n".join((*_HEAD, *rows))] if rows else [])])


def _tables(type_: Any) -> Iterator[tuple[type, str]]:
    """The classes a type has values of, with the pattern of their place: `{}` is the option's name."""
    if _is_table(type_):
        yield type_, "{}"
    elif get_origin(type_) in (Union, UnionType, tuple):
        for argument in get_args(type_):
            yield from _tables(argument)
    elif isinstance(get_origin(type_), type) and issubclass(get_origin(type_), Mapping):
        for table, pattern in _tables(get_args(type_)[1]):
            yield table, f"{pattern}.<name>"


def _is_table(type_: Any) -> bool:
    return isinstance(type_, type) and (dataclasses.is_dataclass(type_) or issubclass(type_, BaseModel))


def _is_list(type_: Any) -> bool:
    return get_origin(type_) is tuple


def _fields(kind: type) -> Iterator[tuple[str, Any, Any]]:
    """Name, type and default of each field; MISSING where there is no default."""
    if issubclass(kind, BaseModel):
        for name, info in kind.model_fields.items():
            yield (
                name,
                info.annotation,
                MISSING if info.is_required() else info.get_default(call_default_factory=True),
            )
        return
    assert dataclasses.is_dataclass(kind)
    types = get_type_hints(kind)
    for field in dataclasses.fields(kind):
        default = field.default if field.default_factory is MISSING else field.default_factory()
        yield field.name, types[field.name], default


def _default(value: Any) -> str:
    if value is MISSING:
        return "required"
    if value is None or _is_table(type(value)):
        return ""
    return _toml(value)


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{key} = {_toml(one)}' for key, one in value.items())} }}" if value else "{}"
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, bool | int | float):
        return str(value).lower()
    return json.dumps(str(value), ensure_ascii=False)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    rewrite()
