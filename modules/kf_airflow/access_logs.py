"""The bucket for access logs."""

from __future__ import annotations

from constructs import Construct

from kf_airflow import policies
from kf_airflow.account import look_up_account
from kf_airflow.findings import accept_finding
from kf_airflow.naming import checked_name
from kf_airflow.options import AccessLogOptions
from kf_airflow.private_bucket import place_private_bucket
from kf_airflow.refs import BucketRef

_PREFIX = "access"
# An access log is written once: another version of it is one that somebody deleted or changed.
_NONCURRENT_DAYS = 30


class AccessLogs(Construct):
    """An S3 bucket in which AWS writes who used the load balancer and the buckets of one account.

    Load balancers may write below its prefix (`<prefix>/load-balancer` is theirs, for instance), S3 below
    `<prefix>/s3`; whoever else wants to needs permissions of its own. It is encrypted with S3's own keys, as
    load balancers cannot write with others, versioned, closed to the public, TLS only, and emptied by age.

    Args:
        scope: Where it is placed.
        id_: Its id there.
        name: What the bucket's name begins with.
        options: How it is made. The defaults of `AccessLogOptions` if left out.

    Raises:
        ValueError: if the name is not allowed.
    """

    def __init__(
        self, scope: Construct, id_: str, *, name: str, options: AccessLogOptions | None = None
    ) -> None:
        super().__init__(scope, id_)
        options = options or AccessLogOptions()
        account = look_up_account(self)
        bucket, policy = place_private_bucket(
            self,
            name=None,
            name_prefix=f"{checked_name(name)}-access-logs-",
            force_destroy=options.force_destroy,
            expiration_days=options.retention_days,
            noncurrent_days=_NONCURRENT_DAYS,
            statements=lambda arn: [
                policies.deliver_load_balancer_logs(arn, _PREFIX, account_id=account.id),
                policies.deliver_bucket_logs(
                    arn,
                    f"{_PREFIX}/s3",
                    account_id=account.id,
                    source_arn=f"arn:{account.partition}:s3:::*",
                ),
            ],
        )
        accept_finding(bucket, "CKV_AWS_18", "A log of who writes the logs would be written for ever")
        # By way of the policy: a load balancer refuses a bucket that it may not write to yet.
        self.ref = BucketRef(name=policy.bucket, arn=bucket.arn, prefix=_PREFIX)
