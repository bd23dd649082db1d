"""What docstrings say of arguments, in Google's style."""

from __future__ import annotations

import inspect
import re

_FOREIGN = {"pydantic", "pydantic_settings", "builtins", "typing"}


def arguments_of(kind: type) -> dict[str, str]:
    """Returns what the docstrings of a class and of those it derives from say below `Args:`."""
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        docstring = base.__dict__.get("__doc__")
        if docstring and base.__module__.partition(".")[0] not in _FOREIGN:
            found.update(_arguments(docstring))
    return found


def summary_of(kind: type) -> str:
    """Returns the first sentences of a class's docstring."""
    return " ".join(inspect.cleandoc(kind.__doc__ or "").partition("\n\n")[0].split())


def _arguments(docstring: str) -> dict[str, str]:
    section = re.search(r"^Args:\n((?:[ ]{4}.*\n|\n)*)", inspect.cleandoc(docstring) + "\n", re.MULTILINE)
    entries = re.split(r"^ {4}(?=\S)", section[1] if section else "", flags=re.MULTILINE)[1:]
    pairs = (entry.partition(":") for entry in entries)
    return {name.strip(): " ".join(text.split()) for name, _, text in pairs}
