"""Which archives of DAGs go."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from kf_airflow_runtime.archive_store import Stored


def candidates(
    stored: Iterable[Stored], *, current: str, retention_days: float, now: datetime
) -> list[Stored]:
    """The archives that go unless somebody refers to them: old ones, and never the current one.

    Args:
        stored: All there are.
        current: The version of this deployment.
        retention_days: How old they have to be.
        now: The time.
    """
    limit = timedelta(days=retention_days)
    return [archive for archive in stored if archive.version != current and now - archive.put_at > limit]


def without_reference(found: Iterable[Stored], referred: Collection[str]) -> list[Stored]:
    """The archives that nobody refers to.

    Args:
        found: Those in question.
        referred: The versions that a run, a version of a DAG, a DAG or a bundle refers to.
    """
    return [archive for archive in found if archive.version not in referred]
