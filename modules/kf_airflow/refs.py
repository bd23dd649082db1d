"""What the parts know of each other: plain values, whoever made the thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from kf_airflow.tables import Table

if TYPE_CHECKING:
    from cdktf import TerraformResource


@dataclass(frozen=True, kw_only=True)
class NetworkRef(Table):
    """A VPC and its subnets.

    Args:
        vpc_id: The VPC.
        private_subnet_ids: Where services, database and broker go: at least two, in different zones, with a
            way out to AWS's APIs.
        public_subnet_ids: Where a load balancer open to the internet goes. None if left out; then only an
            internal one is possible.
        cidr_block: The VPC's block, which an internal load balancer admits by default. If left out,
            `allowed_cidrs` has to be given there.

    Raises:
        ValueError: if there are fewer than two private subnets.
    """

    vpc_id: str
    private_subnet_ids: tuple[str, ...]
    public_subnet_ids: tuple[str, ...] = ()
    cidr_block: str | None = None

    def __post_init__(self) -> None:
        if len(self.private_subnet_ids) < 2:
            raise ValueError(
                f"private_subnet_ids is {list(self.private_subnet_ids)}: "
                "RDS and load balancers need at least two, in different zones"
            )


@dataclass(frozen=True, kw_only=True)
class SecretKey:
    """One key of a JSON secret in Secrets Manager.

    Args:
        secret_arn: The full ARN of the secret, with its random suffix.
        key: The key in its JSON object.
    """

    secret_arn: str
    key: str

    @property
    def value_from(self) -> str:
        """What ECS calls it in a container definition: the current version of this key."""
        return f"{self.secret_arn}:{self.key}::"


@dataclass(frozen=True, kw_only=True)
class DatabaseRef:
    """A PostgreSQL database.

    Args:
        address: Its host name, the one its TLS certificate is for.
        name: The database on it.
        secret_arn: The secret with the keys `username` and `password` of a role that owns the database and
            may create roles.
        port: 5432 if left out.
        security_group_id: The group that guards it; a rule for each service is added to it. If left out
            nothing is added, and who owns the database lets the services in.
    """

    address: str
    name: str
    secret_arn: str
    port: int = 5432
    security_group_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class BrokerRef:
    """A Redis or Valkey with cluster mode off.

    Args:
        address: Its host name, the one its TLS certificate is for.
        secret_arn: The secret with the key `password`, the AUTH token.
        port: 6379 if left out.
        tls: Whether it speaks TLS. True if left out.
        security_group_id: The group that guards it; a rule for each service is added to it. If left out
            nothing is added, and who owns the broker lets the services in.
    """

    address: str
    secret_arn: str
    port: int = 6379
    tls: bool = True
    security_group_id: str | None = None


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


@dataclass(frozen=True, kw_only=True)
class CredentialsRef:
    """The secrets of an Airflow deployment, each a JSON object in Secrets Manager.

    Args:
        airflow_secret_arn: Keys `fernet_key` (32 bytes in URL-safe base64), `api_secret_key` and `jwt_secret`
            (64 characters or more each).
        results_secret_arn: Keys `username` and `password` of the PostgreSQL role for Celery's result tables,
            which `migrate` creates.
        admin_secret_arn: Keys `username` and `password` of Airflow's first administrator, whom `migrate`
            creates.
        flower_secret_arn: Keys `username` and `password` for Flower's basic authentication.
    """

    airflow_secret_arn: str
    results_secret_arn: str
    admin_secret_arn: str
    flower_secret_arn: str


@dataclass(frozen=True, kw_only=True)
class ClusterRef:
    """An ECS cluster, and what all services in it share.

    Args:
        name: The cluster's name.
        arn: The cluster's ARN.
        region: The region it is in.
        namespace_id: The private Cloud Map namespace services register in.
        namespace_name: Its DNS name.
        log_group_prefix: What the services' log groups begin with; `<prefix>/<service>` is made for each.
        log_retention_days: How long CloudWatch keeps them, in days. 30 if left out.
    """

    name: str
    arn: str
    region: str
    namespace_id: str
    namespace_name: str
    log_group_prefix: str
    log_retention_days: int = 30


class Consumer(Protocol):
    """What can be let in somewhere, or given permissions: a `Service`, or anything that offers the same."""

    @property
    def name(self) -> str:
        """What it is called, unique among those let in at one place."""

    @property
    def security_group_id(self) -> str:
        """The security group its traffic comes from."""

    @property
    def task_role_name(self) -> str:
        """The IAM role its code has."""

    def start_after(self, resource: TerraformResource) -> None:
        """Makes it start only once `resource` is there."""


class Target(Consumer, Protocol):
    """What a load balancer can forward to: a `Service`, or anything that offers the same."""

    @property
    def target_group_arn(self) -> str:
        """Where its tasks register."""

    @property
    def target_ports(self) -> tuple[int, ...]:
        """The ports a load balancer needs to reach: that of the traffic and that of the health check."""
