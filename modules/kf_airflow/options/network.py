"""How a VPC is made."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from kf_airflow.checks import between, once
from kf_airflow.options.logs import LOG_RETENTION_DAYS
from kf_airflow.subnets import MAXIMUM_ZONES, MINIMUM_ZONES, checked_cidr_block
from kf_airflow.tables import Table

NAT_CHOICES = ("none", "single", "per-az")
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html
FLOW_LOG_TRAFFIC = ("ALL", "ACCEPT", "REJECT")

# What services on Fargate ask of AWS where nothing leads outside: their images (whose layers lie in S3),
# logs, metrics, secrets and parameters, the shell of ECS Exec, a task's protection from being scaled in, and
# the roles that DAGs take on.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/vpc-endpoints.html
ENDPOINTS = (
    "ecr.api", "ecr.dkr", "ecs", "logs", "monitoring", "secretsmanager", "ssm", "ssmmessages", "sts",
)  # fmt: skip
# Whoever opens such a shell in a task decrypts its session there.
ENDPOINTS_WITH_KEY = ("kms",)
GATEWAY = "s3"
_ENDPOINT = re.compile(r"(?!com\.|aws\.)[a-z0-9]+(?:[.-][a-z0-9]+)*")


@dataclass(frozen=True, kw_only=True)
class NetworkOptions(Table):
    """How a VPC is made.

    Args:
        cidr_block: Its IPv4 block, from /16 to /23. 10.20.0.0/16 if left out.
        zones: Over how many availability zones, 2 to 4. Two if left out.
        nat: How the private subnets reach the outside: `single` (one NAT gateway, whose zone all depend on),
            `per-az` (one in each zone), or `none` (not at all; AWS's own APIs are reached through interface
            endpoints). `single` if left out.
        endpoints: Which of AWS's services have an interface endpoint, as AWS names them without
            `com.amazonaws.<region>.`, such as `ecr.api`; each costs by the hour in each zone. If left out,
            none with a NAT gateway, and with `nat` `none` what services on Fargate ask for: `ecr.api`,
            `ecr.dkr`, `ecs`, `logs`, `monitoring`, `secretsmanager`, `ssm`, `ssmmessages`, `sts`, and `kms`
            where there is a key. S3 always has its gateway endpoint, which costs nothing.
        endpoint_policies: IAM policies, as JSON, of endpoints by their service, `s3` among them. Whatever
            has none here has AWS's own, which lets everything through and leaves it to IAM. One for `s3` has
            to allow reading ECR's bucket of layers.
            https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
        flow_logs: Whether CloudWatch is told of the VPC's connections. True if left out.
        flow_log_traffic: Of which: `ALL`, `ACCEPT` or `REJECT`. `ALL` if left out: a record stands for a
            connection during ten minutes, so what it costs goes by their number and not by their bytes, and
            only those that were accepted tell where data went.
        flow_log_retention_days: How long it keeps them, one of the numbers of days it knows. 30 if left out.

    Raises:
        ValueError: if a value is not allowed.
    """

    cidr_block: str = "10.20.0.0/16"
    zones: int = 2
    nat: str = "single"
    endpoints: tuple[str, ...] | None = None
    endpoint_policies: Mapping[str, str] = field(default_factory=dict)
    flow_logs: bool = True
    flow_log_traffic: str = "ALL"
    flow_log_retention_days: int = 30

    def __post_init__(self) -> None:
        checked_cidr_block(self.cidr_block)
        between("zones", self.zones, MINIMUM_ZONES, MAXIMUM_ZONES)
        if self.nat not in NAT_CHOICES:
            raise ValueError(f"nat is {self.nat!r}: allowed are {', '.join(NAT_CHOICES)}")
        self._check_endpoints()
        self._check_endpoint_policies()
        if self.flow_log_traffic not in FLOW_LOG_TRAFFIC:
            raise ValueError(
                f"flow_log_traffic is {self.flow_log_traffic!r}: allowed are {', '.join(FLOW_LOG_TRAFFIC)}"
            )
        if self.flow_log_retention_days not in LOG_RETENTION_DAYS:
            raise ValueError(
                f"flow_log_retention_days is {self.flow_log_retention_days}: "
                f"allowed are {', '.join(map(str, LOG_RETENTION_DAYS))}"
            )

    def interface_endpoints(self, *, with_key: bool) -> tuple[str, ...]:
        """Returns the services that have an interface endpoint.

        Args:
            with_key: Whether a key of one's own encrypts what is stored.
        """
        if self.endpoints is not None:
            return self.endpoints
        if self.nat != "none":
            return ()
        return (*ENDPOINTS, *ENDPOINTS_WITH_KEY) if with_key else ENDPOINTS

    def _check_endpoints(self) -> None:
        once("endpoints", self.endpoints or ())
        # What AWS calls `ecr.api` is `ecr-api` in the names of what is made.
        once("endpoints", [service.replace(".", "-") for service in self.endpoints or ()])
        for service in self.endpoints or ():
            if service == GATEWAY:
                raise ValueError(f"endpoints has {GATEWAY!r}: allowed are all but it, which has a gateway")
            if not _ENDPOINT.fullmatch(service):
                raise ValueError(
                    f"endpoints has {service!r}: "
                    "allowed are services as AWS names them after com.amazonaws.<region>, such as ecr.api"
                )

    def _check_endpoint_policies(self) -> None:
        known = (GATEWAY, *self.interface_endpoints(with_key=True))
        for service, policy in self.endpoint_policies.items():
            if service not in known:
                raise ValueError(f"endpoint_policies has {service!r}: allowed are {', '.join(known)}")
            try:
                is_policy = "Statement" in json.loads(policy)
            except (ValueError, TypeError):
                is_policy = False
            if not is_policy:
                raise ValueError(
                    f"endpoint_policies has for {service} {policy!r}: allowed is an IAM policy as JSON"
                )
