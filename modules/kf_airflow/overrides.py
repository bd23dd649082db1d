"""What the variables of the environment say of the settings."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from kf_airflow.kinds import below, is_list, is_mapping, keys_of

_SEPARATOR = "__"
# Settings below which the user's names are those of variables, which may have any letters, and a separator.
_OF_VARIABLES = ("variables", "environment", "secrets")


@dataclass(frozen=True)
class Override:
    """A variable of the environment that is a setting.

    Attributes:
        variable: What it is called.
        path: The keys that lead to the setting.
        value: What it is: text, or what the text has as JSON where the setting is a table or list.
    """

    variable: str
    path: tuple[str, ...]
    value: Any

    def says(self, path: Sequence[str]) -> bool:
        """Whether what stands at the end of a path comes from here."""
        if tuple(path[: len(self.path)]) != self.path:
            return False
        value = self.value
        for part in path[len(self.path) :]:
            if isinstance(value, list) and part.isdecimal() and int(part) < len(value):
                value = value[int(part)]
            elif isinstance(value, Mapping) and part in value:
                value = value[part]
            else:
                return False
        return True


def overrides(*, model: type[BaseModel], prefix: str) -> tuple[list[Override], list[str]]:
    """Returns what the environment says of the settings, and a sentence for each variable that says nothing.

    Variables may be written in any case. What comes after two underscores is a key of the table before them;
    tables and lists can be given as a whole, as JSON.

    Args:
        model: The settings.
        prefix: What the names of such variables begin with.
    """
    found: list[Override] = []
    problems: list[str] = []
    for name in sorted(os.environ):
        if not name.upper().startswith(prefix):
            continue
        path, kind, problem = _place(name[len(prefix) :].split(_SEPARATOR), model, prefix)
        if problem is None and (is_list(kind) or is_mapping(kind) or keys_of(kind)):
            value, problem = _decoded(os.environ[name], kind)
        else:
            value = os.environ[name]
        if problem is None:
            found.append(Override(name, path, value))
        else:
            problems.append(f"The environment: {name} {problem}.")
    return found, problems


def merged(found: Sequence[Override]) -> dict[str, Any]:
    """Returns what overrides say, as a file would have it; the longer a path, the more it counts."""
    document: dict[str, Any] = {}
    for override in sorted(found, key=lambda one: len(one.path)):
        table = document
        for part in override.path[:-1]:
            inner = table.get(part)
            table[part] = table = dict(inner) if isinstance(inner, Mapping) else {}
        table[override.path[-1]] = override.value
    return document


def _place(
    parts: Sequence[str], model: type[BaseModel], prefix: str
) -> tuple[tuple[str, ...], Any, str | None]:
    """Returns where a variable leads, what may stand there, and what is wrong with its name."""
    path: list[str] = []
    kind: Any = model
    for number, part in enumerate(parts):
        if is_mapping(kind):
            item = below(kind, part)
            if path[-1] in _OF_VARIABLES and not keys_of(item):
                return (*path, _SEPARATOR.join(parts[number:])), item, None
            key = part if path[-1] in _OF_VARIABLES else part.lower()
        else:
            key = part.lower()
            if key not in keys_of(kind):
                return (), None, _unknown(path, kind, prefix)
        path.append(key)
        kind = below(kind, key)
    return tuple(path), kind, None


def _unknown(path: Sequence[str], kind: Any, prefix: str) -> str:
    allowed = ", ".join(key.upper() for key in sorted(keys_of(kind)))
    if not path:
        return (
            f"is not a setting; allowed are {prefix} and one of {allowed}, with two underscores before what "
            "is in its table"
        )
    variable = prefix + _SEPARATOR.join(path).upper()
    if allowed:
        return f"is not a setting; allowed are {variable}{_SEPARATOR} and one of {allowed}"
    what = "a list as JSON" if is_list(kind) else "which is no table"
    return f"is not a setting; allowed is {variable}, {what}"


def _decoded(text: str, kind: Any) -> tuple[Any, str | None]:
    what = "a list" if is_list(kind) else "a table"
    try:
        return json.loads(text), None
    except (ValueError, RecursionError):
        return None, f"is no JSON: allowed is {what} as JSON"
