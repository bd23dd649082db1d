"""A bucket, whoever made it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kf_airflow.checks import between
from kf_airflow.refs.ref import Ref


@dataclass(frozen=True, kw_only=True)
class BucketRef(Ref):
    """An S3 bucket, or a part of one.

    Args:
        name: The bucket.
        arn: Its ARN.
        prefix: What the keys begin with, without slashes at the ends. `logs` if left out.
        key_arn: The KMS key its objects are encrypted with; who is given access to them may use it for that.
            AWS's own key if left out.
        retention_days: After how many days its life cycle deletes an object, so that the page of a log
            that is gone can say why. Not known if left out.

    Raises:
        ValueError: if the prefix is not one, or another value is not allowed.
    """

    name: str
    arn: str
    prefix: str = "logs"
    key_arn: str | None = None
    retention_days: int | None = None

    @property
    def archives(self) -> BucketRef:
        """The part with the archives of DAGs: `dags`, or `<prefix>-dags` beside a prefix that is not `logs`.

        Deployments that share a bucket so have parts of their own, as each deletes what it does not need.
        """
        return replace(self, prefix="dags" if self.prefix == "logs" else f"{self.prefix}-dags")

    def __post_init__(self) -> None:
        if not self.prefix or self.prefix != self.prefix.strip("/"):
            raise ValueError(
                f"prefix is {self.prefix!r}: allowed is a key prefix without slashes at its ends"
            )
        if self.retention_days is not None:
            between("retention_days", self.retention_days, 1, 36500)
        super().__post_init__()
