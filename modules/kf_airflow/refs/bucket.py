"""A bucket, whoever made it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class BucketRef:
    """An S3 bucket, or a part of one.

    Args:
        name: The bucket.
        arn: Its ARN.
        prefix: What the keys begin with, without slashes at the ends. `logs` if left out.
    """

    name: str
    arn: str
    prefix: str = "logs"

    def __post_init__(self) -> None:
        if not self.prefix or self.prefix != self.prefix.strip("/"):
            raise ValueError(
                f"prefix is {self.prefix!r}: allowed is a key prefix without slashes at its ends"
            )
