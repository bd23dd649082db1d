"""A VPC: subnets, ways out, endpoints."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import Fn, ITerraformDependable, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.data_aws_availability_zones import (
    DataAwsAvailabilityZones,
    DataAwsAvailabilityZonesFilter,
)
from cdktf_cdktf_provider_aws.default_security_group import DefaultSecurityGroup
from cdktf_cdktf_provider_aws.eip import Eip
from cdktf_cdktf_provider_aws.internet_gateway import InternetGateway
from cdktf_cdktf_provider_aws.nat_gateway import NatGateway
from cdktf_cdktf_provider_aws.route import Route
from cdktf_cdktf_provider_aws.route_table import RouteTable
from cdktf_cdktf_provider_aws.route_table_association import RouteTableAssociation
from cdktf_cdktf_provider_aws.subnet import Subnet
from cdktf_cdktf_provider_aws.vpc import Vpc
from constructs import Construct

from kf_airflow.account import Account, look_up_account
from kf_airflow.findings import accept_finding
from kf_airflow.flow_logs import place_flow_logs
from kf_airflow.naming import checked_name
from kf_airflow.network_endpoints import place_gateway_endpoint, place_interface_endpoints
from kf_airflow.options import NetworkOptions
from kf_airflow.refs import KeyRef, NetworkRef
from kf_airflow.subnets import plan_subnets

ANYWHERE = "0.0.0.0/0"

# The region with the most zones has six.
_ZONE_LETTERS = "abcdef"
# Zones without Fargate.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AWS_Fargate-Regions.html
_ZONES_WITHOUT_FARGATE = ("apne1-az3", "cnn1-az3", "cnn1-az4", "usw1-az2")


class Network(Construct):
    """A VPC with public and private subnets over several zones.

    The default security group is closed, CloudWatch is told of all connections in the log group
    `/aws/vpc/<name>/flow`, and S3 is reached through a gateway endpoint, which costs nothing. The public
    subnets lead to the internet even without NAT, so that a load balancer can be open to it; nothing in them
    is given a public address unasked.

    Args:
        scope: Where it is placed.
        id_: Its id there.
        name: What its resources are called.
        options: How it is made. The defaults of `NetworkOptions` if left out: two zones, one NAT gateway.
        key: What the flow logs are encrypted with; CloudWatch Logs has to be let use it, as `Key` does. With
            it KMS is among the endpoints there are without NAT. CloudWatch's own key if left out.

    Raises:
        ValueError: if the name is not allowed.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        options: NetworkOptions | None = None,
        key: KeyRef | None = None,
    ) -> None:
        super().__init__(scope, id_)
        self._options = options = options or NetworkOptions()
        self._name = checked_name(name)
        self._key = key
        account = look_up_account(self)
        self._zones = DataAwsAvailabilityZones(
            self,
            "zones",
            state="available",
            # Local and Wavelength Zones, which lack services that the stack needs, have longer names.
            filter=[
                DataAwsAvailabilityZonesFilter(
                    name="zone-name", values=[f"{account.region}{letter}" for letter in _ZONE_LETTERS]
                )
            ],
            exclude_zone_ids=list(_ZONES_WITHOUT_FARGATE),
        )
        self._vpc = Vpc(
            self,
            "vpc",
            cidr_block=options.cidr_block,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags=self._tags(),
        )
        DefaultSecurityGroup(self, "default-security-group", vpc_id=self._vpc.id)
        self._log_flows(account)
        plan = plan_subnets(options.cidr_block, zones=options.zones)
        private, public = self._subnets("private", plan.private), self._subnets("public", plan.public)
        public_routes = self._public_routes()
        private_tables = self._private_route_tables(public, public_routes)
        endpoints = self._endpoints(account.region, private, private_tables)
        self.ref = NetworkRef(
            vpc_id=self._vpc.id,
            private_subnet_ids=tuple(
                self._associated(
                    f"private-{index}", subnet, private_tables[index % len(private_tables)], after=endpoints
                )
                for index, subnet in enumerate(private)
            ),
            public_subnet_ids=tuple(
                self._associated(f"public-{index}", subnet, public_routes.route_table_id)
                for index, subnet in enumerate(public)
            ),
            cidr_block=options.cidr_block,
        )

    def _subnets(self, kind: str, blocks: tuple[str, ...]) -> list[Subnet]:
        return [
            Subnet(
                self,
                f"{kind}-{index}",
                vpc_id=self._vpc.id,
                cidr_block=block,
                availability_zone=Fn.element(self._zones.names, index),
                tags=self._tags(f"{kind}-{index}"),
                # AWS may list another zone one day, which must not replace a subnet with all that is in it.
                lifecycle=TerraformResourceLifecycle(ignore_changes=["availability_zone"]),
            )
            for index, block in enumerate(blocks)
        ]

    def _public_routes(self) -> Route:
        gateway = InternetGateway(self, "internet-gateway", vpc_id=self._vpc.id, tags=self._tags())
        table = RouteTable(self, "public", vpc_id=self._vpc.id, tags=self._tags("public"))
        return Route(
            self,
            "public-internet",
            route_table_id=table.id,
            destination_cidr_block=ANYWHERE,
            gateway_id=gateway.id,
        )

    def _private_route_tables(self, public: list[Subnet], public_routes: Route) -> list[str]:
        """Returns the route tables of the private subnets: one for all, or one for each."""
        count = {"none": 0, "single": 1, "per-az": self._options.zones}[self._options.nat]
        tables = [
            RouteTable(
                self, f"private-{index}-routes", vpc_id=self._vpc.id, tags=self._tags(f"private-{index}")
            )
            for index in range(max(1, count))
        ]
        if not count:
            return [table.id for table in tables]
        return [
            Route(
                self,
                f"private-{index}-nat",
                route_table_id=table.id,
                destination_cidr_block=ANYWHERE,
                nat_gateway_id=self._nat_gateway(index, public[index], public_routes).id,
            ).route_table_id
            for index, table in enumerate(tables)
        ]

    def _nat_gateway(self, index: int, subnet: Subnet, public_routes: Route) -> NatGateway:
        address = Eip(self, f"nat-{index}-address", domain="vpc", tags=self._tags(f"nat-{index}"))
        return NatGateway(
            self,
            f"nat-{index}",
            allocation_id=address.id,
            subnet_id=subnet.id,
            tags=self._tags(f"nat-{index}"),
            # AWS refuses one in a subnet that has no way to the internet yet.
            depends_on=[public_routes],
        )

    def _endpoints(
        self, region: str, private: list[Subnet], route_table_ids: list[str]
    ) -> list[ITerraformDependable]:
        gateway = place_gateway_endpoint(
            self,
            name=self._name,
            vpc_id=self._vpc.id,
            region=region,
            route_table_ids=route_table_ids,
            policies=self._options.endpoint_policies,
        )
        interfaces = place_interface_endpoints(
            self,
            self._options.interface_endpoints(with_key=self._key is not None),
            name=self._name,
            vpc_id=self._vpc.id,
            cidr_block=self._options.cidr_block,
            region=region,
            subnet_ids=[subnet.id for subnet in private],
            policies=self._options.endpoint_policies,
        )
        return [gateway, *interfaces]

    def _log_flows(self, account: Account) -> None:
        if not self._options.flow_logs:
            accept_finding(self._vpc, "CKV2_AWS_11", "Whether there are flow logs is the user's choice")
            return
        place_flow_logs(
            self,
            name=self._name,
            vpc_id=self._vpc.id,
            traffic=self._options.flow_log_traffic,
            retention_days=self._options.flow_log_retention_days,
            account=account,
            key=self._key,
        )

    def _associated(
        self, id_: str, subnet: Subnet, route_table_id: str, *, after: Sequence[ITerraformDependable] = ()
    ) -> str:
        """Returns the subnet's id as its association knows it.

        Whoever uses that id comes after the association, and so after the ways out: a task never starts in a
        subnet that does not lead to its image yet, and at the end is gone before its way out is.
        """
        association = RouteTableAssociation(
            self,
            f"{id_}-association",
            subnet_id=subnet.id,
            route_table_id=route_table_id,
            depends_on=list(after) or None,
        )
        return str(association.subnet_id)

    def _tags(self, suffix: str = "") -> dict[str, str]:
        return {"Name": f"{self._name}-{suffix}" if suffix else self._name}
