"""Operations on target groups and their targets that differ from moto's."""

from collections.abc import Callable, Mapping
from typing import Any

from localstack.aws.forwarder import create_aws_request_context
from localstack.services.moto import call_moto

from localstack_dataplane.elbv2 import requests
from localstack_dataplane.elbv2.health import NOT_REGISTERED, Health
from localstack_dataplane.elbv2.model import Target
from localstack_dataplane.elbv2.requests import RequestError
from localstack_dataplane.moto_state import elbv2_records as records


def call_as(context: Any, operation: str, parameters: Mapping[str, Any]) -> Any:
    """Ask moto for another operation than the caller did, in his name."""
    asked = create_aws_request_context(
        service_name="elbv2",
        action=operation,
        parameters=dict(parameters),
        region=context.region,
        protocol=context.protocol,
    )
    headers = dict(context.request.headers)
    headers.update(asked.request.headers)
    asked.request.headers = type(asked.request.headers)(headers)
    return call_moto(asked)


def _create_target_group(context: Any, request: Mapping[str, Any]) -> Any:
    """The same call twice makes one target group; another one of that name is refused by moto."""
    requests.check_health(request)
    present = records.group_named(context.account_id, context.region, request["Name"])
    if present is not None and records.is_group_as_asked(present, request):
        return {"TargetGroups": [_described(context, present.arn)]}
    return call_moto(context)


def _described(context: Any, arn: str) -> Any:
    answer = call_as(context, "DescribeTargetGroups", {"TargetGroupArns": [arn]})
    return _with_load_balancers(context, answer)["TargetGroups"][0]


def _describe_target_groups(context: Any, request: Mapping[str, Any]) -> Any:
    arn = request.get("LoadBalancerArn")
    if not arn or records.load_balancer(context.account_id, context.region, arn) is None:
        return _with_load_balancers(context, call_moto(context))
    # Moto does not see what ModifyListener, ModifyRule and the deletions change.
    answer = _with_load_balancers(context, call_as(context, "DescribeTargetGroups", {}))
    return {"TargetGroups": [group for group in answer["TargetGroups"] if arn in group["LoadBalancerArns"]]}


def _with_load_balancers(context: Any, answer: Any) -> Any:
    for group in answer["TargetGroups"]:
        arn = group["TargetGroupArn"]
        group["LoadBalancerArns"] = records.load_balancers_using(context.account_id, context.region, arn)
    return answer


def _modify_target_group(context: Any, request: Mapping[str, Any]) -> Any:
    requests.check_health(request)
    answer = call_moto(context)
    found = _group(context, request)
    matcher = (request.get("Matcher") or {}).get("HttpCode")
    if matcher:
        found.matcher = {"HttpCode": matcher}
        answer["TargetGroups"][0]["Matcher"] = dict(found.matcher)
    if request.get("HealthCheckEnabled") is not None:
        found.health_check_enabled = bool(request["HealthCheckEnabled"])
    return _with_load_balancers(context, answer)


def _register_targets(context: Any, request: Mapping[str, Any]) -> Any:
    found = _group(context, request)
    targets = requests.targets_asked(
        request, target_type=found.target_type, default_port=int(found.port or 1)
    )
    absent = records.missing_instances(context.account_id, context.region, [item.id for item in targets])
    if found.target_type == "instance" and absent:
        raise RequestError(
            "InvalidTarget",
            "The following targets are not in a running state and cannot be registered: "
            + ", ".join(f"'{item}'" for item in absent),
        )
    records.register(found, targets)
    return {}


def _deregister_targets(context: Any, request: Mapping[str, Any]) -> Any:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeregisterTargets.html."""
    found = _group(context, request)
    default_port = int(found.port or 1)
    records.deregister(
        found,
        [Target(str(item["Id"]), int(item.get("Port") or default_port)) for item in request["Targets"]],
    )
    return {}


def _group(context: Any, request: Mapping[str, Any]) -> Any:
    arn = request["TargetGroupArn"]
    found = records.group(context.account_id, context.region, arn)
    if found is None:
        raise RequestError("TargetGroupNotFound", f"Target groups '{arn}' not found")
    return found


def _describe_target_health(context: Any, request: Mapping[str, Any]) -> Any:
    """Targets have the state that their health checks gave them."""
    found = _group(context, request)
    known = records.target_health(request["TargetGroupArn"])
    asked = request.get("Targets") or []
    if asked:
        wanted = {_matching(item, known, int(found.port or 1)): None for item in asked}
        known = {target: known.get(target, NOT_REGISTERED) for target in wanted}
    check_port = str(found.health_check_port or "traffic-port")
    return {
        "TargetHealthDescriptions": [
            _description(target, health, check_port) for target, health in known.items()
        ]
    }


def _matching(asked: Mapping[str, Any], known: Mapping[Target, Health], default_port: int) -> Target:
    """The target that a request means; the port may be left out."""
    port = asked.get("Port")
    for target in known:
        if target.id == asked["Id"] and port in {None, target.port}:
            return target
    return Target(asked["Id"], int(port or default_port))


def _description(target: Target, health: Health, check_port: str) -> dict[str, Any]:
    state = {"State": str(health.state), "Reason": health.reason, "Description": health.description}
    return {
        "Target": {"Id": target.id, "Port": target.port},
        "HealthCheckPort": str(target.port) if check_port == "traffic-port" else check_port,
        "TargetHealth": {key: value for key, value in state.items() if value},
    }


HANDLERS: dict[str, Callable[[Any, Any], Any]] = {
    "CreateTargetGroup": _create_target_group,
    "DeregisterTargets": _deregister_targets,
    "DescribeTargetGroups": _describe_target_groups,
    "DescribeTargetHealth": _describe_target_health,
    "ModifyTargetGroup": _modify_target_group,
    "RegisterTargets": _register_targets,
}
