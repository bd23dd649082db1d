"""What storage RDS offers for PostgreSQL.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html
"""

from __future__ import annotations

from collections.abc import Mapping

from kf_airflow.checks import between

# From how many GiB a type begins.
STORAGE_TYPES: Mapping[str, int] = {"gp3": 20, "gp2": 20, "io1": 100, "io2": 100}
LARGEST_GIB = 65536

# Below it gp3 has 3000 operations a second, and nobody can change that.
_GP3_CHOICE_FROM_GIB = 400
_IOPS: Mapping[str, tuple[int, int]] = {
    "gp3": (12000, 64000),
    "io1": (1000, 256000),
    "io2": (1000, 256000),
}
# The most operations a second for each GiB.
_IOPS_PER_GIB: Mapping[str, int] = {"gp3": 500, "io1": 50, "io2": 1000}


def checked_storage(
    *, storage_type: str, allocated_gib: int, max_allocated_gib: int | None, iops: int | None
) -> None:
    """Refuses storage that RDS does not have.

    Raises:
        ValueError: if a value is not allowed.
    """
    if storage_type not in STORAGE_TYPES:
        raise ValueError(f"storage_type is {storage_type!r}: allowed are {', '.join(STORAGE_TYPES)}")
    smallest = STORAGE_TYPES[storage_type]
    if not smallest <= allocated_gib <= LARGEST_GIB:
        of_type = "" if storage_type == "gp3" else f" for {storage_type}"
        raise ValueError(
            f"allocated_storage_gib is {allocated_gib}: allowed{of_type} are {smallest} to {LARGEST_GIB}"
        )
    if max_allocated_gib:
        # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html
        lowest = -(-allocated_gib * 11 // 10)
        if not lowest <= max_allocated_gib <= LARGEST_GIB:
            raise ValueError(
                f"max_allocated_storage_gib is {max_allocated_gib}: "
                f"allowed are 0 (it does not grow) and {lowest} to {LARGEST_GIB}"
            )
    _check_iops(storage_type, allocated_gib, iops)


def _check_iops(storage_type: str, allocated_gib: int, iops: int | None) -> None:
    if iops is None:
        if storage_type in ("io1", "io2"):
            lowest, highest = _IOPS[storage_type]
            raise ValueError(
                f"storage_iops is not set: {storage_type} needs it, allowed are {lowest} to {highest}"
            )
        return
    if storage_type not in _IOPS:
        raise ValueError(
            f"storage_iops is {iops}: {storage_type} has no choice, allowed are {', '.join(_IOPS)}"
        )
    if storage_type == "gp3" and allocated_gib < _GP3_CHOICE_FROM_GIB:
        raise ValueError(
            f"storage_iops is {iops}: gp3 has a choice from {_GP3_CHOICE_FROM_GIB} GiB on, "
            f"and allocated_storage_gib is {allocated_gib}"
        )
    lowest, highest = _IOPS[storage_type]
    between("storage_iops", iops, lowest, min(highest, _IOPS_PER_GIB[storage_type] * allocated_gib))
