"""How the versions of the DAGs are kept."""

from __future__ import annotations

from dataclasses import dataclass

from kf_airflow.checks import between
from kf_airflow.tables import Table


@dataclass(frozen=True, kw_only=True)
class DagOptions(Table):
    """How the versions of the DAGs are kept, so that a run ends with those it began with.

    Args:
        archive_retention_days: After how many days an archive in S3 is deleted that no run, and nothing else
            in the metadata database, refers to. 30 if left out.
        cache_mib: What older versions may take up on the disk of a task, where they are unpacked; those that
            were used the longest time ago go first, and one in use stays beyond that. 1024 if left out.

    Raises:
        ValueError: if a value is not allowed.
    """

    archive_retention_days: int = 30
    cache_mib: int = 1024

    def __post_init__(self) -> None:
        between("archive_retention_days", self.archive_retention_days, 1, 36500)
        # The most that one archive may have, to what Fargate has for a task besides logs.
        between("cache_mib", self.cache_mib, 256, 100 * 1024)
