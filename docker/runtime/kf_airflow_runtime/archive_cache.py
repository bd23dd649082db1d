"""Unpacked archives of DAGs on the local disk, shared by all processes of a container.

Each version has a lock: who uses it has a share in it until its process ends, who fills or removes it has it
alone. The kernel takes the locks of a process that is killed back.
"""

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kf_airflow_runtime.archive_store import FETCH_SECONDS, ArchiveError

LIMIT_SECONDS = 2 * FETCH_SECONDS
"""How long a process waits for others that fetch the same archive."""
_PAUSE_SECONDS = 0.1

Fill = Callable[[str, Path], None]


@dataclass
class Held:
    """A version in use, which nobody removes until it is released or its process has ended.

    Args:
        path: The folder with its DAGs.
        lock: The open file that stands for its lock.
    """

    path: Path
    lock: int

    def release(self) -> None:
        """Gives it up."""
        if self.lock >= 0:
            os.close(self.lock)
            self.lock = -1

    def __del__(self) -> None:
        self.release()


class ArchiveCache:
    """A folder with versions in it.

    Args:
        folder: Where they are. It is made.
        limit_bytes: What they may have in all. Beyond it those go that were used the longest time ago. One
            that is in use stays, so there may be more for a while.
        fill: Puts a version into an empty folder, or raises.
        limit_seconds: How long another process that fills it is waited for. 180 s if left out.
    """

    def __init__(
        self, folder: Path, *, limit_bytes: int, fill: Fill, limit_seconds: float = LIMIT_SECONDS
    ) -> None:
        self._folder, self._limit_bytes = folder, limit_bytes
        self._fill, self._limit_seconds = fill, limit_seconds

    def path(self, version: str) -> Path:
        """Where a version is, or would be."""
        return self._folder / version

    def hold(self, version: str) -> Held:
        """Returns a version, which is fetched if it is not there.

        Raises:
            ArchiveError: Another process does not get done with it.
            Exception: Whatever `fill` raises.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + self._limit_seconds
        held = Held(self.path(version), self._open(version))
        while True:
            if _locked(held.lock, fcntl.LOCK_SH) and held.path.is_dir():
                os.utime(held.lock)
                return held
            if _locked(held.lock, fcntl.LOCK_EX):
                if not held.path.is_dir():
                    self._make(version)
            elif time.monotonic() > deadline:
                raise ArchiveError(
                    f"Another process has not finished to fetch the DAG archive of version {version} within "
                    f"{self._limit_seconds:.0f} s: see what it says, a retry tries again."
                )
            else:
                time.sleep(_PAUSE_SECONDS)

    def _make(self, version: str) -> None:
        # Left over if a process was killed here; its lock is ours now.
        begun = self._folder / f".{version}"
        shutil.rmtree(begun, ignore_errors=True)
        begun.mkdir()
        try:
            self._fill(version, begun)
            begun.rename(self.path(version))
        except BaseException:
            shutil.rmtree(begun, ignore_errors=True)
            raise
        self._make_room(version)

    def _make_room(self, newest: str) -> None:
        """Removes what was used the longest time ago, until the rest is within the limit."""
        sizes = {path.name: _size(path) for path in self._folder.iterdir() if _is_version(path)}
        excess = sum(sizes.values()) - self._limit_bytes
        for version in sorted(sizes.keys() - {newest}, key=self._used_at):
            if excess <= 0:
                return
            if self._removed(version):
                excess -= sizes[version]

    def _removed(self, version: str) -> bool:
        lock = Held(self.path(version), self._open(version))
        try:
            if not _locked(lock.lock, fcntl.LOCK_EX):
                return False
            shutil.rmtree(lock.path, ignore_errors=True)
            return not lock.path.exists()
        finally:
            lock.release()

    def _used_at(self, version: str) -> float:
        with contextlib.suppress(FileNotFoundError):
            return self._lock_path(version).stat().st_mtime
        return 0

    def _open(self, version: str) -> int:
        # Never removed: two processes that lock two files of one name would both have it alone.
        return os.open(self._lock_path(version), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def _lock_path(self, version: str) -> Path:
        return self._folder / f"{version}.lock"


def _locked(file: int, kind: int) -> bool:
    """Takes a lock if it is free. One that the file had before is lost if it is not."""
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_version(path: Path) -> bool:
    return path.is_dir() and not path.name.startswith(".")


def _size(folder: Path) -> int:
    """What the files of a folder have; another process may be removing it."""
    size = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                size += (Path(parent) / name).stat().st_size
    return size
