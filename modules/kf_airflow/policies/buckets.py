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


def keep_archives(bucket_arn: str, prefix: str) -> list[Statement]:
    """Returns what it takes to put archives below `prefix`, to find them, and to delete old ones."""
    return [
        *read_and_write_objects(bucket_arn, prefix),
        # Of a bucket with versions, that hides one until the life cycle removes it.
        allow("DeleteArchives", ["s3:DeleteObject"], [f"{bucket_arn}/{prefix}/*"]),
    ]


def tls_only(bucket_arn: str) -> str:
    """Returns the bucket policy that refuses every request without TLS."""
    return document([refuse_plain_http(bucket_arn)])


def refuse_plain_http(bucket_arn: str) -> Statement:
    """Returns the statement of a bucket policy that refuses every request without TLS."""
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket_arn, f"{bucket_arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def deliver_load_balancer_logs(bucket_arn: str, prefix: str, *, account_id: str) -> Statement:
    """Returns the statement of a bucket policy that lets load balancers of one account log below `prefix`.

    The account is in the path, and Elastic Load Balancing writes each account's logs below its own number.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    """
    return {
        "Sid": "LoadBalancerLogs",
        "Effect": "Allow",
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": [
            f"{bucket_arn}/{prefix}/AWSLogs/{account_id}/*",
            f"{bucket_arn}/{prefix}/*/AWSLogs/{account_id}/*",
        ],
    }


def deliver_bucket_logs(bucket_arn: str, prefix: str, *, account_id: str, source_arn: str) -> Statement:
    """Returns the statement of a bucket policy that lets S3 log there for buckets of one account.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html

    Args:
        bucket_arn: Where it logs.
        prefix: Below which prefix.
        account_id: The account that owns the buckets whose use is logged.
        source_arn: Those buckets, as a pattern.
    """
    return {
        "Sid": "BucketLogs",
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": [f"{bucket_arn}/{prefix}/*"],
        "Condition": {
            "StringEquals": {"aws:SourceAccount": account_id},
            "ArnLike": {"aws:SourceArn": source_arn},
        },
    }
