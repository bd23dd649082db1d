"""What buckets allow and what working with them takes."""

from __future__ import annotations

from kf_airflow.policies.documents import Statement, allow, document


def read_objects(bucket_arn: str, prefix: str) -> list[Statement]:
    """Returns what reading the objects below `prefix` takes.

    Listing belongs to it: without `s3:ListBucket` S3 answers 403 instead of 404 for an object that is not
    there, which Airflow takes for a failure and gives up uploading the log.
    """
    return [
        allow("ReadObjects", ["s3:GetObject"], [f"{bucket_arn}/{prefix}/*"]),
        # Without a condition on the prefix: HeadObject of a missing key asks for the permission and names
        # none.
        allow("ListObjects", ["s3:ListBucket"], [bucket_arn]),
    ]


def read_and_write_objects(bucket_arn: str, prefix: str) -> list[Statement]:
    """Returns what reading and writing the objects below `prefix` takes. Nothing may be deleted."""
    return [
        *read_objects(bucket_arn, prefix),
        allow("WriteObjects", ["s3:PutObject"], [f"{bucket_arn}/{prefix}/*"]),
    ]


def tls_only(bucket_arn: str) -> str:
    """Returns the bucket policy that refuses every request without TLS."""
    return document(
        [
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [bucket_arn, f"{bucket_arn}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ]
    )
