"""The bucket for task logs and for archives of DAGs."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.s3_bucket_logging import S3BucketLoggingA
from constructs import Construct

from kf_airflow.connections import grant_read, grant_read_write
from kf_airflow.findings import accept_finding
from kf_airflow.naming import checked_name
from kf_airflow.options import StorageOptions
from kf_airflow.private_bucket import place_private_bucket
from kf_airflow.refs import BucketRef, Consumer, KeyRef


class Storage(Construct):
    """An S3 bucket: encrypted, versioned, closed to the public, TLS only; its logs are deleted by age.

    Args:
        scope: Where it is placed.
        id_: Its id there.
        name: What the bucket's name begins with.
        options: How it is made. The defaults of `StorageOptions` if left out.
        key: What the logs are encrypted with; who is granted something may use it for that. S3's own keys if
            left out.
        access_logs: Where S3 logs who read and wrote them: below `<prefix>/s3/<name>/`. If left out, where
            `access_log_bucket` of the options says, or nowhere.

    Raises:
        ValueError: if the name is not allowed, or there are two places for access logs.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        options: StorageOptions | None = None,
        key: KeyRef | None = None,
        access_logs: BucketRef | None = None,
    ) -> None:
        super().__init__(scope, id_)
        options = options or StorageOptions()
        name = checked_name(name)
        if options.access_log_bucket is not None and access_logs is not None:
            raise ValueError(
                f"access_log_bucket is {options.access_log_bucket!r}: "
                "allowed is it or access_logs, and both are given"
            )
        bucket, _ = place_private_bucket(
            self,
            name=options.bucket_name,
            name_prefix=f"{name}-logs-",
            force_destroy=options.force_destroy,
            expiration_days=options.expiration_days,
            noncurrent_days=options.noncurrent_days,
            # Whether an archive of DAGs is needed is not a question of its age.
            expiring_prefix="logs/",
            key=key,
        )
        log_bucket = access_logs.name if access_logs else options.access_log_bucket
        if log_bucket is not None:
            prefix = f"{access_logs.prefix}/s3" if access_logs else "s3"
            S3BucketLoggingA(
                self,
                "access-logging",
                bucket=bucket.id,
                target_bucket=log_bucket,
                target_prefix=f"{prefix}/{name}/",
            )
        else:
            accept_finding(bucket, "CKV_AWS_18", "No bucket was given to log to")
        self.ref = BucketRef(
            name=bucket.id,
            arn=bucket.arn,
            key_arn=key.arn if key else None,
            retention_days=options.expiration_days,
        )

    def grant_read(self, consumer: Consumer) -> None:
        """Lets the consumer's code read the logs."""
        grant_read(self, f"read-by-{consumer.name}", bucket=self.ref, consumer=consumer)

    def grant_read_write(self, consumer: Consumer) -> None:
        """Lets the consumer's code read and write, but not delete, the logs."""
        grant_read_write(self, f"written-by-{consumer.name}", bucket=self.ref, consumer=consumer)
