"""Puts a log into S3."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kf_airflow_runtime.log_objects import ENDED, IDENTITY, bucket_and_prefix, key_of, own_key
from kf_airflow_runtime.log_piece import LogPiece

CONNECT_SECONDS = 3.0
READ_SECONDS = 10.0


@dataclass(frozen=True)
class Upload:
    """What is in S3 of a log.

    Args:
        identity: Whose log it is.
        key: Where it is.
        size: How many bytes.
    """

    identity: str
    key: str
    size: int


class LogUploader:
    """Sends logs, whole each time, a piece of memory at a time.

    Args:
        client: botocore's for S3.
        remote: `s3://<bucket>/<prefix>`.
        folder: Where the logs are.
    """

    def __init__(self, client: Any, remote: str, folder: Path) -> None:
        self._client, self._folder = client, folder
        self._bucket, self._prefix = bucket_and_prefix(remote)

    def send(self, path: str, *, ended: bool, before: Upload | None = None) -> Upload | None:
        """Sends what there is of a log.

        Args:
            path: Its place below the folder.
            ended: Whether it is complete, as far as this worker is concerned.
            before: What is known to be there.

        Returns:
            What is there now; None if there is nothing to send.

        Raises:
            botocore.exceptions.BotoCoreError: S3 does not answer, or not in time.
            botocore.exceptions.ClientError: S3 refuses.
            OSError: The file cannot be read.
        """
        try:
            piece = LogPiece(self._folder / path, ended=ended)
        except FileNotFoundError:
            return None
        with piece:
            if piece.identity is None:
                return None
            plain = key_of(self._prefix, path)
            known = before.key if before and before.identity == piece.identity else None
            key = known or self._claim(plain, piece, ended=ended)
            if key is not None:
                self._put(key, piece, ended=ended)
            return Upload(piece.identity, key or plain, piece.size)

    def _claim(self, plain: str, piece: LogPiece, *, ended: bool) -> str | None:
        """Sends it under the plain key if nobody has that; else says under which key it is to be sent."""
        try:
            self._put(plain, piece, ended=ended, IfNoneMatch="*")
        except self._client.exceptions.ClientError as refusal:
            if refusal.response["Error"]["Code"] not in ("PreconditionFailed", "412"):
                raise
            found = self._client.head_object(Bucket=self._bucket, Key=plain)
            # Ours: the answer to an earlier attempt was lost, or another process sent it.
            ours = found["Metadata"].get(IDENTITY) == piece.identity
            return plain if ours else own_key(plain, str(piece.identity))
        return None

    def _put(self, key: str, piece: LogPiece, *, ended: bool, **conditions: str) -> None:
        piece.seek(0)
        self._client.put_object(
            Bucket=self._bucket,
            Key=key,
            Body=piece,
            ContentLength=piece.size,
            ContentType="text/plain; charset=utf-8",
            Metadata={IDENTITY: str(piece.identity), ENDED: str(ended).lower()},
            **conditions,
        )


def s3_client(connect_seconds: float = CONNECT_SECONDS, read_seconds: float = READ_SECONDS) -> Any:
    """A client whose calls end soon, and which does not try again by itself: who calls does.

    Args:
        connect_seconds: How long a connection may take.
        read_seconds: How long one read or write may take; a log of any length may take as long as it needs.
    """
    import botocore.session  # slow to import, and every process of Airflow imports this module
    from botocore.config import Config

    return botocore.session.get_session().create_client(
        "s3",
        region_name=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"),
        config=Config(
            connect_timeout=connect_seconds, read_timeout=read_seconds, retries={"total_max_attempts": 1}
        ),
    )
