"""Load balancers and target groups as the API recorded them."""

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, order=True)
class Target:
    """A registered target: its IP address and the port that takes traffic."""

    id: str
    port: int


@dataclass(frozen=True, kw_only=True)
class HealthCheck:
    """How the targets of a group are checked; times in seconds.

    Attributes:
        protocol: HTTP, HTTPS or TCP.
        port: None is the port that takes traffic (`traffic-port`).
        path: Asked for with GET.
        matcher: Status codes of a healthy target, such as `200-399,404`.
        enabled: Without, targets are `unavailable` and get traffic.
    """

    protocol: str = "HTTP"
    port: int | None = None
    path: str = "/"
    interval: float = 30
    timeout: float = 5
    healthy_threshold: int = 5
    unhealthy_threshold: int = 2
    matcher: str = "200"
    enabled: bool = True


@dataclass(frozen=True, kw_only=True)
class TargetGroup:
    """A target group.

    Attributes:
        protocol: HTTP or HTTPS, between load balancer and target.
        deregistration_delay: Seconds that a target taken out may still finish its requests.
        targets: Those registered now.
    """

    arn: str
    name: str
    protocol: str = "HTTP"
    health_check: HealthCheck = HealthCheck()
    deregistration_delay: float = 300
    targets: tuple[Target, ...] = ()


class Field(StrEnum):
    """What a condition of a rule looks at."""

    HOST = "host-header"
    PATH = "path-pattern"
    HEADER = "http-header"
    METHOD = "http-request-method"
    QUERY = "query-string"
    SOURCE = "source-ip"


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One condition of a rule; it holds when one of its values does.

    Attributes:
        values: Patterns with `*` and `?`; for a query string `key=pattern` or `pattern`.
        expressions: Regular expressions, for host-header, path-pattern and http-header.
        header: Name of the header, for http-header.
    """

    field: Field
    values: tuple[str, ...] = ()
    expressions: tuple[str, ...] = ()
    header: str = ""


@dataclass(frozen=True)
class Forward:
    """Send the request to one of several target groups.

    Attributes:
        weights: Target group ARN and weight (0 to 999).
    """

    weights: tuple[tuple[str, int], ...]


@dataclass(frozen=True, kw_only=True)
class Redirect:
    """Answer with a redirect.

    `#{protocol}`, `#{host}`, `#{port}`, `#{path}` and `#{query}` stand for those of the request.
    """

    status: int
    protocol: str = "#{protocol}"
    host: str = "#{host}"
    port: str = "#{port}"
    path: str = "/#{path}"
    query: str = "#{query}"


@dataclass(frozen=True, kw_only=True)
class FixedResponse:
    """Answer without asking anyone."""

    status: int
    content_type: str = "text/plain"
    body: str = ""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """All conditions have to hold; the default rule has none."""

    arn: str
    action: Forward | Redirect | FixedResponse
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ListenerCertificate:
    """A certificate of an HTTPS listener.

    Attributes:
        arn: Of ACM.
        names: Host names it is for.
        pem: Certificate, chain and key of an imported one; of any other the key is not to be had.
    """

    arn: str
    names: tuple[str, ...] = ()
    pem: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, kw_only=True)
class Listener:
    """A port of a load balancer.

    Attributes:
        protocol: HTTP or HTTPS.
        certificates: Of HTTPS; the first is the one for clients that ask for no name that another one has.
        ssl_policy: Which versions of TLS it speaks.
        rules: In the order they are tried; the last is the default rule.
    """

    arn: str
    port: int
    protocol: str = "HTTP"
    certificates: tuple[ListenerCertificate, ...] = ()
    ssl_policy: str = "ELBSecurityPolicy-2016-08"
    rules: tuple[Rule, ...]


@dataclass(frozen=True, kw_only=True)
class LoadBalancer:
    """An Application Load Balancer.

    Attributes:
        dns_name: As the API returns it.
        state: provisioning, active or failed.
        idle_timeout: Seconds without data after which a connection is closed.
        forwarded_for: What becomes of X-Forwarded-For: append, preserve or remove.
    """

    arn: str
    name: str
    dns_name: str
    state: str = "provisioning"
    idle_timeout: int = 60
    forwarded_for: str = "append"
    listeners: tuple[Listener, ...] = ()

    @property
    def target_group_arns(self) -> frozenset[str]:
        """Target groups that some rule forwards to."""
        return frozenset(
            arn
            for listener in self.listeners
            for rule in listener.rules
            if isinstance(rule.action, Forward)
            for arn, _ in rule.action.weights
        )
