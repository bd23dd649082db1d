"""What is called otherwise now: the old name warns for one minor version, and is refused after that.

What is deprecated since 1.4.0 warns in every 1.4, and in what is not released yet; neither 1.5.0 nor 2.0.0
has it any more.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeVar, cast

_Method = TypeVar("_Method", bound=Callable[..., Any])
# Whose frames stand between the call and the program that makes it.
_BETWEEN = {"kf_airflow", "jsii", "importlib"}


@dataclass(frozen=True)
class Deprecation:
    """A name that goes.

    Args:
        name: The name, with what it is.
        instead: What to use instead.
        since: The first version that has it only with a warning.
    """

    name: str
    instead: str
    since: str

    @property
    def gone_in(self) -> str:
        """The first version that refuses it."""
        major, minor = _minor(self.since)
        return f"{major}.{minor + 1}.0"

    def is_gone(self, library: str | None) -> bool:
        """Tells whether a version of the library refuses it; None is one that is not installed."""
        return library is not None and _minor(library) > _minor(self.since)

    def check(self, library: str | None) -> None:
        """Warns of it, at the line of the program that uses it.

        Args:
            library: The library's version, or None.

        Raises:
            TypeError: if that does not have it any more.
        """
        if self.is_gone(library):
            raise TypeError(f"{self.name} is gone since {self.gone_in}: use {self.instead}")
        warnings.warn(
            f"{self.name} is deprecated since {self.since} and gone in {self.gone_in}: use {self.instead}",
            # Unlike DeprecationWarning, it is shown wherever the program's line stands.
            FutureWarning,
            stacklevel=_level(),
        )


NAMES: Mapping[str, Deprecation] = {
    old: Deprecation(f"kf_airflow.{old}", new, since)
    for old, new, since in (
        ("ServiceSize", "ServiceOptions", "0.2.0"),
        ("WorkerSize", "WorkerPool", "0.2.0"),
    )
}
"""The public names that go."""


def installed() -> str | None:
    """Returns the library's version, or None if it runs without being installed."""
    try:
        return version("kf-airflow")
    except PackageNotFoundError:
        return None


def renamed_arguments(*, since: str, **names: str) -> Callable[[_Method], _Method]:
    """Has a method take arguments by their old names too.

    Args:
        since: The first version that does so only with a warning.
        **names: The new names by the old ones.
    """

    def decorate(method: _Method) -> _Method:
        owner = method.__qualname__.removesuffix(".__init__")

        @wraps(method)
        def renamed(*args: Any, **kwargs: Any) -> Any:
            for old in names.keys() & kwargs.keys():
                new = names[old]
                if new in kwargs:
                    raise TypeError(f"{owner} is given {new} and, by its old name {old}, the same again")
                Deprecation(f"{old} of {owner}", new, since).check(installed())
                kwargs[new] = kwargs.pop(old)
            return method(*args, **kwargs)

        return cast(_Method, renamed)

    return decorate


def _minor(text: str) -> tuple[int, int]:
    major, minor, *_ = text.split(".")
    return int(major), int(minor)


def _level() -> int:
    """Returns how many frames above `check` the program is."""
    level, frame = 1, sys._getframe(1)  # noqa: SLF001  # Python 3.11 has no other way to skip some
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] in _BETWEEN:
        level, frame = level + 1, frame.f_back
    return level
