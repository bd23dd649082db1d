"""Says what is wrong with the settings, one sentence for each mistake."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

_UNKNOWN = {"extra_forbidden", "unexpected_keyword_argument"}


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
    return [_sentence(detail, model, file, prefix) for detail in error.errors(include_url=False)]


def unknown_variables(*, model: type[BaseModel], prefix: str) -> list[str]:
    """Returns a sentence for each variable of the environment that looks like a setting and is none.

    Args:
        model: The settings.
        prefix: What the names of such variables begin with.
    """
    return [
        f"The environment: {name} is not a setting; allowed are {prefix} and one of "
        f"{', '.join(key.upper() for key in sorted(model.model_fields))}, with two underscores before "
        "what is in its table."
        for name in sorted(os.environ)
        if name.startswith(prefix)
        and name.removeprefix(prefix).split("__")[0].lower() not in model.model_fields
    ]


def _sentence(detail: ErrorDetails, model: type[BaseModel], file: str, prefix: str) -> str:
    location = [str(part) for part in detail["loc"]]
    key = ".".join(location) or "the settings"
    variable = prefix + "__".join(location).upper()
    source = variable if variable in os.environ else file
    if detail["type"] in _UNKNOWN:
        # The environment's name is a setting, but it comes from the file's.
        allowed = ", ".join(key for key in _keys_at(model, location[:-1]) if key != "environment")
        return f"{source}: {key} is not a setting; allowed here are {allowed}."
    if detail["type"] in {"missing", "missing_keyword_only_argument"}:
        return f"{source}: {key} is not set; set it there or as {variable}."
    if detail["type"] == "value_error":
        # The checks of our own dataclasses name the key themselves, but not the table it stands in.
        reason = str(detail["ctx"]["error"])
        return f"{source}: {f'in [{key}] ' if location else ''}{reason}."
    reason = (
        detail["msg"]
        .replace("Input should be ", "allowed is ")
        .replace("valid tuple", "list")
        .replace("String should ", "allowed is text that should ")
    )
    return f"{source}: {key} is {detail['input']!r}: {reason[0].lower()}{reason[1:]}."


def _keys_at(model: type[BaseModel], location: list[str]) -> list[str]:
    """Returns what may stand in the table at `location`."""
    kind: Any = model
    for part in location:
        kind = _fields(kind).get(part)
    return sorted(_fields(kind))


def _fields(kind: Any) -> Mapping[str, Any]:
    for candidate in (kind, *get_args(kind)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return {name: field.annotation for name, field in candidate.model_fields.items()}
        if dataclasses.is_dataclass(candidate):
            return {field.name: field.type for field in dataclasses.fields(candidate)}
    return {}
