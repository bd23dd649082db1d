"""What a module may be told: the options of constructs, as Terraform has variables."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import MISSING, dataclass, field
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from kf_airflow.kinds import is_list, is_mapping
from kf_airflow_modules.docstrings import arguments_of

Values = Mapping[str, Any]
_TYPES = {str: "string", int: "number", bool: "bool"}


@dataclass(frozen=True, kw_only=True)
class Input:
    """An option that a module may have as a variable.

    Args:
        name: What it is called.
        type: Its type in Terraform; None if it has none that fits.
        description: What its docstring says.
        required: Whether it has no default.
        default: Its default, as JSON.
        nullable: Whether it may be left out altogether.
        check: Refuses a value with a `ValueError`, as the constructs do.
        pattern: What the check says of text, as a regular expression that Terraform knows too.
        probes: Values to try, to find out where it goes. Found by the check if left out.
        alongside: What else is set while it is tried, as its values would be refused otherwise.
        ruled: Whether a rule of the part says what it may be, together with others.
    """

    name: str
    type: str | None
    description: str
    required: bool = False
    default: Any = None
    nullable: bool = False
    check: Callable[[Any], object] = lambda _: None
    pattern: str | None = None
    probes: tuple[Any, ...] = ()
    alongside: Values = field(default_factory=dict)
    ruled: bool = False

    def allows(self, value: Any) -> bool:
        """Tells whether the constructs take a value."""
        return self.refusal(value) is None

    def refusal(self, value: Any) -> str | None:
        """Returns with which sentence the constructs refuse a value."""
        try:
            self.check(value)
        except (ValueError, TypeError, AttributeError) as error:
            return str(error)
        return None


def options(
    kind: type,
    *,
    prefix: str = "",
    only: Collection[str] | None = None,
    base: Values | None = None,
    lenient: Collection[Values] = (),
    patterns: Mapping[str, str] | None = None,
    alongside: Mapping[str, Values] | None = None,
    tries: Mapping[str, tuple[Any, ...]] | None = None,
    ruled: Collection[str] = (),
) -> Iterator[Input]:
    """Yields the fields of a dataclass of options, or of a reference.

    Args:
        kind: The class.
        prefix: What their names begin with.
        only: Which of them. All if left out.
        base: Defaults that differ from the class's.
        lenient: What else may be set so that a value that needs it is allowed.
        patterns: What the checks of some of them say of text, as regular expressions. None if left out.
        alongside: What else is set while some of them are tried. Nothing if left out.
        tries: Values to try some of them with. Found by the checks if left out.
        ruled: Of which a rule of the part says what they may be.
    """
    types, texts, base = get_type_hints(kind), arguments_of(kind), base or {}
    for option in dataclasses.fields(kind):
        name = option.name
        if only is not None and name not in only:
            continue
        default = base.get(name, _default(option))
        yield Input(
            name=prefix + name,
            type=terraform_type(types[name]),
            description=texts[name],
            required=default is MISSING,
            default=None if default is MISSING else plain(default),
            nullable=_optional(types[name]),
            check=_checked(kind, name, base, lenient),
            pattern=(patterns or {}).get(name),
            probes=(tries or {}).get(name, ()),
            ruled=name in ruled,
            alongside={prefix + other: value for other, value in (alongside or {}).get(name, {}).items()},
        )


def group(kind: type, values: Values, *, prefix: str = "", base: Values | None = None) -> Any:
    """Returns the options that values say."""
    given = {
        option.name: frozen(values[prefix + option.name])
        for option in dataclasses.fields(kind)
        if prefix + option.name in values
    }
    return kind(**{**(base or {}), **given})


def terraform_type(kind: Any) -> str | None:
    """Returns Terraform's type for one of Python's, or None where there is none."""
    if get_origin(kind) in (Union, UnionType):
        kind = next(one for one in get_args(kind) if one is not NoneType)
    if is_mapping(kind) and get_args(kind)[1] is str:
        return "map(string)"
    if is_list(kind) and get_args(kind)[0] is str:
        return "list(string)"
    return _TYPES.get(kind)


def plain(value: Any) -> Any:
    """Returns a value as JSON has it."""
    return json.loads(json.dumps(value, default=repr))


def frozen(value: Any) -> Any:
    """Returns a value of JSON as options have it."""
    return tuple(value) if isinstance(value, list) else value


def _default(option: dataclasses.Field[Any]) -> Any:
    return option.default_factory() if option.default_factory is not MISSING else option.default


def _optional(kind: Any) -> bool:
    return get_origin(kind) in (Union, UnionType) and NoneType in get_args(kind)


def _checked(kind: type, name: str, base: Values, lenient: Collection[Values]) -> Callable[[Any], object]:
    required = {
        option.name: _stand_in(option.name)
        for option in dataclasses.fields(kind)
        if _default(option) is MISSING and option.name not in base
    }

    def check(value: Any) -> None:
        """Refuses what is refused whatever else is set."""
        refused: ValueError | None = None
        for also in [{}, *lenient]:
            try:
                kind(**{**required, **base, **also, name: frozen(value)})
            except ValueError as error:
                refused = refused or error
            else:
                return
        if refused:
            raise refused

    return check


def _stand_in(name: str) -> Any:
    if name.endswith("arn"):
        return "arn:aws:stand:in"
    if name == "account_id":
        return "111122223333"
    if name == "region":
        return "us-east-1"
    return ("stand-in-1", "stand-in-2") if name.endswith("ids") else "stand-in"
