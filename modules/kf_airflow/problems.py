"""Says what is wrong with the settings, one sentence for each mistake."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time
from pathlib import PurePath
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from kf_airflow.kinds import below, is_list, keys_of
from kf_airflow.overrides import Override, overrides
from kf_airflow.toml_types import mistyped

_UNKNOWN = {"extra_forbidden", "unexpected_keyword_argument"}
_MISSING = {"missing", "missing_keyword_only_argument"}
_REASONS = {
    **dict.fromkeys(("dataclass_type", "dict_type", "model_type"), "allowed is a table"),
    "path_type": "allowed is a path",
}
# The longer ones are how Terraform wants the characters themselves to be written.
_EXPRESSION = re.compile(r"\$\$\{|%%\{|\$\{|%\{")
# Keys of TOML that need no quotes.
_BARE = re.compile(r"[A-Za-z0-9_-]+")


class SettingsError(Exception):
    """Settings that cannot be used.

    Attributes:
        problems: One sentence for each mistake, with the key, its value and what is allowed.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def sentences(error: ValidationError, *, model: type[BaseModel], file: str, prefix: str) -> list[str]:
    """Returns a sentence for each of pydantic's errors.

    Args:
        error: What pydantic found.
        model: The settings it looked at.
        file: The file they came from.
        prefix: What the names of environment variables that override them begin with.
    """
    said = _said(model, prefix)
    return [_sentence(detail, model, file, prefix, said) for detail in error.errors(include_url=False)]


def types(
    values: Mapping[str, Any],
    *,
    model: type[BaseModel],
    file: str,
    prefix: str,
    error: ValidationError | None = None,
) -> list[str]:
    """Returns a sentence for each integer and truth value that a file writes as something else.

    Args:
        values: What the file has.
        model: The settings.
        file: The file.
        prefix: What the names of environment variables that override them begin with.
        error: What pydantic found already. Nothing if left out.
    """
    said = _said(model, prefix)
    known = [tuple(map(str, detail["loc"])) for detail in error.errors()] if error else []
    return [
        f"{file}: {_key(path)} is {_as_toml(value)}: allowed is {wanted}."
        for path, value, wanted in mistyped(values, model)
        if path not in known and _source(said, path) is None
    ]


def expressions(settings: BaseModel, *, file: str, prefix: str) -> list[str]:
    """Returns a sentence for each text in which Terraform would look for an expression.

    What it could refer to is called as the library likes, and a text of somebody else's that happens to look
    like one would be replaced, or end the plan with an error of Terraform's.

    Args:
        settings: The settings.
        file: The file they came from.
        prefix: What the names of environment variables that override them begin with.
    """
    said = _said(type(settings), prefix)
    return [
        f"{_source(said, path) or file}: {_key(path)} has {found!r}: allowed is text without it, as it "
        f"begins an expression of Terraform's; {found[0]}{found} stands for the characters themselves."
        for path, text in _texts(settings.model_dump(), ())
        if (found := _beginning(text))
    ]


def _sentence(
    detail: ErrorDetails, model: type[BaseModel], file: str, prefix: str, said: Sequence[Override]
) -> str:
    location = [str(part) for part in detail["loc"]]
    key = _key(location) or "the settings"
    missing = detail["type"] in _MISSING
    source = _source(said, location[:-1] if missing else location) or file
    if detail["type"] in _UNKNOWN:
        # The environment's name is a setting, but it comes from the file's.
        allowed = ", ".join(key for key in _keys_at(model, location[:-1]) if key != "environment")
        return f"{source}: {key} is not a setting; allowed here are {allowed}."
    if missing:
        # Of what stands in a list there are no variables.
        listed = any(is_list(kind) for kind in _kinds(model, location))
        also = "" if listed else f" or as {prefix}{'__'.join(location).upper()}"
        return f"{source}: {key} is not set; set it there{also}."
    if detail["type"] == "value_error":
        # The checks of our own dataclasses name the key themselves, but not the table it stands in.
        reason = str(detail["ctx"]["error"])
        return f"{source}: {f'in [{key}] ' if location else ''}{reason}."
    reason = _REASONS.get(detail["type"]) or (
        detail["msg"]
        .replace("Input should be ", "allowed is ")
        .replace("valid tuple", "list")
        .replace("String should ", "allowed is text that should ")
    )
    return f"{source}: {key} is {_as_toml(detail['input'])}: {reason[0].lower()}{reason[1:]}."


def _said(model: type[BaseModel], prefix: str) -> list[Override]:
    """Returns what the environment says, the longest paths first."""
    return sorted(overrides(model=model, prefix=prefix)[0], key=lambda one: len(one.path), reverse=True)


def _source(said: Sequence[Override], path: Sequence[str]) -> str | None:
    """Returns the variable that says what stands at the end of a path; None if none does."""
    return next((override.variable for override in said if override.says(path)), None)


def _key(path: Sequence[str]) -> str:
    return ".".join(part if _BARE.fullmatch(part) else repr(part) for part in path)


def _texts(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yields all texts, names that the user chose among them, with where they stand."""
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield (*path, name), name
            yield from _texts(one, (*path, name))
    elif isinstance(value, list | tuple):
        for number, one in enumerate(value):
            yield from _texts(one, (*path, str(number)))
    elif isinstance(value, str | PurePath):
        yield path, str(value)


def _beginning(text: str) -> str | None:
    """Returns what Terraform would take for the beginning of an expression, if there is one."""
    return next((found for found in _EXPRESSION.findall(text) if len(found) == 2), None)


def _as_toml(value: object) -> str:
    """Returns a value as a file might have it; of tables and lists no more than that they are such."""
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, date | time):
        return value.isoformat()
    if value is None:
        return "null"  # of JSON, as TOML has none
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _keys_at(model: type[BaseModel], location: Sequence[str]) -> list[str]:
    """Returns what may stand in the table at `location`."""
    return sorted(keys_of(_kinds(model, location)[-1]))


def _kinds(model: type[BaseModel], location: Sequence[str]) -> list[Any]:
    """Returns the types of all that leads to `location`, and of what stands there."""
    kinds: list[Any] = [model]
    for part in location:
        kinds.append(below(kinds[-1], part))
    return kinds
