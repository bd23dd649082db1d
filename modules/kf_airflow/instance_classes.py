"""What an RDS instance class offers: its memory, and the connections PostgreSQL allows on it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from kf_airflow.checks import sized

_GIB = 2**30

# Which sizes PostgreSQL runs on is told by family, and differs from what EC2 has.
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Support.html
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html
_BURSTABLE: Mapping[str, int] = {
    "micro": 1, "small": 2, "medium": 4, "large": 8, "xlarge": 16, "2xlarge": 32,
}  # fmt: skip
# For each size how many times "large" it is.
_UP_TO_16: Mapping[str, int] = {
    "large": 1, "xlarge": 2, "2xlarge": 4, "4xlarge": 8, "8xlarge": 16, "12xlarge": 24, "16xlarge": 32,
}  # fmt: skip
_UP_TO_24: Mapping[str, int] = {**_UP_TO_16, "24xlarge": 48}
_UP_TO_32: Mapping[str, int] = {**_UP_TO_24, "32xlarge": 64}
_UP_TO_48: Mapping[str, int] = {**_UP_TO_24, "48xlarge": 96}
# Families that PostgreSQL 15 and later run on, with the GiB of their "large" and their sizes.
_FAMILIES: Sequence[tuple[tuple[str, ...], int, Mapping[str, int]]] = (
    (("m6g", "m6gd", "m7g"), 8, _UP_TO_16),
    (("m5", "m5d"), 8, _UP_TO_24),
    (("m6i", "m6id", "m6idn", "m6in"), 8, _UP_TO_32),
    (("m7i", "m8g", "m8gd"), 8, _UP_TO_48),
    (("r6g", "r6gd", "r7g"), 16, _UP_TO_16),
    (("r5", "r5b", "r5d"), 16, _UP_TO_24),
    (("r6i", "r6id", "r6idn", "r6in"), 16, _UP_TO_32),
    (("r7i", "r8g", "r8gd"), 16, _UP_TO_48),
    (("x2g",), 32, _UP_TO_16),
)
_MEMORY_GIB: Mapping[str, Mapping[str, int]] = {
    "t3": _BURSTABLE,
    "t4g": _BURSTABLE,
    **{
        family: {size: gib * larges for size, larges in sizes.items()}
        for families, gib, sizes in _FAMILIES
        for family in families
    },
}
FAMILIES = tuple(sorted(_MEMORY_GIB))

_CLASS = re.compile(r"db\.(?P<family>[a-z0-9]+)\.(?P<size>[a-z0-9]+)")
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.MaxConnections
_BYTES_PER_CONNECTION = 9531392
_MOST_CONNECTIONS = 5000


def memory_gib(instance_class: str) -> int | None:
    """Returns the memory of an instance class in GiB; None if the class is unknown."""
    match = _CLASS.fullmatch(instance_class)
    return _MEMORY_GIB.get(match["family"], {}).get(match["size"]) if match else None


def check_instance_class(key: str, value: str) -> None:
    """Refuses an instance class that PostgreSQL does not run on.

    Args:
        key: The setting it stands in.
        value: The instance class.

    Raises:
        ValueError: if it does not.
    """
    sized(key, value, sizes=_MEMORY_GIB, example="RDS classes such as db.t4g.small")


def max_connections(instance_class: str) -> int | None:
    """Returns how many connections RDS's default for PostgreSQL allows; None if the class is unknown.

    The default is LEAST(DBInstanceClassMemory / 9531392, 5000), where DBInstanceClassMemory is what the class
    has less what the operating system and RDS's own processes take. AWS does not say how much that is; 0.2
    GiB and 5 % are at least what is missing from the numbers that users read off their instances.
    """
    memory = memory_gib(instance_class)
    if memory is None:
        return None
    left = (memory * 0.95 - 0.2) * _GIB
    return min(int(left / _BYTES_PER_CONNECTION), _MOST_CONNECTIONS)
