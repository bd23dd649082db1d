"""What every bucket of the library has in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfiguration,
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload,
    S3BucketLifecycleConfigurationRuleExpiration,
    S3BucketLifecycleConfigurationRuleFilter,
    S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration,
)
from cdktf_cdktf_provider_aws.s3_bucket_ownership_controls import (
    S3BucketOwnershipControls,
    S3BucketOwnershipControlsRule,
)
from cdktf_cdktf_provider_aws.s3_bucket_policy import S3BucketPolicy
from cdktf_cdktf_provider_aws.s3_bucket_public_access_block import S3BucketPublicAccessBlock
from cdktf_cdktf_provider_aws.s3_bucket_server_side_encryption_configuration import (
    S3BucketServerSideEncryptionConfigurationA,
    S3BucketServerSideEncryptionConfigurationRuleA,
    S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA,
)
from cdktf_cdktf_provider_aws.s3_bucket_versioning import (
    S3BucketVersioningA,
    S3BucketVersioningVersioningConfiguration,
)
from constructs import Construct

from kf_airflow import policies
from kf_airflow.findings import accept_finding
from kf_airflow.refs import KeyRef


def place_private_bucket(
    scope: Construct,
    *,
    name: str | None,
    name_prefix: str,
    force_destroy: bool,
    expiration_days: int,
    noncurrent_days: int,
    expiring_prefix: str = "",
    key: KeyRef | None = None,
    statements: Callable[[str], Sequence[policies.Statement]] = lambda _: (),
) -> tuple[S3Bucket, S3BucketPolicy]:
    """Makes a bucket: encrypted, versioned, closed to the public, TLS only, and emptied by age.

    Args:
        scope: Where its resources are placed. Once in a scope.
        name: Its name. If None, AWS makes one.
        name_prefix: What the name that AWS makes begins with.
        force_destroy: Whether destroying it may delete what is in it.
        expiration_days: After how many days an object is deleted whose key begins with `expiring_prefix`.
        noncurrent_days: After how many days an overwritten or deleted version is deleted.
        expiring_prefix: Which objects are deleted by age. All if left out.
        key: What its objects are encrypted with. S3's own keys if left out.
        statements: What its policy says besides refusing requests without TLS, for its ARN. Nothing if left
            out.

    Returns:
        The bucket, and its policy, after which it can be used.
    """
    bucket = S3Bucket(
        scope,
        "bucket",
        bucket=name,
        bucket_prefix=None if name else name_prefix,
        force_destroy=force_destroy,
    )
    accept_finding(bucket, "CKV_AWS_144", "Logs are no loss that another region would have to make good")
    accept_finding(bucket, "CKV2_AWS_62", "Nobody waits for a log")
    if key is None:
        accept_finding(bucket, "CKV_AWS_145", "Encrypted with S3's key, as no other was given")
    versioning = S3BucketVersioningA(
        scope,
        "versioning",
        bucket=bucket.id,
        versioning_configuration=S3BucketVersioningVersioningConfiguration(status="Enabled"),
    )
    _encrypt(scope, bucket, key)
    S3BucketOwnershipControls(
        scope,
        "ownership",
        bucket=bucket.id,
        rule=S3BucketOwnershipControlsRule(object_ownership="BucketOwnerEnforced"),
    )
    closed = S3BucketPublicAccessBlock(
        scope,
        "public-access",
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
    )
    policy = S3BucketPolicy(
        scope,
        "policy",
        bucket=bucket.id,
        policy=policies.document([policies.refuse_plain_http(bucket.arn), *statements(bucket.arn)]),
        # S3 refuses two changes of a bucket's access at once.
        depends_on=[closed],
    )
    _expire(scope, bucket, versioning, (expiration_days, expiring_prefix), noncurrent_days)
    return bucket, policy


def _encrypt(scope: Construct, bucket: S3Bucket, key: KeyRef | None) -> None:
    S3BucketServerSideEncryptionConfigurationA(
        scope,
        "encryption",
        bucket=bucket.id,
        rule=[
            S3BucketServerSideEncryptionConfigurationRuleA(
                apply_server_side_encryption_by_default=(
                    S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA(
                        sse_algorithm="aws:kms" if key else "AES256",
                        kms_master_key_id=key.arn if key else None,
                    )
                ),
                # One call of KMS for many objects instead of one for each.
                bucket_key_enabled=True if key else None,
            )
        ],
    )


def _expire(
    scope: Construct,
    bucket: S3Bucket,
    versioning: S3BucketVersioningA,
    expiration: tuple[int, str],
    noncurrent_days: int,
) -> None:
    days, prefix = expiration
    S3BucketLifecycleConfiguration(
        scope,
        "lifecycle",
        bucket=bucket.id,
        rule=[
            S3BucketLifecycleConfigurationRule(
                id="expire",
                status="Enabled",
                filter=[S3BucketLifecycleConfigurationRuleFilter(prefix=prefix)],
                expiration=[S3BucketLifecycleConfigurationRuleExpiration(days=days)],
            ),
            S3BucketLifecycleConfigurationRule(
                id="clear",
                status="Enabled",
                filter=[S3BucketLifecycleConfigurationRuleFilter(prefix="")],
                noncurrent_version_expiration=[
                    S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(
                        noncurrent_days=noncurrent_days
                    )
                ],
                abort_incomplete_multipart_upload=[
                    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(days_after_initiation=7)
                ],
            ),
        ],
        # A rule about old versions means nothing before versions are kept.
        depends_on=[versioning],
    )
