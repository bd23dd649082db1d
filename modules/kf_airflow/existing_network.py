"""A VPC that somebody else made, found by its tags."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.data_aws_subnet import DataAwsSubnet, DataAwsSubnetFilter
from cdktf_cdktf_provider_aws.data_aws_vpc import DataAwsVpc, DataAwsVpcFilter
from constructs import Construct

from kf_airflow.options import NetworkLookup
from kf_airflow.refs import NetworkRef


class ExistingNetwork(Construct):
    """A VPC and its subnets, found by their tags `Name` when Terraform plans. It makes nothing.

    Terraform fails where a name finds none, or more than one. Whether the private subnets lead to AWS's APIs
    is up to who made them.

    Args:
        scope: Where it is placed.
        id_: Its id there.
        lookup: What it is found by.

    Raises:
        ValueError: if a name is not given, nor what it is made of.
    """

    def __init__(self, scope: Construct, id_: str, *, lookup: NetworkLookup) -> None:
        super().__init__(scope, id_)
        names = lookup.names()
        self._vpc = DataAwsVpc(self, "vpc", filter=[DataAwsVpcFilter(name="tag:Name", values=[names.vpc])])
        self.ref = NetworkRef(
            vpc_id=self._vpc.id,
            private_subnet_ids=self._subnet_ids("private", names.private_subnets),
            public_subnet_ids=self._subnet_ids("public", names.public_subnets),
            cidr_block=self._vpc.cidr_block,
        )

    def _subnet_ids(self, kind: str, names: Sequence[str]) -> tuple[str, ...]:
        return tuple(
            DataAwsSubnet(
                self,
                f"{kind}-{index}",
                vpc_id=self._vpc.id,
                filter=[DataAwsSubnetFilter(name="tag:Name", values=[name])],
            ).id
            for index, name in enumerate(names)
        )
