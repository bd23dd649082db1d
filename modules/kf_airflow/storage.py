"""The bucket for task logs."""

from __future__ import annotations

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
from kf_airflow.connections import grant_read, grant_read_write
from kf_airflow.naming import checked_name
from kf_airflow.options import StorageOptions
from kf_airflow.refs import BucketRef, Consumer


class Storage(Construct):
    """An S3 bucket: encrypted, versioned, closed to the public, TLS only, and emptied by age.

    Args:
        scope: Where it is placed.
        id_: Its id there.
        name: What the bucket's name begins with.
        options: How it is made. The defaults of `StorageOptions` if left out.

    Raises:
        ValueError: if the name is not allowed.
    """

    def __init__(
        self, scope: Construct, id_: str, *, name: str, options: StorageOptions | None = None
    ) -> None:
        super().__init__(scope, id_)
        options = options or StorageOptions()
        bucket = S3Bucket(
            self,
            "bucket",
            bucket=options.bucket_name,
            bucket_prefix=None if options.bucket_name else f"{checked_name(name)}-logs-",
            force_destroy=options.force_destroy,
        )
        versioning = S3BucketVersioningA(
            self,
            "versioning",
            bucket=bucket.id,
            versioning_configuration=S3BucketVersioningVersioningConfiguration(status="Enabled"),
        )
        S3BucketServerSideEncryptionConfigurationA(
            self,
            "encryption",
            bucket=bucket.id,
            rule=[
                S3BucketServerSideEncryptionConfigurationRuleA(
                    apply_server_side_encryption_by_default=(
                        S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA(
                            sse_algorithm="AES256"
                        )
                    )
                )
            ],
        )
        S3BucketOwnershipControls(
            self,
            "ownership",
            bucket=bucket.id,
            rule=S3BucketOwnershipControlsRule(object_ownership="BucketOwnerEnforced"),
        )
        closed = S3BucketPublicAccessBlock(
            self,
            "public-access",
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        )
        # S3 refuses two changes of a bucket's access at once.
        S3BucketPolicy(
            self, "policy", bucket=bucket.id, policy=policies.tls_only(bucket.arn), depends_on=[closed]
        )
        self._expire(bucket, versioning, options)
        self.ref = BucketRef(name=bucket.id, arn=bucket.arn)

    def _expire(self, bucket: S3Bucket, versioning: S3BucketVersioningA, options: StorageOptions) -> None:
        S3BucketLifecycleConfiguration(
            self,
            "lifecycle",
            bucket=bucket.id,
            rule=[
                S3BucketLifecycleConfigurationRule(
                    id="expire",
                    status="Enabled",
                    filter=[S3BucketLifecycleConfigurationRuleFilter(prefix="")],
                    expiration=[S3BucketLifecycleConfigurationRuleExpiration(days=options.expiration_days)],
                    noncurrent_version_expiration=[
                        S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(
                            noncurrent_days=options.noncurrent_days
                        )
                    ],
                    abort_incomplete_multipart_upload=[
                        S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(
                            days_after_initiation=7
                        )
                    ],
                )
            ],
            # A rule about old versions means nothing before versions are kept.
            depends_on=[versioning],
        )

    def grant_read(self, consumer: Consumer) -> None:
        """Lets the consumer's code read the logs."""
        grant_read(self, f"read-by-{consumer.name}", bucket=self.ref, consumer=consumer)

    def grant_read_write(self, consumer: Consumer) -> None:
        """Lets the consumer's code read and write, but not delete, the logs."""
        grant_read_write(self, f"written-by-{consumer.name}", bucket=self.ref, consumer=consumer)
