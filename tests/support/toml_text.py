"""Writes settings as TOML, which the standard library only reads."""

import json
import math
from collections.abc import Mapping
from datetime import date, time
from typing import Any


def toml_text(document: Mapping[str, Any]) -> str:
    """Returns a document as TOML: a line for each of its keys, with all that is below in that line."""
    return "".join(f"{_string(key)} = {_value(value)}\n" for key, value in document.items())


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_string(key)} = {_value(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return repr(value)


def _string(text: str) -> str:
    # JSON writes all characters as TOML does but this one, which it leaves as it is.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
