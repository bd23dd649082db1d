"""Checks of what a load balancer looks at in a request: host names and paths."""

from __future__ import annotations

import re
from collections.abc import Sequence

# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
_LONGEST = 128
_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)+[a-z]{{2,63}}")
_PATH = re.compile(r"""[/*][A-Za-z0-9_.$/~"'@:+&*?-]*""")


def check_host(key: str, value: str) -> None:
    """Refuses what is not a host name with a domain.

    Raises:
        ValueError: if it is not one.
    """
    if len(value) > _LONGEST or not _HOST.fullmatch(value):
        raise ValueError(
            f"{key} is {value!r}: allowed is a host name in lower case such as airflow.example.org, "
            f"at most {_LONGEST} characters"
        )


def check_paths(key: str, values: Sequence[str]) -> None:
    """Refuses what is not a pattern of paths.

    Raises:
        ValueError: if one of them is not.
    """
    for value in values:
        if len(value) > _LONGEST or not _PATH.fullmatch(value):
            raise ValueError(
                f"{key} has {value!r}: allowed are patterns such as /api/*, a slash first, "
                f"at most {_LONGEST} characters"
            )
