"""The Airflow bundle of a deployment's DAGs: those of its image, and archives in S3 of earlier ones."""

import logging
from functools import cache
from pathlib import Path
from typing import Any

from airflow.configuration import conf
from airflow.dag_processing.bundles.base import BaseDagBundle, BundleVersion
from airflow.dag_processing.bundles.manager import DagBundlesManager

from kf_airflow_runtime.archive_cache import ArchiveCache, Held
from kf_airflow_runtime.archive_store import ArchiveError, ArchiveStore
from kf_airflow_runtime.dag_archive import MEBIBYTE, version_of

log = logging.getLogger(__name__)


class ArchivedDagBundle(BaseDagBundle):  # type: ignore[misc]
    """A bundle whose version is the hash of its files.

    Without a version it is the folder of the image. With one it is that folder, too, if it is of that
    version; else the archive, which is fetched once and kept on the disk.

    Args:
        bucket: Where the archives are.
        prefix: What their keys begin with.
        retention_days: After how many days the DAG processor deletes an archive that nothing refers to.
        cache_mib: What unpacked archives may take up on the disk. One in use stays beyond that.
        **arguments: Of Airflow's own.
    """

    supports_versioning = True

    def __init__(
        self, *, bucket: str, prefix: str, retention_days: int, cache_mib: int, **arguments: Any
    ) -> None:
        super().__init__(**arguments)
        self.folder = Path(conf.get("core", "dags_folder"))
        self.retention_days = retention_days
        self.store = ArchiveStore(bucket, prefix)
        self._cache = ArchiveCache(
            self.versions_dir, limit_bytes=cache_mib * MEBIBYTE, fill=self.store.unpack
        )
        self._held: Held | None = None

    @property
    def own_version(self) -> str:
        """The version of the image's folder."""
        return folder_version(self.folder)

    @property
    def path(self) -> Path:
        """Where the DAGs are."""
        return self._cache.path(str(self.version)) if self._is_archived() else self.folder

    def initialize(self) -> None:
        """Fetches the archive, if it needs one. It stays for as long as this object or its process lives.

        Raises:
            ArchiveError: It is not to be had; a sentence names it.
        """
        if self._is_archived() and self._held is None:
            try:
                self._held = self._cache.hold(str(self.version))
            except ArchiveError as error:
                # As a line of the task's log: of the error itself it has the name, and the text beside it.
                log.error("%s", error)  # noqa: TRY400 - Airflow adds where it came from
                raise
        super().initialize()

    def get_current_version(self) -> BundleVersion:
        """The version."""
        return BundleVersion(version=self.version or self.own_version)

    def refresh(self) -> None:
        """Does nothing: neither an image nor an archive changes."""

    def _is_archived(self) -> bool:
        return self.version is not None and self.version != self.own_version


def read_own_folders() -> None:
    """Finds out the version of the image's DAGs, for all processes that are forked from this one."""
    for bundle in DagBundlesManager().get_all_dag_bundles():
        if isinstance(bundle, ArchivedDagBundle):
            bundle.own_version  # noqa: B018 - it is kept


@cache
def folder_version(folder: Path) -> str:
    """The version of a folder, which is read once in a process and those that are forked from it."""
    return version_of(folder)
