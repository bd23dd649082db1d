"""What may stand in a file of settings, read from the classes that the library reads it into."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from kf_airflow.settings import Settings

# Stand in a path for a name that the user chooses, and for any number in a list.
ANY_NAME = "<name>"
ANY_ITEM = "<number>"

Path = tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """Where a value may stand: at a key of a table, or in the list or mapping there.

    Args:
        owner: The class of the table.
        key: The key.
        type: What its values are, without None.
        required: Whether it has to be there.
    """

    owner: type
    key: str
    type: Any
    required: bool = True

    @property
    def is_table(self) -> bool:
        """Whether its values are tables of known keys."""
        return isinstance(self.type, type) and (
            issubclass(self.type, BaseModel) or dataclasses.is_dataclass(self.type)
        )

    @property
    def is_list(self) -> bool:
        """Whether they are lists."""
        return get_origin(self.type) is tuple

    @property
    def is_mapping(self) -> bool:
        """Whether they are tables whose keys the user chooses."""
        origin = get_origin(self.type)
        return isinstance(origin, type) and issubclass(origin, Mapping)

    @property
    def items(self) -> Place:
        """What stands in the list or mapping there."""
        return dataclasses.replace(self, type=get_args(self.type)[1 if self.is_mapping else 0])

    def below(self, key: str) -> Place:
        """What stands at a key of the table there."""
        return next(place for place in places_of(self.type) if place.key == key)


WHOLE = Place(owner=Settings, key="", type=Settings)
"""The file itself."""


@cache
def places_of(table: type) -> tuple[Place, ...]:
    """Returns the keys of a table, but the one that a file's name says."""
    if issubclass(table, BaseModel):
        return tuple(
            Place(table, name, _without_none(field.annotation), field.is_required())
            for name, field in table.model_fields.items()
            if (table, name) != (Settings, "environment")
        )
    assert dataclasses.is_dataclass(table)
    types = get_type_hints(table)
    return tuple(
        Place(
            table,
            field.name,
            _without_none(types[field.name]),
            field.default is MISSING and field.default_factory is MISSING,
        )
        for field in dataclasses.fields(table)
    )


def paths(place: Place = WHOLE, path: Path = ()) -> Iterator[Path]:
    """Yields the way to each place in a file, tables included."""
    if path:
        yield path
    if place.is_table:
        for below in places_of(place.type):
            yield from paths(below, (*path, below.key))
    elif place.is_mapping or place.is_list:
        yield from paths(place.items, (*path, ANY_NAME if place.is_mapping else ANY_ITEM))


@cache
def keys() -> frozenset[str]:
    """Returns every key there is, wherever it stands."""
    return frozenset(part for path in paths() for part in path) - {ANY_NAME, ANY_ITEM}


def _without_none(type_: Any) -> Any:
    if get_origin(type_) in (Union, UnionType):
        (type_,) = (argument for argument in get_args(type_) if argument is not NoneType)
    return type_
