"""ELBv2 operations that differ from moto's, because a real proxy stands behind them."""

from collections.abc import Callable, Mapping
from typing import Any

from localstack.aws.api import CommonServiceException
from localstack.aws.forwarder import create_aws_request_context
from localstack.services.moto import call_moto

from localstack_dataplane.elbv2.health import NOT_REGISTERED, Health
from localstack_dataplane.elbv2.model import Target
from localstack_dataplane.moto_state import elbv2


def _create_load_balancer(context: Any, request: Mapping[str, Any]) -> Any:
    """The same call twice, as of a client that had no answer to the first, makes one load balancer."""
    present = elbv2.named(context.account_id, context.region, request["Name"])
    if present is None:
        return call_moto(context)
    if not elbv2.is_as_asked(present, request):
        raise CommonServiceException(
            "DuplicateLoadBalancerName", "A load balancer with the same name already exists."
        )
    asked = create_aws_request_context(
        service_name="elbv2",
        action="DescribeLoadBalancers",
        parameters={"LoadBalancerArns": [present.arn]},
        region=context.region,
        protocol=context.protocol,
    )
    headers = dict(context.request.headers)
    headers.update(asked.request.headers)
    asked.request.headers = type(asked.request.headers)(headers)
    balancer = call_moto(asked)["LoadBalancers"][0]
    state = elbv2.state_of(context.account_id, context.region, present.arn)
    return {"LoadBalancers": [{**balancer, "State": {"Code": state}}]}


def _describe_load_balancers(context: Any, request: Mapping[str, Any]) -> Any:  # noqa: ARG001
    """A load balancer is `provisioning` until its proxy takes requests."""
    response = call_moto(context)
    for balancer in response["LoadBalancers"]:
        balancer["State"] = {
            "Code": elbv2.state_of(context.account_id, context.region, balancer["LoadBalancerArn"])
        }
    return response


def _describe_target_health(context: Any, request: Mapping[str, Any]) -> Any:
    """Targets have the state that their health checks gave them."""
    response = call_moto(context)  # moto knows the errors for what does not exist
    known = elbv2.target_health(request["TargetGroupArn"])
    asked = request.get("Targets") or []
    if asked:
        wanted = {_matching(item, known): None for item in asked}
        known = {target: known.get(target, NOT_REGISTERED) for target in wanted}
    ports = {
        item["Target"]["Id"]: item.get("HealthCheckPort") for item in response["TargetHealthDescriptions"]
    }
    return {
        "TargetHealthDescriptions": [
            _description(target, health, ports.get(target.id)) for target, health in known.items()
        ]
    }


def _matching(asked: Mapping[str, Any], known: Mapping[Target, Health]) -> Target:
    """The target that a request means; the port may be left out."""
    port = asked.get("Port")
    for target in known:
        if target.id == asked["Id"] and port in {None, target.port}:
            return target
    return Target(asked["Id"], int(port or 0))


def _description(target: Target, health: Health, check_port: str | None) -> dict[str, Any]:
    state = {"State": str(health.state), "Reason": health.reason, "Description": health.description}
    return {
        "Target": {"Id": target.id, "Port": target.port},
        "HealthCheckPort": str(target.port) if check_port in {None, "traffic-port"} else check_port,
        "TargetHealth": {key: value for key, value in state.items() if value},
    }


OVERRIDES: dict[str, Callable[[Any, Any], Any]] = {
    "CreateLoadBalancer": _create_load_balancer,
    "DescribeLoadBalancers": _describe_load_balancers,
    "DescribeTargetHealth": _describe_target_health,
}
