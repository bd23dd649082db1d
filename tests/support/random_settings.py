"""Random settings of an environment, good and bad, as a file of `config` would have them."""

import tomllib
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st
from project import ROOT
from pydantic import ValidationError
from random_tables import Draw, Table, extended, good, names
from settings_schema import WHOLE, Path, Place, paths

from kf_airflow import production
from kf_airflow.settings import Settings

_ENVIRONMENTS = ("dev", "dev", "dev", "qa", "prd", "local")
MINIMAL: Table = {
    "image": "registry.example.org/kf-airflow:1",
    "owner": "somebody",
    "aws": {"region": "us-east-1"},
    "state": {"account": "example"},
}
_MOST_CHANGES = 5

_DAY = date(2026, 1, 1)
_NO_TABLE: Sequence[object] = (4, True, 1.5, "a", [], [{}], _DAY)
_NO_LIST: Sequence[object] = (4, True, "a", {}, {"a": "b"}, _DAY)
TEXT = (
    "",
    " ",
    "a" * 300,
    "${var.x}",
    "%{ if true }",
    "é ü",
    "\0",
    "a\nb",
    "'\"\\",
    "none",
    "a b/c:d",
    "-a",
)
_BAD: Mapping[type, Sequence[object]] = {
    bool: ("perhaps", "true", "yes", 0, 1, 2, 1.0, 1.5, "", [], {}, _DAY),
    int: (
        *(-1, 0, 3, 4096, 2**31, 2**63, 10**30, True, 1.5, 1e30, float("inf"), float("nan")),
        *("3", "4096", 2.0, False, "4GiB", "4 GiB", "1e3", "", [], {}, _DAY),
    ),
}
_NEITHER: Sequence[object] = (*TEXT, 4, True, 1.5, [], ["a"], {}, {"a": "b"}, _DAY)
_UNKNOWN = ("colour", "environment", "memory", "Image", "", "a b", "a.b")


@dataclass(frozen=True)
class RandomSettings:
    """Settings of an environment.

    Args:
        environment: Which.
        document: What its file has.
        changes: Where something else was put into good settings, good or not.
    """

    environment: str
    document: Table
    changes: tuple[Path, ...] = ()


@st.composite
def random_settings(draw: Draw) -> RandomSettings:
    """Good settings, with one to five changes in half of them."""
    environment = draw(st.sampled_from(_ENVIRONMENTS))
    document = draw(good_document(environment))
    changes: list[Path] = []
    if draw(st.integers(0, 3)) in (1, 2):
        changes = draw(st.lists(random_paths(), min_size=1, max_size=_MOST_CHANGES))
    for path in changes:
        document = _changed(draw, document, WHOLE, path)
    return RandomSettings(environment, document, tuple(changes))


@st.composite
def good_document(draw: Draw, environment: str) -> Table:
    def allowed(document: Table) -> bool:
        try:
            Settings(environment=environment, **document)
        except ValidationError:
            return False
        return True

    document = deepcopy(draw(st.sampled_from(_beginnings())))
    if not allowed(document):
        reject()
    document = extended(draw, Settings, document, allowed)
    if environment == production.PRODUCTION and draw(st.integers(0, 4)) != 1:
        risks = production.risks(Settings(environment=environment, **document))
        document["accepted_risks"] = [risk.key for risk in risks if risk.taken]
    return document


@cache
def _beginnings() -> list[Table]:
    """Returns what settings may begin with: very little, mostly, or one of the project's own files."""
    files = [*sorted(ROOT.glob("config/*.toml")), *sorted(ROOT.glob("tests/examples/*.toml"))]
    own = [tomllib.loads(file.read_text(encoding="utf-8")) for file in files]
    return [*[MINIMAL] * 2 * len(own), *own]


@cache
def random_paths() -> st.SearchStrategy[Path]:
    """Ways to places in a file, those below each of the outermost keys as often as those below others."""
    by_key: dict[str, list[Path]] = {}
    for path in paths():
        by_key.setdefault(path[0], []).append(path)
    return st.sampled_from(list(by_key.values())).flatmap(st.sampled_from)


def _changed(draw: Draw, value: Any, place: Place, path: Path) -> Any:
    """Returns a value with something else at a path in it; what leads there is made where it is missing."""
    if not path:
        return draw(good(place)) if draw(st.booleans()) else _bad(draw, value, place)
    key, below = path[0], path[1:]
    if place.is_list:
        items = list(value) if isinstance(value, list) else []
        index = draw(st.integers(0, len(items)))
        items[index : index + 1] = [_changed(draw, [*items, None][index], place.items, below)]
        return items
    table = value if isinstance(value, dict) else draw(good(place))
    if place.is_mapping:
        key = draw(st.sampled_from(sorted(table)) if table else names(place))
        return {**table, key: _changed(draw, table.get(key), place.items, below)}
    return {**table, key: _changed(draw, table.get(key), place.below(key), below)}


def _bad(draw: Draw, value: Any, place: Place) -> Any:
    """Returns what a place is hardly for."""
    if place.is_list:
        items = draw(good(place))
        one_more = _bad(draw, None, place.items)
        return draw(st.sampled_from([*_NO_LIST, [*items, *items], [*items, one_more], [one_more]]))
    if place.is_mapping:
        name = draw(st.sampled_from(TEXT))
        return draw(st.sampled_from([*_NO_TABLE, {name: draw(good(place.items))}]))
    if place.is_table:
        table: Table = value if isinstance(value, dict) else draw(good(place))
        fewer = [{name: one for name, one in table.items() if name != left_out} for left_out in table]
        more = [{**table, name: 1} for name in _UNKNOWN]
        return draw(st.one_of(*map(st.sampled_from, [_NO_TABLE, more, *([fewer] if fewer else [])])))
    return draw(st.sampled_from(_BAD.get(place.type, _NEITHER)))
