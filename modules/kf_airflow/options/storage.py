"""How the log bucket is made."""

from __future__ import annotations

from dataclasses import dataclass

from kf_airflow.checks import between, bucket
from kf_airflow.tables import Table


@dataclass(frozen=True, kw_only=True)
class StorageOptions(Table):
    """How the log bucket is made.

    Args:
        bucket_name: The bucket's name, unique in the world. If left out, AWS makes one that begins with the
            deployment's.
        expiration_days: After how many days a log is deleted. 365 if left out.
        noncurrent_days: After how many days an overwritten or deleted version is deleted. 30 if left out.
        access_log_bucket: The bucket, of the same account and region, in which S3 logs who read and wrote the
            objects; its policy has to let S3 write there. If left out, they go where `access_logs` says.
        force_destroy: Whether destroying the stack may delete a bucket with logs in it. False if left out.

    Raises:
        ValueError: if a value is not allowed.
    """

    bucket_name: str | None = None
    expiration_days: int = 365
    noncurrent_days: int = 30
    access_log_bucket: str | None = None
    force_destroy: bool = False

    def __post_init__(self) -> None:
        bucket("bucket_name", self.bucket_name)
        bucket("access_log_bucket", self.access_log_bucket)
        between("expiration_days", self.expiration_days, 1, 36500)
        between("noncurrent_days", self.noncurrent_days, 1, 36500)
