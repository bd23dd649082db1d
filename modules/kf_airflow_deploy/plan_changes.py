"""What a plan changes, read from its JSON: where, how, which attributes, and what that would lose.

https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kf_airflow.plan_losses import KEPT

_KINDS = {
    ("create",): "create",
    ("update",): "change",
    ("delete",): "destroy",
    ("delete", "create"): "replace",
    ("create", "delete"): "replace",
    ("forget",): "forget",
}
# Providers mark most secrets; what is called one is hidden even if they did not.
_SECRET_NAME = re.compile(r"password|secret|token|private_key|credential|auth_", re.IGNORECASE)
_SHORT = 60


@dataclass(frozen=True)
class AttributeChange:
    """What a plan changes of one attribute.

    Args:
        path: Where it is in the resource, such as `tags.Owner`.
        difference: Both values, where they are short and no secret; else empty.
    """

    path: str
    difference: str = ""

    def __str__(self) -> str:
        """Says it in one line."""
        return f"{self.path}: {self.difference}" if self.difference else self.path


@dataclass(frozen=True)
class Change:
    """What a plan does with one resource or output.

    Args:
        address: Its address; that of an output is `output.<name>`.
        type: The resource's type; `output`.
        kind: `create`, `change`, `destroy`, `replace` or `forget`.
        attributes: What differs, for `change` and `replace`.
        outside: Whether Terraform found it changed since it last wrote it.
    """

    address: str
    type: str
    kind: str
    attributes: tuple[AttributeChange, ...] = ()
    outside: bool = False

    @property
    def loses_data(self) -> bool:
        """Whether it takes away a database, bucket, broker, key or secret that is there."""
        return self.type in KEPT and self.kind in {"destroy", "replace"}


def changes(plan: Mapping[str, Any]) -> list[Change]:
    """Returns what a plan changes, in its own order; outputs come last.

    Args:
        plan: The plan, as `terraform show -json` has it.
    """
    outside = {drift["address"] for drift in plan.get("resource_drift", [])}
    found = [
        Change(
            address=resource["address"],
            type=resource["type"],
            kind=kind,
            attributes=_attributes(resource["change"]) if kind in {"change", "replace"} else (),
            outside=resource["address"] in outside,
        )
        for resource in plan.get("resource_changes", [])
        if (kind := _KINDS.get(tuple(resource["change"]["actions"])))
    ]
    for name, change in plan.get("output_changes", {}).items():
        if kind := _KINDS.get(tuple(change["actions"])):
            found.append(Change(address=f"output.{name}", type="output", kind=kind))
    return found


def _attributes(change: Mapping[str, Any]) -> tuple[AttributeChange, ...]:
    return tuple(
        _differences(
            (),
            change.get("before") or {},
            change.get("after") or {},
            unknown=change.get("after_unknown", False),
            secret=(change.get("before_sensitive", False), change.get("after_sensitive", False)),
        )
    )


def _differences(
    path: tuple[str, ...], before: Any, after: Any, *, unknown: Any, secret: Sequence[Any]
) -> Iterator[AttributeChange]:
    """Walks two values side by side, together with what of them is known only later, and what is secret."""
    where = ".".join(path)
    if any(mark is True for mark in secret) or (path and _SECRET_NAME.search(path[-1])):
        if before != after or unknown is True:
            yield AttributeChange(where, "(secret)")
    elif unknown is True:
        yield AttributeChange(where, _both(_text(before), "(known after apply)"))
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after, *(unknown if isinstance(unknown, Mapping) else ())}):
            yield from _differences(
                (*path, key),
                before.get(key),
                after.get(key),
                unknown=_inside(unknown, key),
                secret=[_inside(mark, key) for mark in secret],
            )
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _differences(
                (*path, str(number)),
                one,
                other,
                unknown=_inside(unknown, number),
                secret=[_inside(mark, number) for mark in secret],
            )
    elif before != after:
        hides = any(_marks(mark) for mark in secret)
        yield AttributeChange(where, "(secret)" if hides else _both(_text(before), _text(after)))


def _inside(marks: Any, key: str | int) -> Any:
    """Returns the marks of what is at a key of a marked value."""
    if isinstance(marks, bool):
        return marks
    if isinstance(marks, Mapping):
        return marks.get(str(key), False)
    if isinstance(marks, list) and isinstance(key, int) and key < len(marks):
        return marks[key]
    return False


def _marks(marks: Any) -> bool:
    """Whether anything is marked."""
    if isinstance(marks, Mapping):
        return any(map(_marks, marks.values()))
    return any(map(_marks, marks)) if isinstance(marks, list) else marks is True


def _both(before: str, after: str) -> str:
    """Returns both values as they read in a list; empty if one is too long for that."""
    return "" if max(len(before), len(after)) > _SHORT else f"{before} -> {after}"


def _text(value: Any) -> str:
    text = json.dumps(value)
    # Whole tables and lists come or go with all that is in them.
    return "(secret)" if isinstance(value, dict | list) and _SECRET_NAME.search(text) else text
