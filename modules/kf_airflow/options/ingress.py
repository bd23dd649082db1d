"""How the load balancer is made."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kf_airflow.checks import between, cidr_block, once
from kf_airflow.options.oidc import OidcOptions
from kf_airflow.options.requests import check_host
from kf_airflow.options.tls_policies import RECOMMENDED_TLS_POLICY, TLS_POLICIES
from kf_airflow.regional_arns import check_certificate, check_web_acl
from kf_airflow.tables import Table

# https://docs.aws.amazon.com/Route53/latest/APIReference/API_HostedZone.html
_ZONE = re.compile(r"[A-Za-z0-9]{1,32}")

# Rules of a security group that let in, and those of them that users do not need.
# https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups
_MOST_RULES = 60
_INSIDE_RULES = 1


@dataclass(frozen=True, kw_only=True)
class IngressOptions(Table):
    """How the load balancer is made, and what it is called.

    Args:
        internal: Whether it has private addresses only. True if left out.
        allowed_cidrs: Who may connect, as IPv4 blocks, at most 59, or 29 with a certificate. If left out, the
            network's own block may if the load balancer is internal; an open one has no default.
        certificate_arn: The ACM certificate for HTTPS on port 443, of the load balancer's region; port 80
            then only redirects. If left out, plain HTTP is served on port 80.
        extra_certificate_arns: Certificates for further host names. None if left out.
        tls_policy: Which versions and ciphers of TLS it speaks, one of Elastic Load Balancing's policies
            without anything older than TLS 1.2. `ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09`, which AWS
            recommends, if left out.
        idle_timeout_seconds: When a silent connection is closed, 1 to 4000 s. 120 if left out.
        deletion_protection: Whether AWS refuses to delete the load balancer. True if left out.
        web_acl_arn: The regional web ACL of AWS WAF that filters requests. None if left out.
        host: The host name of the UI and the REST API, which are then served under it alone. If left out,
            they are served under any.
        flower_host: A host name for Flower alone. If left out, Flower is a path of the UI's.
        zone_id: The Route 53 zone in which records for the host names are made. None are if left out.
        oidc: How users log in at the load balancer, over HTTPS alone, before they reach the UI or Flower.
            They do not if left out.

    Raises:
        ValueError: if a value is not allowed, an open load balancer does not say who may connect, or one
            option needs another.
    """

    internal: bool = True
    allowed_cidrs: tuple[str, ...] | None = None
    certificate_arn: str | None = None
    extra_certificate_arns: tuple[str, ...] = ()
    tls_policy: str = RECOMMENDED_TLS_POLICY
    idle_timeout_seconds: int = 120
    deletion_protection: bool = True
    web_acl_arn: str | None = None
    host: str | None = None
    flower_host: str | None = None
    zone_id: str | None = None
    oidc: OidcOptions | None = None

    def __post_init__(self) -> None:
        self._check_who_may_connect()
        self._check_tls()
        self._check_rules()
        between("idle_timeout_seconds", self.idle_timeout_seconds, 1, 4000)
        self._check_hosts()

    @property
    def hosts(self) -> tuple[str, ...]:
        """The host names it is called by. None if it serves any."""
        return tuple(host for host in (self.host, self.flower_host) if host is not None)

    def _check_who_may_connect(self) -> None:
        for cidr in self.allowed_cidrs or ():
            if cidr_block(f"allowed_cidrs has {cidr!r}", cidr).version != 4:
                raise ValueError(f"allowed_cidrs has {cidr!r}: allowed are blocks of IPv4")
        once("allowed_cidrs", self.allowed_cidrs or ())
        if not self.internal and self.allowed_cidrs is None:
            raise ValueError(
                "allowed_cidrs is not set: a load balancer open to the internet (internal = false) "
                "has to say who may connect"
            )

    def _check_tls(self) -> None:
        if self.certificate_arn is not None:
            check_certificate("certificate_arn", self.certificate_arn)
        if self.web_acl_arn is not None:
            check_web_acl("web_acl_arn", self.web_acl_arn)
        for certificate_arn in self.extra_certificate_arns:
            check_certificate("extra_certificate_arns", certificate_arn)
        once("extra_certificate_arns", self.extra_certificate_arns)
        if self.tls_policy not in TLS_POLICIES:
            raise ValueError(f"tls_policy is {self.tls_policy!r}: allowed are {', '.join(TLS_POLICIES)}")
        if self.certificate_arn is not None:
            return
        if self.extra_certificate_arns:
            raise ValueError(
                f"extra_certificate_arns is {list(self.extra_certificate_arns)}: "
                "allowed with a certificate_arn, which is not set"
            )
        if self.tls_policy != RECOMMENDED_TLS_POLICY:
            raise ValueError(
                f"tls_policy is {self.tls_policy!r}: allowed with a certificate_arn, which is not set"
            )

    def _check_rules(self) -> None:
        blocks = len(self.allowed_cidrs or ())
        listeners = 1 if self.certificate_arn is None else 2
        rules = blocks * listeners + _INSIDE_RULES
        if rules > _MOST_RULES:
            most = (_MOST_RULES - _INSIDE_RULES) // listeners
            raise ValueError(
                f"allowed_cidrs has {blocks} blocks: allowed are {most}, "
                f"as {blocks} x {listeners} for the listeners + {_INSIDE_RULES} for the workers' logs = "
                f"{rules} rules, and a security group has {_MOST_RULES}; join some"
            )

    def _check_hosts(self) -> None:
        # Terraform's references stand for ids.
        if self.zone_id is not None and "${" not in self.zone_id and not _ZONE.fullmatch(self.zone_id):
            raise ValueError(
                f"zone_id is {self.zone_id!r}: allowed are ids of hosted zones such as Z0123456789ABC"
            )
        for key in ("host", "flower_host"):
            if (value := getattr(self, key)) is not None:
                check_host(key, value)
        if self.flower_host is not None and self.flower_host == self.host:
            raise ValueError(
                f"flower_host is {self.flower_host!r}: allowed is another name than host, or none, "
                "for Flower to be a path of the UI's"
            )
        if self.zone_id is not None and not self.hosts:
            raise ValueError(
                f"zone_id is {self.zone_id!r}: allowed with a host or a flower_host, and none is set"
            )
