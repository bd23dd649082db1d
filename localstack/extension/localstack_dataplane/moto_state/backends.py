"""Moto's backends: one for each account and region that was ever used."""

from collections.abc import Iterator
from typing import Any


def every(backends: Any) -> Iterator[Any]:
    """All backends of a service. Requests may add more meanwhile: those are seen the next time.

    Args:
        backends: Such as `moto.rds.models.rds_backends`.
    """
    for regions in list(backends.values()):
        yield from list(regions.values())
