"""The logs in S3, as the webserver reads them."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kf_airflow_runtime.log_lines import PIECE_BYTES
from kf_airflow_runtime.log_objects import (
    ENDED,
    IDENTITY,
    bucket_and_prefix,
    identity_at,
    identity_in,
    key_of,
)

CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0
_AWAY_SECONDS = 5.0
"""For how long S3 is not asked again once it has not answered: the page asks every few seconds, for each
reader, and each time would wait for as long as a connection may take."""

_RESUMPTIONS = 3


class StoreError(Exception):
    """S3 does not answer, or refuses. Its text says how, in one line."""


@dataclass(frozen=True)
class StoredLog:
    """One object.

    Args:
        key: Its key.
        identity: Whose log it is.
        size: How many bytes it has.
        modified: When it was written.
        ended: Whether its worker had finished it then.
        pieces: Reads it.
    """

    key: str
    identity: str
    size: int
    modified: datetime
    ended: bool
    pieces: Callable[[], Iterator[bytes]] = field(repr=False, compare=False)


class StoredLogs:
    """Finds and reads logs.

    Args:
        client: Makes botocore's client for S3, at the first use.
        remote: `s3://<bucket>/<prefix>`.
        clock: Seconds that never go back.
    """

    def __init__(
        self, client: Callable[[], Any], remote: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._make_client, self._clock = client, clock
        self._bucket, self._prefix = bucket_and_prefix(remote)
        self._lock = threading.Lock()
        self._made: Any = None
        self._away: tuple[float, str] | None = None

    def find(self, path: str) -> list[StoredLog]:
        """Returns all there is of one try, in the order of time.

        Args:
            path: The log's place below the folder of logs.

        Raises:
            StoreError: S3 does not answer, or did not a moment ago.
        """
        if self._away and self._clock() < self._away[0]:
            raise StoreError(self._away[1])
        try:
            found = self._list(key_of(self._prefix, path))
        except Exception as error:
            reason = _one_line(error)
            self._away = (self._clock() + _AWAY_SECONDS, reason)
            raise StoreError(reason) from error
        self._away = None
        return sorted(found, key=lambda log: log.identity)

    def _list(self, prefix: str) -> list[StoredLog]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        objects = [item for page in pages for item in page.get("Contents", ())]
        newest = max((item["LastModified"] for item in objects), default=None)
        return [self._look_at(item, newest=item["LastModified"] == newest) for item in objects]

    def _look_at(self, item: dict[str, Any], *, newest: bool) -> StoredLog:
        key, modified = item["Key"], item["LastModified"]
        name, metadata = identity_in(key), {}
        # Of the many objects of a task that was rescheduled often, the last one alone can be unfinished.
        if name is None or newest:
            metadata = self._client.head_object(Bucket=self._bucket, Key=key)["Metadata"]
        return StoredLog(
            key=f"s3://{self._bucket}/{key}",
            identity=name or metadata.get(IDENTITY) or identity_at(modified),
            size=item["Size"],
            modified=modified,
            ended=metadata.get(ENDED) != "false",
            pieces=lambda: self._pieces(key),
        )

    def _pieces(self, key: str) -> Iterator[bytes]:
        """Reads an object, going on where it was when S3 stops in the middle."""
        position = resumed = 0
        while True:
            try:
                at = {"Range": f"bytes={position}-"} if position else {}
                body = self._client.get_object(Bucket=self._bucket, Key=key, **at)["Body"]
                while piece := body.read(PIECE_BYTES):
                    yield piece
                    position += len(piece)
            except GeneratorExit:
                raise
            except Exception as error:
                resumed += 1
                if resumed > _RESUMPTIONS:
                    raise StoreError(_one_line(error)) from error
            else:
                return

    @property
    def _client(self) -> Any:
        with self._lock:
            if self._made is None:
                self._made = self._make_client()
            return self._made


def _one_line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())
