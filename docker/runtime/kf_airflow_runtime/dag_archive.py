"""A folder of DAGs as an archive that is called by the hash of what is in it.

The hash is of the files, by path, content and whether they can be executed, and not of the archive's bytes:
how well something is packed differs from one version of zlib to the next. Times, owners and the order in
which a file system lists its files are no part of it, nor is compiled code.
"""

import gzip
import hashlib
import os
import re
import sys
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, cast

MEBIBYTE = 2**20
MAXIMUM_BYTES = 256 * MEBIBYTE
"""What the files of an archive may have in all: a worker that runs an older version makes room for it."""
MAXIMUM_FILES = 20_000
# What a tar file has besides the content: two blocks for each file, one of which may be a long name.
_OVERHEAD_BYTES = 4096 * MAXIMUM_FILES
_CHUNK_BYTES = MEBIBYTE
_VERSION = re.compile(r"[0-9a-f]{64}")


class FolderError(OSError):
    """A folder cannot be archived. Its text says why, in one sentence."""


class DamagedArchiveError(Exception):
    """An archive is not what its name says. Its text says why, in a few words."""


@dataclass(frozen=True, order=True)
class Entry:
    """One file of an archive.

    Args:
        path: Where it is in the folder, with slashes, as the file system has the name.
        executable: Whether its owner may execute it.
        digest: The SHA-256 of its content.
    """

    path: bytes
    executable: bool
    digest: str


def is_version(text: str) -> bool:
    """Whether a text is the version of an archive: 64 hexadecimal digits, which Airflow's columns hold."""
    return _VERSION.fullmatch(text) is not None


def version_of(folder: Path) -> str:
    """The hash of what is in a folder.

    Raises:
        FolderError: It has something in it that is no file, or too much.
    """
    return _version(
        Entry(os.fsencode(name), _executable(path), _digest(path)) for name, path in _files(folder)
    )


def pack(folder: Path, stream: IO[bytes]) -> None:
    """Writes the archive of a folder.

    Args:
        folder: The folder.
        stream: Where to.

    Raises:
        FolderError: It has something in it that is no file, or too much.
    """
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name, path in _files(folder):
            entry = tarfile.TarInfo(name)
            entry.mode = 0o755 if _executable(path) else 0o644
            with path.open("rb") as content:
                entry.size = os.fstat(content.fileno()).st_size
                archive.addfile(entry, content)


def unpack(stream: IO[bytes], folder: Path, version: str) -> None:
    """Writes the files of an archive into an empty folder, which may be thrown away if it fails.

    Nothing is written outside it: an archive that has anything but files with paths below the folder is
    refused, links and devices too, and so is one that would take up more than an archive may.

    Args:
        stream: The archive.
        folder: Where to, which exists.
        version: What it is to be.

    Raises:
        DamagedArchiveError: It is not that.
        OSError: The files could not be written.
    """
    entries: list[Entry] = []
    size = 0
    try:
        with (
            gzip.GzipFile(fileobj=stream, mode="rb") as packed,
            tarfile.open(
                fileobj=cast("IO[bytes]", _Limited(packed, MAXIMUM_BYTES + _OVERHEAD_BYTES)), mode="r|"
            ) as archive,
        ):
            for member in archive:
                size += member.size
                _check_member(member, len(entries), size)
                content = archive.extractfile(member)
                if content is None:  # never of a file
                    raise DamagedArchiveError(f"{member.name!r} has no content")
                digest = _write(content, folder / member.name, executable=bool(member.mode & 0o100))
                entries.append(Entry(os.fsencode(member.name), bool(member.mode & 0o100), digest))
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DamagedArchiveError(f"it cannot be unpacked ({type(error).__name__}: {error})") from error
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise DamagedArchiveError(f"two of its files have one path ({error})") from error
    if (found := _version(entries)) != version:
        raise DamagedArchiveError(f"its content has the hash {found}")


class _Limited:
    """A stream that is read to a limit and no further, as a few bytes may unpack to any number."""

    def __init__(self, stream: gzip.GzipFile, limit: int) -> None:
        self._stream, self._left = stream, limit

    def read(self, size: int) -> bytes:
        """Reads at most so many bytes."""
        data = self._stream.read(min(size, self._left + 1))
        self._left -= len(data)
        if self._left < 0:
            raise DamagedArchiveError(f"it has more than {MAXIMUM_BYTES} bytes")
        return data


def _check_member(member: tarfile.TarInfo, before: int, size: int) -> None:
    if not member.isreg():
        raise DamagedArchiveError(f"{member.name!r} in it is no file")
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts or not path.parts or str(path) != member.name:
        raise DamagedArchiveError(f"{member.name!r} in it is no path below its folder")
    if before >= MAXIMUM_FILES or size > MAXIMUM_BYTES:
        raise DamagedArchiveError(f"it has more than {MAXIMUM_FILES} files or {MAXIMUM_BYTES} bytes")


def _write(content: IO[bytes], path: Path, *, executable: bool) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with path.open("xb") as file:
        while data := content.read(_CHUNK_BYTES):
            digest.update(data)
            file.write(data)
    path.chmod(0o755 if executable else 0o644)
    return digest.hexdigest()


def _version(entries: Iterator[Entry] | list[Entry]) -> str:
    digest = hashlib.sha256()
    for entry in sorted(entries):
        digest.update(entry.path + b"\0%d\0%s\n" % (entry.executable, entry.digest.encode()))
    return digest.hexdigest()


def _files(folder: Path) -> list[tuple[str, Path]]:
    """The files of a folder by their path in it, sorted. What is behind a link is as if it were there."""
    found = sorted(
        ((path.relative_to(folder).as_posix(), path) for path in _walk(folder, frozenset())),
        key=lambda file: os.fsencode(file[0]),
    )
    size = sum(path.stat().st_size for _, path in found)
    if len(found) > MAXIMUM_FILES or size > MAXIMUM_BYTES:
        raise FolderError(
            f"The DAG folder {folder} has {len(found)} files with {size / MEBIBYTE:.1f} MiB: allowed are "
            f"{MAXIMUM_FILES} with {MAXIMUM_BYTES // MEBIBYTE} MiB, as workers fetch it. Keep data elsewhere."
        )
    return found


def _walk(folder: Path, above: frozenset[Path]) -> Iterator[Path]:
    inside = above | {folder.resolve()}
    for path in folder.iterdir():
        if path.name == "__pycache__" or path.suffix == ".pyc":
            continue
        if path.is_dir():
            if path.resolve() in inside:
                raise FolderError(
                    f"The DAG folder has the link {path}, which leads back to itself: remove it."
                )
            yield from _walk(path, inside)
        elif path.is_file():
            yield path
        else:
            raise FolderError(
                f"The DAG folder has {path}, which is neither file nor folder nor leads to one: remove it."
            )


def _executable(path: Path) -> bool:
    return bool(path.stat().st_mode & 0o100)


def main() -> None:
    """`python -m kf_airflow_runtime.dag_archive <folder>`: prints a folder's version, or why it has none."""
    try:
        print(version_of(Path(sys.argv[1])))  # noqa: T201
    except FolderError as error:
        sys.exit(str(error))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    main()
