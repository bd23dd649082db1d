"""Load balancers and target groups in moto's state."""

from collections.abc import Mapping
from typing import Any

from moto.acm.models import AWS_ROOT_CA, acm_backends
from moto.elbv2.models import elbv2_backends

from localstack_dataplane.elbv2.health import Health
from localstack_dataplane.elbv2.model import (
    Condition,
    Field,
    FixedResponse,
    Forward,
    HealthCheck,
    Listener,
    ListenerCertificate,
    LoadBalancer,
    Redirect,
    Rule,
    Target,
    TargetGroup,
)
from localstack_dataplane.moto_state.backends import every

_CONFIGURATIONS = {
    Field.HOST: "HostHeaderConfig",
    Field.PATH: "PathPatternConfig",
    Field.HEADER: "HttpHeaderConfig",
    Field.METHOD: "HttpRequestMethodConfig",
    Field.QUERY: "QueryStringConfig",
    Field.SOURCE: "SourceIpConfig",
}


class MotoElbv2:
    """What moto recorded of load balancers."""

    def load_balancers(self) -> list[LoadBalancer]:
        """All Application Load Balancers."""
        return [
            _load_balancer(backend, found)
            for backend in every(elbv2_backends)
            for found in list(backend.load_balancers.values())
            if found.type == "application"
        ]

    def target_groups(self) -> list[TargetGroup]:
        """All target groups that can take HTTP."""
        return [_target_group(found) for found in groups() if found.protocol in {"HTTP", "HTTPS"}]

    def set_active(self, arn: str) -> None:
        """The load balancer takes requests now."""
        for backend in every(elbv2_backends):
            if arn in backend.load_balancers:
                backend.load_balancers[arn].dataplane_state = "active"

    def health(self) -> dict[str, dict[Target, Health]]:
        """What was written back last, by target group ARN; that of the process before at the start."""
        return {group.arn: dict(getattr(group, "dataplane_health", {})) for group in groups()}

    def set_health(self, health: Mapping[str, Mapping[Target, Health]]) -> None:
        """Write back the health of all targets, by target group ARN."""
        for group in groups():
            group.dataplane_health = dict(health.get(group.arn, {}))


def groups() -> list[Any]:
    """Moto's own target groups."""
    return [group for backend in every(elbv2_backends) for group in list(backend.target_groups.values())]


def targets_of(group: Any) -> tuple[Target, ...]:
    """The targets of one of moto's own target groups."""
    return tuple(Target(str(found["Id"]), int(found["Port"])) for found in list(group.targets.values()))


def _target_group(group: Any) -> TargetGroup:
    port = str(group.health_check_port or "traffic-port")
    return TargetGroup(
        arn=group.arn,
        name=group.name,
        protocol=group.protocol,
        deregistration_delay=float(group.attributes.get("deregistration_delay.timeout_seconds", 300)),
        targets=targets_of(group),
        health_check=HealthCheck(
            protocol=group.health_check_protocol or "HTTP",
            port=int(port) if port.isdecimal() else None,
            path=group.health_check_path or "/",
            interval=float(group.health_check_interval_seconds),
            timeout=float(group.health_check_timeout_seconds),
            healthy_threshold=int(group.healthy_threshold_count),
            unhealthy_threshold=int(group.unhealthy_threshold_count),
            matcher=str((group.matcher or {}).get("HttpCode") or "200"),
            enabled=bool(group.health_check_enabled),
        ),
    )


def _load_balancer(backend: Any, balancer: Any) -> LoadBalancer:
    return LoadBalancer(
        arn=balancer.arn,
        name=balancer.name,
        dns_name=balancer.dns_name,
        state=getattr(balancer, "dataplane_state", "provisioning"),
        idle_timeout=int(balancer.attrs.get("idle_timeout.timeout_seconds") or 60),
        forwarded_for=balancer.attrs.get("routing.http.xff_header_processing.mode") or "append",
        listeners=tuple(_listener(backend, found) for found in list(balancer.listeners.values())),
    )


def _listener(backend: Any, listener: Any) -> Listener:
    rules = list(listener.rules.values())
    ordered = sorted(rules, key=lambda rule: (rule.is_default, 0 if rule.is_default else int(rule.priority)))
    return Listener(
        arn=listener.arn,
        port=int(listener.port),
        protocol=listener.protocol,
        certificates=_certificates(backend, listener),
        ssl_policy=str(listener.ssl_policy),
        rules=tuple(
            Rule(
                arn=rule.arn,
                # The default rule keeps the actions of the listener, which ModifyListener replaces.
                action=_action(listener.default_actions if rule.is_default else rule.actions),
                conditions=tuple(_condition(condition) for condition in rule.conditions),
            )
            for rule in ordered
        ),
    )


def _certificates(backend: Any, listener: Any) -> tuple[ListenerCertificate, ...]:
    """The certificates of a listener, the default one first: an HTTPS listener has at least that."""
    arns = [
        str(found.get("CertificateArn") if isinstance(found, Mapping) else found)
        for found in listener.certificates
    ]
    known = {
        found.arn: found
        for found in list(acm_backends[backend.account_id][backend.region_name]._certificates.values())  # noqa: SLF001
    }
    return tuple(_certificate(arn, known.get(arn)) for arn in dict.fromkeys(arns or [""]))


def _certificate(arn: str, found: Any) -> ListenerCertificate:
    if found is None:
        return ListenerCertificate(arn=arn)
    if found.type == "IMPORTED":
        chain = found.chain.removesuffix(AWS_ROOT_CA)
        return ListenerCertificate(arn=arn, pem=b"\n".join((found.cert, chain, found.key)))
    described = found.describe()["Certificate"]
    names = (described["DomainName"], *described.get("SubjectAlternativeNames", []))
    return ListenerCertificate(arn=arn, names=tuple(dict.fromkeys(names)))


def _condition(condition: Mapping[str, Any]) -> Condition:
    field = Field(condition["Field"])
    configuration = condition.get(_CONFIGURATIONS[field]) or {}
    values = configuration.get("Values") or condition.get("Values") or []
    if field is Field.QUERY:
        values = [f"{item['Key']}={item['Value']}" if item.get("Key") else item["Value"] for item in values]
    return Condition(
        field=field,
        values=tuple(values),
        expressions=tuple(configuration.get("RegexValues") or condition.get("RegexValues") or ()),
        header=configuration.get("HttpHeaderName", ""),
    )


def _action(actions: Any) -> Forward | Redirect | FixedResponse:
    """The action that ends a rule. Those before it authenticate: not emulated, so such a rule refuses."""
    data = [getattr(action, "data", action) for action in actions]
    if len(data) > 1:
        return FixedResponse(status=501, body=f"Action {data[0]['Type']} is not emulated.")
    last = data[-1]
    if last["Type"] == "redirect":
        return _redirect(last["RedirectConfig"])
    if last["Type"] == "fixed-response":
        fixed = last["FixedResponseConfig"]
        return FixedResponse(
            status=int(fixed["StatusCode"]),
            content_type=fixed.get("ContentType") or "text/plain",
            body=fixed.get("MessageBody") or "",
        )
    groups = (last.get("ForwardConfig") or {}).get("TargetGroups") or []
    weights = tuple((group["TargetGroupArn"], int(group.get("Weight", 1))) for group in groups)
    return Forward(weights or ((last["TargetGroupArn"], 1),))


def _redirect(data: Mapping[str, Any]) -> Redirect:
    given = {
        key.lower(): str(data[key]) for key in ("Protocol", "Host", "Port", "Path", "Query") if data.get(key)
    }
    return Redirect(status=int(data["StatusCode"].removeprefix("HTTP_")), **given)
