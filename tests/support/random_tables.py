"""Random tables of settings that the library allows."""

from collections.abc import Callable
from functools import cache
from typing import Any

import good_values
from good_beginnings import beginnings
from hypothesis import reject
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from settings_schema import Place, places_of

Table = dict[str, Any]
Draw = Callable[[st.SearchStrategy[Any]], Any]

_MOST_KEYS = 6
_MOST_ITEMS = 3


@cache
def good(place: Place) -> st.SearchStrategy[Any]:
    """What the settings allow at a place, or might together with others."""
    if place.is_table:
        return good_table(place.type)
    if place.is_list:
        unique = None if place.items.is_table else str
        return st.lists(
            good(place.items), min_size=int(place.required), max_size=_MOST_ITEMS, unique_by=unique
        )
    if place.is_mapping:
        return st.dictionaries(names(place), good(place.items), max_size=_MOST_ITEMS)
    return st.sampled_from(good_values.values(place.owner, place.key, place.type))


def names(place: Place) -> st.SearchStrategy[str]:
    """What the user might call what stands in the mapping at a place."""
    return st.sampled_from(good_values.names(place.owner, place.key))


@st.composite
def good_table(draw: Draw, table: type) -> Table:
    """A table with what it has to have, and some of what it may have, as far as that goes together."""
    values: Table = {place.key: draw(good(place)) for place in places_of(table) if place.required}
    values |= draw(st.sampled_from(beginnings(table)))
    if not _allowed(table, values):
        reject()
    return extended(draw, table, values, lambda changed: _allowed(table, changed))


def extended(draw: Draw, table: type, values: Table, allowed: Callable[[Table], bool]) -> Table:
    """Adds keys that a table may have, each if the table is still allowed with it."""
    optional = [place for place in places_of(table) if not place.required]
    if not optional:
        return values
    for place in draw(st.lists(st.sampled_from(optional), max_size=_MOST_KEYS, unique=True)):
        changed = {**values, place.key: draw(good(place))}
        if allowed(changed):
            values = changed
    return values


@cache
def _adapter(table: type) -> TypeAdapter[Any]:
    return TypeAdapter(table)


def _allowed(table: type, values: Table) -> bool:
    try:
        _adapter(table).validate_python(values)
    except ValidationError:
        return False
    return True
