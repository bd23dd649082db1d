"""Random variables of the environment that override settings, or look as if they did."""

import json
from dataclasses import dataclass
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st
from random_settings import TEXT, good_document, random_paths
from random_tables import Draw, Table, good, names
from settings_schema import ANY_ITEM, ANY_NAME, WHOLE, Place

PREFIX = "KF_AIRFLOW_"

# Below these the user's names are those of variables, which keep their case.
_OF_VARIABLES = {"variables", "environment", "secrets"}


@dataclass(frozen=True)
class RandomVariable:
    """A variable of the environment beside a file of settings.

    Args:
        document: What the file has.
        name: What the variable is called.
        text: What it is.
        overridden: What a file would have that says the same without the variable; None if it is no setting.
    """

    document: Table
    name: str
    text: str
    overridden: Table | None


@st.composite
def random_variables(draw: Draw) -> RandomVariable:
    """Good settings, with a variable that is a setting, or is not quite one."""
    document = draw(good_document("dev"))
    path, place = _place(draw)
    if draw(st.booleans()):
        text = draw(st.sampled_from(("1", "{}")))
        return RandomVariable(document, _misspelt(draw, path, place), text, None)
    value = draw(good(place)) if draw(st.booleans()) else draw(st.sampled_from(TEXT))
    if place.is_table or place.is_list or place.is_mapping:
        text = json.dumps(value)
    else:
        # As whoever sets it would write it; a file has numbers and truth values as such.
        text = str(value).lower() if isinstance(value, bool) else str(value)
    assume("\0" not in text)
    name = PREFIX + "__".join(_parts(path))
    return RandomVariable(document, name, text, _merged(document, _nested(path, value)))


def _place(draw: Draw) -> tuple[list[str], Place]:
    """Returns a way to something that a variable may say: not into a list, which comes as a whole."""
    path: list[str] = []
    place = WHOLE
    for part in draw(random_paths()):
        if part == ANY_ITEM:
            break
        path.append(draw(names(place)) if part == ANY_NAME else part)
        place = place.items if part == ANY_NAME else place.below(part)
    return path, place


def _parts(path: list[str]) -> list[str]:
    return [
        part if before in _OF_VARIABLES else part.upper()
        for before, part in zip(["", *path], path, strict=False)
    ]


def _misspelt(draw: Draw, path: list[str], place: Place) -> str:
    """Returns the name of a variable that is almost a setting."""
    first, *rest = _parts(path)
    wrong = [[first[:-1], *rest], [f"{first}S", *rest], ["_".join([first, *rest, "COLOUR"])]]
    if place.is_table:
        wrong.append([first, *rest, "COLOUR"])
    elif not place.is_mapping and not _OF_VARIABLES.intersection(path[-2:-1]):
        wrong += [[first, *rest, "0"], [first, *rest, ""]]
    name = PREFIX + "__".join(draw(st.sampled_from(wrong)))
    return name.lower() if draw(st.booleans()) else name


def _nested(path: list[str], value: Any) -> Any:
    return {path[0]: _nested(path[1:], value)} if path else value


def _merged(below: Any, above: Any) -> Any:
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return {**below, **{key: _merged(below.get(key), value) for key, value in above.items()}}
