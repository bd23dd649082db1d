"""The file with the state, which is there as a whole or not at all."""

import os
from pathlib import Path


class SnapshotFile:
    """One file that is replaced at once.

    Args:
        path: Where it is; its folder is made.
        stamp: What wrote it, such as versions: what another one wrote is not read.
    """

    def __init__(self, path: Path, stamp: str) -> None:
        self._path, self._stamp = path, stamp.encode() + b"\n"

    def write(self, data: bytes) -> None:
        """Replace the content; after a crash at any moment the old or the new one is there."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        candidate = self._path.with_suffix(".new")
        with open(candidate, "wb", opener=_private) as stream:
            stream.write(self._stamp + data)
            stream.flush()
            os.fsync(stream.fileno())
        candidate.replace(self._path)

    def read(self) -> bytes | None:
        """The content; None if there is none, or another version wrote it."""
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return None
        return content[len(self._stamp) :] if content.startswith(self._stamp) else None

    def set_aside(self) -> Path:
        """Move away a file that cannot be read, so that it is neither read again nor lost."""
        return self._path.replace(self._path.with_suffix(".unreadable"))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)  # it has secrets
