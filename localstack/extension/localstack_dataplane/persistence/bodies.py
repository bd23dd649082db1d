"""The bodies of S3's objects, each in a file: LocalStack keeps them in memory or in temporary files."""

import hashlib
from pathlib import Path
from typing import Any

from localstack.services.s3.storage.ephemeral import (
    S3_MAX_FILE_SIZE_BYTES,
    EphemeralS3ObjectStore,
    LockedSpooledTemporaryFile,
)

Manifest = dict[tuple[str, str], tuple[str, int]]
"""Bucket and key of LocalStack's store -> name of the file, and when the body was last modified."""

_CHUNK = 1 << 20


class Bodies:
    """Bodies in a folder.

    Args:
        directory: The folder; it is made.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._store: Any = None
        self._restored: Manifest = {}

    def install(self) -> None:
        """Take the bodies of LocalStack's store, under keys that the next process finds again."""
        original, bodies = EphemeralS3ObjectStore.__init__, self

        def made(self: Any, root_directory: str | None = None) -> None:
            original(self, root_directory)
            bodies._attach(self)

        EphemeralS3ObjectStore.__init__ = made
        EphemeralS3ObjectStore._key_from_s3_object = staticmethod(_stable_key)  # noqa: SLF001

    def restore(self, manifest: Manifest) -> None:
        """Bodies that the store has to have when it is made, which is at the first request."""
        self._restored = manifest

    def write(self) -> Manifest:
        """Write the bodies that are new, and say what there is."""
        if self._store is None:
            return self._restored
        self._directory.mkdir(parents=True, exist_ok=True)
        manifest: Manifest = {}
        for bucket, held in list(self._store._filesystem.items()):  # noqa: SLF001
            for key, file in list(held["keys"].items()):
                modified = int(file.internal_last_modified)
                name = f"{hashlib.sha256(f'{bucket}/{key}'.encode()).hexdigest()[:32]}-{modified}"
                manifest[bucket, key] = (name, modified)
                if not (self._directory / name).exists():
                    self._write(name, file)
        return manifest

    def prune(self, manifest: Manifest) -> None:
        """Remove the files that no snapshot needs any more."""
        needed = {name for name, _ in manifest.values()}
        if self._directory.is_dir():
            for path in self._directory.iterdir():
                if path.name not in needed:
                    path.unlink(missing_ok=True)

    def _write(self, name: str, file: Any) -> None:
        candidate = self._directory / f"{name}.new"
        with candidate.open("wb") as stream:
            position = 0
            while chunk := _read(file, position):
                stream.write(chunk)
                position += len(chunk)
        candidate.replace(self._directory / name)

    def _attach(self, store: Any) -> None:
        self._store = store
        for (bucket, key), (name, modified) in self._restored.items():
            folder = Path(store.root_directory) / bucket
            folder.mkdir(parents=True, exist_ok=True)
            file = LockedSpooledTemporaryFile(dir=str(folder), max_size=S3_MAX_FILE_SIZE_BYTES)
            with (self._directory / name).open("rb") as stream:
                while chunk := stream.read(_CHUNK):
                    file.write(chunk)
            file.internal_last_modified = modified
            store._filesystem[bucket]["keys"][key] = file  # noqa: SLF001


def _read(file: Any, position: int) -> bytes:
    with file.position_lock:
        file.seek(position)
        chunk: bytes = file.read(_CHUNK)
        return chunk


def _stable_key(s3_object: Any) -> str:
    """LocalStack takes `hash`, which differs from process to process."""
    return hashlib.sha256(f"{s3_object.key}?{s3_object.version_id or 'null'}".encode()).hexdigest()
