"""What a variable may be, found out by asking the constructs' own checks.

A module has no Python to refuse a value, so what the checks say goes into the variable's validation: ranges
and choices are found by trying, patterns of text are given and tried against the checks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from kf_airflow_modules.inputs import Input

# Past this, a range is followed by halving, as no check has holes there.
_SCANNED = 4000
_UNLIMITED = 10**7
_NO_CHOICE = "~"
_MOST_RUNS = 3
_LONGEST_TEXT = 300


@dataclass(frozen=True)
class Constraint:
    """What is allowed.

    Args:
        condition: Terraform's condition.
        allowed: The same for people.
        good: Values at its edges that are allowed.
        bad: Values beyond them.
        ours: Whether it is the module's own, which the constructs do without.
    """

    condition: str
    allowed: str
    good: tuple[int | str, ...]
    bad: tuple[int | str, ...]
    ours: bool = False

    def validation(self, given: Input) -> dict[str, str]:
        """Returns the `validation` block of a variable."""
        # Not by `||`, which looks at both of its sides, and most functions take no null.
        optional = f"var.{given.name} == null ? true : ({self.condition})"
        return {
            "condition": f"${{{optional if given.nullable else self.condition}}}",
            "error_message": f"{given.name} is ${{jsonencode(var.{given.name})}}: {self.allowed}.",
        }


def constraint_of(given: Input) -> Constraint | None:
    """Returns what the constructs' check says of a variable; None if it allows all, or says too much."""
    if given.ruled:
        return None
    if given.type == "number":
        return _of_numbers(given)
    if given.type == "string":
        found = _of_pattern(given) or _of_choices(given) or _of_arns(given) or _of_blocks(given)
        return found or _of_plain_text(given)
    return None


def accepted(given: Input) -> list[tuple[int, int | None]]:
    """Returns the ranges of whole numbers that are allowed, in order; the last may have no end."""
    runs: list[tuple[int, int | None]] = []
    for number in range(-1, _SCANNED):
        if given.allows(number):
            begin = runs.pop()[0] if runs and runs[-1][1] == number - 1 else number
            runs.append((begin, number))
    if runs and runs[-1][1] == _SCANNED - 1:
        runs[-1] = (runs[-1][0], _end(given))
    return runs


def _end(given: Input) -> int | None:
    if given.allows(_UNLIMITED):
        return None
    low, high = _SCANNED - 1, _UNLIMITED
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if given.allows(middle) else (low, middle)
    return low


def _of_numbers(given: Input) -> Constraint | None:
    runs = accepted(given)
    if not runs or runs == [(-1, None)]:
        return None
    name = f"var.{given.name}"
    whole = f"floor({name}) == {name}"
    bad = [begin - 1 for begin, _ in runs] + [end + 1 for _, end in runs if end is not None]
    good = [begin for begin, _ in runs] + [end for _, end in runs if end is not None]
    if len(runs) > _MOST_RUNS:
        values = [number for begin, end in runs for number in range(begin, (end or begin) + 1)]
        condition, allowed = f"contains({values}, {name})", f"allowed are {', '.join(map(str, values))}"
    else:
        parts = [
            f"{name} >= {begin}" if end is None else f"({name} >= {begin} && {name} <= {end})"
            for begin, end in runs
        ]
        condition = f"{whole} && ({' || '.join(parts)})"
        allowed = "allowed are " + " and ".join(_range(begin, end) for begin, end in runs)
    return Constraint(condition, allowed, tuple(good), tuple(dict.fromkeys(bad)))


def _range(begin: int, end: int | None) -> str:
    if end is None:
        return f"{begin} and more"
    return str(begin) if begin == end else f"{begin} to {end}"


def _of_pattern(given: Input) -> Constraint | None:
    if given.pattern is None:
        return None
    refused = given.refusal(_NO_CHOICE) or ""
    allowed = refused.partition(": ")[2] or f"allowed is what {given.pattern} matches"
    good = tuple(value for value in given.probes if isinstance(value, str))
    for value in (*good, _NO_CHOICE):
        if bool(re.fullmatch(given.pattern, value)) != given.allows(value):
            raise ValueError(f"the pattern of {given.name} and its check differ on {value!r}")
    condition, bad = f"can(regex({json.dumps(f'^(?:{given.pattern})$')}, var.{given.name}))", [_NO_CHOICE]
    longest = max((size for size in range(_LONGEST_TEXT) if given.allows("a" * size)), default=0)
    if longest and re.fullmatch(given.pattern, "a" * (longest + 1)):
        condition += f" && length(var.{given.name}) <= {longest}"
        good, bad = (*good, "a" * longest), [*bad, "a" * (longest + 1)]
    return Constraint(condition, allowed.replace("${", "$${"), good, tuple(bad))


def _of_choices(given: Input) -> Constraint | None:
    choices = list(choices_of(given))
    if not choices:
        return None
    return Constraint(
        f"contains({json.dumps(choices)}, var.{given.name})",
        f"allowed are {', '.join(choices)}",
        tuple(choices),
        (_NO_CHOICE,),
    )


def choices_of(given: Input) -> Iterator[str]:
    """Yields the words that a check names as all that is allowed."""
    sentence = given.refusal(_NO_CHOICE)
    found = re.search(r": allowed are ((?:[\w.-]+, )*[\w.-]+)$", sentence or "")
    words = found[1].split(", ") if found else []
    if len(words) > 1 and all(given.allows(word) for word in words):
        yield from words


def _of_arns(given: Input) -> Constraint | None:
    if given.allows(_NO_CHOICE) or not given.allows("arn:aws:a") or given.allows("aws:arn:"):
        return None
    return Constraint(
        f'startswith(var.{given.name}, "arn:")', "allowed are ARNs", ("arn:aws:a",), (_NO_CHOICE, "aws:arn:")
    )


def _of_blocks(given: Input) -> Constraint | None:
    prefixes = [prefix for prefix in range(1, 33) if given.allows(f"10.0.0.0/{prefix}")]
    if not prefixes or given.allows(_NO_CHOICE) or given.allows("10.0.0.1/16"):
        return None
    first, last, name = prefixes[0], prefixes[-1], f"var.{given.name}"
    length = f'tonumber(split("/", {name})[1])'
    return Constraint(
        f"try(cidrsubnet({name}, 0, 0) == {name} && {length} >= {first} && {length} <= {last}, false)",
        f"allowed are IPv4 blocks without host bits, from /{first} to /{last}",
        (f"10.0.0.0/{first}", f"10.0.0.0/{last}"),
        (f"10.0.0.0/{first - 1}", f"10.0.0.0/{last + 1}", f"10.0.0.1/{first}", _NO_CHOICE),
    )


def _of_plain_text(given: Input) -> Constraint:
    # Text may go into a JSON document, where the constructs would have escaped it.
    return Constraint(
        rf'can(regex("^[^\"\\\\[:cntrl:]]*$", var.{given.name}))',
        "allowed is text without quotes, backslashes and line breaks",
        ("plain text",),
        ('a"b', "a\\b", "a\nb"),
        ours=True,
    )
