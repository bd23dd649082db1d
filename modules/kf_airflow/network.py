"""A VPC for Airflow: subnets, ways out, endpoints."""

from __future__ import annotations

from cdktf import Fn
from cdktf_cdktf_provider_aws.data_aws_availability_zones import (
    DataAwsAvailabilityZones,
    DataAwsAvailabilityZonesFilter,
)
from cdktf_cdktf_provider_aws.data_aws_region import DataAwsRegion
from cdktf_cdktf_provider_aws.default_security_group import DefaultSecurityGroup
from cdktf_cdktf_provider_aws.eip import Eip
from cdktf_cdktf_provider_aws.internet_gateway import InternetGateway
from cdktf_cdktf_provider_aws.nat_gateway import NatGateway
from cdktf_cdktf_provider_aws.route import Route
from cdktf_cdktf_provider_aws.route_table import RouteTable
from cdktf_cdktf_provider_aws.route_table_association import RouteTableAssociation
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from cdktf_cdktf_provider_aws.subnet import Subnet
from cdktf_cdktf_provider_aws.vpc import Vpc
from cdktf_cdktf_provider_aws.vpc_endpoint import VpcEndpoint
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule
from constructs import Construct

from kf_airflow.naming import checked_name
from kf_airflow.options import NetworkOptions
from kf_airflow.refs import NetworkRef
from kf_airflow.subnets import plan_subnets

ANYWHERE = "0.0.0.0/0"

# What ECS tasks on Fargate ask of AWS while they start and run, where no NAT gateway leads outside.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/vpc-endpoints.html
ENDPOINT_SERVICES = ("ecr.api", "ecr.dkr", "logs", "secretsmanager", "ssmmessages", "sts")


class Network(Construct):
    """A VPC with public and private subnets over several zones.

    The default security group is closed, and S3 is reached through a gateway endpoint, which costs nothing.

    Args:
        scope: Where it is placed.
        id_: Its id there.
        name: What its resources are called.
        options: How it is made. The defaults of `NetworkOptions` if left out: two zones, one NAT gateway.

    Raises:
        ValueError: if the name is not allowed.
    """

    def __init__(
        self, scope: Construct, id_: str, *, name: str, options: NetworkOptions | None = None
    ) -> None:
        super().__init__(scope, id_)
        options = options or NetworkOptions()
        self._name = checked_name(name)
        self._zones = DataAwsAvailabilityZones(
            self,
            "zones",
            state="available",
            # Local and Wavelength Zones, which are opted into, lack services that the stack needs.
            filter=[DataAwsAvailabilityZonesFilter(name="opt-in-status", values=["opt-in-not-required"])],
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
        plan = plan_subnets(options.cidr_block, zones=options.zones)
        private, public = self._subnets("private", plan.private), self._subnets("public", plan.public)
        public_routes = self._public_routes()
        private_tables = self._private_route_tables(options, public, public_routes)
        self._endpoints(options, private, private_tables)
        self.ref = NetworkRef(
            vpc_id=self._vpc.id,
            private_subnet_ids=tuple(
                self._associated(f"private-{index}", subnet, private_tables[index % len(private_tables)])
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

    def _private_route_tables(
        self, options: NetworkOptions, public: list[Subnet], public_routes: Route
    ) -> list[str]:
        """Returns the route tables of the private subnets: one for all, or one for each."""
        count = {"none": 0, "single": 1, "per-az": options.zones}[options.nat]
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

    def _endpoints(self, options: NetworkOptions, private: list[Subnet], route_table_ids: list[str]) -> None:
        region = DataAwsRegion(self, "region").id
        VpcEndpoint(
            self,
            "s3",
            vpc_id=self._vpc.id,
            service_name=f"com.amazonaws.{region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=route_table_ids,
            tags=self._tags("s3"),
        )
        if options.nat != "none":
            return
        group = SecurityGroup(
            self,
            "endpoints",
            name=f"{self._name}-endpoints",
            description="AWS APIs reached from inside",
            vpc_id=self._vpc.id,
            tags=self._tags("endpoints"),
        )
        VpcSecurityGroupIngressRule(
            self,
            "endpoints-from-inside",
            security_group_id=group.id,
            cidr_ipv4=options.cidr_block,
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            description="AWS APIs over TLS",
        )
        for service in ENDPOINT_SERVICES:
            VpcEndpoint(
                self,
                f"endpoint-{service.replace('.', '-')}",
                vpc_id=self._vpc.id,
                service_name=f"com.amazonaws.{region}.{service}",
                vpc_endpoint_type="Interface",
                private_dns_enabled=True,
                subnet_ids=[subnet.id for subnet in private],
                security_group_ids=[group.id],
                tags=self._tags(service),
            )

    def _associated(self, id_: str, subnet: Subnet, route_table_id: str) -> str:
        """Returns the subnet's id as its association knows it.

        Whoever uses that id comes after the association, and so after the route out: a task never starts in a
        subnet that does not lead to its image yet, and at the end is gone before its way out is.
        """
        association = RouteTableAssociation(
            self, f"{id_}-association", subnet_id=subnet.id, route_table_id=route_table_id
        )
        return str(association.subnet_id)

    def _tags(self, suffix: str = "") -> dict[str, str]:
        return {"Name": f"{self._name}-{suffix}" if suffix else self._name}
