"""Which account and region a stack is deployed to, as Terraform finds out."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.data_aws_caller_identity import DataAwsCallerIdentity
from cdktf_cdktf_provider_aws.data_aws_partition import DataAwsPartition
from cdktf_cdktf_provider_aws.data_aws_region import DataAwsRegion
from constructs import Construct


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account in a region, as Terraform expressions.

    Args:
        id: Its twelve digits.
        partition: `aws`, `aws-cn` or `aws-us-gov`.
        region: The region.
    """

    id: str
    partition: str
    region: str

    def arn(self, service: str, resource: str) -> str:
        """Returns the ARN of a resource of this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.id}:{resource}"


def look_up_account(scope: Construct) -> Account:
    """Places the data sources that tell which account and region it is. Once in a scope."""
    return Account(
        id=DataAwsCallerIdentity(scope, "account").account_id,
        partition=DataAwsPartition(scope, "partition").partition,
        region=DataAwsRegion(scope, "region").id,
    )
