"""Archives of DAGs in S3: put there once, never overwritten with anything else, fetched by their version."""

import contextlib
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, TypeVar

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from kf_airflow_runtime import dag_archive

SUFFIX = ".tar.gz"
FETCH_SECONDS = 90.0
"""How long an archive that S3 does not give is asked for, until its task fails and is up for retry."""
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 10.0
_MISSING = ("NoSuchKey", "NoSuchBucket", "404")
_PRESENT = "PreconditionFailed"
_AWAY = (BotoCoreError, ClientError, HTTPClientError, OSError)

Result = TypeVar("Result")


class ArchiveError(Exception):
    """An archive is not to be had. Its text names it and says what to do, in one sentence."""


@dataclass(frozen=True)
class Stored:
    """An archive in S3.

    Args:
        version: Which.
        put_at: When it was last put there.
    """

    version: str
    put_at: datetime


@dataclass(frozen=True)
class Patience:
    """How long something is tried.

    Args:
        seconds: In all.
        clock: What tells the time.
        sleep: What waits.
    """

    seconds: float = FETCH_SECONDS
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def tried(self, attempt: Callable[[], Result]) -> Result:
        """Attempts until it works, waiting longer each time; the last error is raised when time is over."""
        deadline = self.clock() + self.seconds
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                return attempt()
            except _AWAY as error:
                if _is_missing(error) or self.clock() + pause > deadline:
                    raise
            # Workers that lost S3 together do not come back together.
            self.sleep(pause * random.uniform(0.5, 1))  # noqa: S311
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


class ArchiveStore:
    """The archives of a deployment.

    Args:
        bucket: The bucket.
        prefix: What their keys begin with, without a slash at the end.
        client: Of S3. One with the role of the ECS task if left out.
        patience: How long an archive is asked for. 90 s if left out.
    """

    def __init__(
        self, bucket: str, prefix: str, *, client: Any = None, patience: Patience | None = None
    ) -> None:
        self.bucket, self.prefix = bucket, prefix
        self._known_client = client
        self._patience = patience or Patience()

    @property
    def _client(self) -> Any:
        # Whoever has its DAGs in the image asks S3 for nothing, and a client takes a tenth of a second.
        self._known_client = self._known_client or s3_client()
        return self._known_client

    def key(self, version: str) -> str:
        """The key of an archive."""
        return f"{self.prefix}/{version}{SUFFIX}"

    def publish(self, version: str, folder: Path, *, fresh_days: float) -> bool:
        """Sees to it that the archive of a folder is there; one attempt.

        Args:
            version: The folder's.
            folder: The folder.
            fresh_days: One that is there and older is put again, so that nobody who just looks for old ones
                to delete takes it.

        Returns:
            Whether it was put.

        Raises:
            FolderError: The folder cannot be archived.
            BotoCoreError, ClientError: S3 did not take it.
        """
        found = self._put_at(version)
        fresh = found is not None and datetime.now(UTC) - found < timedelta(days=fresh_days)
        if fresh:
            return False
        with tempfile.TemporaryFile() as packed:
            dag_archive.pack(folder, packed)
            packed.seek(0)
            condition = {} if found else {"IfNoneMatch": "*"}
            try:
                self._client.put_object(
                    Bucket=self.bucket,
                    Key=self.key(version),
                    Body=packed,
                    ContentType="application/gzip",
                    **condition,
                )
            except ClientError as error:
                # Somebody else was faster, with the same content.
                if _code(error) == _PRESENT:
                    return False
                raise
        return True

    def unpack(self, version: str, folder: Path) -> None:
        """Fetches an archive and unpacks it into an empty folder.

        Raises:
            ArchiveError: It is missing, or damaged, or S3 does not give it.
            OSError: It could not be written.
        """
        with tempfile.TemporaryFile() as packed:
            try:
                self._patience.tried(lambda: self._download(version, packed))
            except _AWAY as error:
                if _is_missing(error):
                    raise self._error(version, "is missing", _PUBLISH) from error
                reason = " ".join(f"{type(error).__name__}: {error}".split())
                raise self._error(version, f"could not be fetched ({reason})", _ACCESS) from error
            try:
                dag_archive.unpack(packed, folder, version)
            except dag_archive.DamagedArchiveError as error:
                raise self._error(version, f"is damaged, {error}", _REPLACE) from error

    def stored(self) -> Iterator[Stored]:
        """All archives that are there; what else lies below the prefix is none."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=f"{self.prefix}/"
        )
        for page in pages:
            for item in page.get("Contents", ()):
                version = item["Key"].removeprefix(f"{self.prefix}/").removesuffix(SUFFIX)
                if dag_archive.is_version(version) and item["Key"] == self.key(version):
                    yield Stored(version, item["LastModified"])

    def delete(self, found: Stored) -> bool:
        """Deletes an archive unless it was put again since it was found; says whether it did."""
        if self._put_at(found.version) != found.put_at:
            return False
        self._client.delete_object(Bucket=self.bucket, Key=self.key(found.version))
        return True

    def _put_at(self, version: str) -> datetime | None:
        try:
            answer = self._client.head_object(Bucket=self.bucket, Key=self.key(version))
        except ClientError as error:
            if _code(error) == "404":
                return None
            raise
        put_at: datetime = answer["LastModified"]
        return put_at

    def _download(self, version: str, file: IO[bytes]) -> None:
        file.seek(0)
        file.truncate()
        body = self._client.get_object(Bucket=self.bucket, Key=self.key(version))["Body"]
        with contextlib.closing(body):
            shutil.copyfileobj(body, file)
        file.seek(0)

    def _error(self, version: str, what: str, advice: str) -> ArchiveError:
        return ArchiveError(
            f"The DAG archive {self.key(version)} in the bucket {self.bucket} {what}, so no task of the "
            f"version {version} can run here: {advice}"
        )


_PUBLISH = (
    "deploy the image with these DAGs once more, which puts the archive there, or clear the run with its "
    "newest version"
)
_REPLACE = f"delete it, then {_PUBLISH}"
_ACCESS = "see to it that this task's role may read it and reaches S3; a retry then finds it"


def s3_client() -> Any:
    """A client of S3 that tries everything once, as who uses it knows how long to try."""
    return botocore.session.get_session().create_client(
        "s3", config=Config(connect_timeout=5, read_timeout=15, retries={"total_max_attempts": 1})
    )


def _code(error: Exception) -> str:
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else ""


def _is_missing(error: Exception) -> bool:
    return _code(error) in _MISSING
