"""What may stand where in the settings, told by the types of the classes that they are read into."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel


def keys_of(kind: Any) -> Mapping[str, Any]:
    """Returns the keys of a table with their types; none for anything else."""
    kind = without_none(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {name: field.annotation for name, field in kind.model_fields.items()}
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        types = get_type_hints(kind)
        return {field.name: types[field.name] for field in dataclasses.fields(kind)}
    return {}


def is_mapping(kind: Any) -> bool:
    """Whether it is a table whose keys the user chooses."""
    return _has_origin(kind, Mapping)


def is_list(kind: Any) -> bool:
    """Whether it is a list."""
    return _has_origin(kind, Sequence)


def below(kind: Any, key: str) -> Any:
    """Returns the type of what stands at a key of a table or in a list; None if nothing may stand there."""
    if is_mapping(kind):
        return get_args(without_none(kind))[1]
    if is_list(kind):
        return get_args(without_none(kind))[0]
    return keys_of(kind).get(key)


def _has_origin(kind: Any, abstract: type) -> bool:
    origin = get_origin(without_none(kind))
    return isinstance(origin, type) and issubclass(origin, abstract)


def without_none(kind: Any) -> Any:
    """Returns a type without the `None` that may be beside it."""
    if get_origin(kind) in (Union, UnionType):
        return next(one for one in get_args(kind) if one is not NoneType)
    return kind
