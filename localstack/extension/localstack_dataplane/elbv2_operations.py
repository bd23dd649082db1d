"""ELBv2 operations that differ from moto's, because a real proxy stands behind them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from localstack.aws.api import CommonServiceException
from localstack.services.moto import call_moto, call_moto_with_request

from localstack_dataplane import elbv2_target_operations
from localstack_dataplane.elbv2 import requests
from localstack_dataplane.elbv2.requests import RequestError
from localstack_dataplane.elbv2_target_operations import call_as
from localstack_dataplane.moto_state import elbv2_records as records

Handler = Callable[[Any, Any], Any]


def _create_load_balancer(context: Any, request: Mapping[str, Any]) -> Any:
    """The same call twice, as of a client that had no answer to the first, makes one load balancer."""
    requests.check_name(request["Name"])
    present = records.named(context.account_id, context.region, request["Name"])
    if present is None:
        if (request.get("Type") or "application") == "application":
            mapped = [item["SubnetId"] for item in request.get("SubnetMappings") or ()]
            subnets = [*(request.get("Subnets") or ()), *mapped]
            zones = records.zones(context.account_id, context.region, subnets)
            if len(zones) < len(subnets):
                raise RequestError("SubnetNotFound", "The specified subnet does not exist.")
            requests.check_zones(zones)
        _check_security_groups(context, request)
        return call_moto(context)
    if not records.is_as_asked(present, request):
        raise RequestError("DuplicateLoadBalancerName", "A load balancer with the same name already exists.")
    answer = call_as(context, "DescribeLoadBalancers", {"LoadBalancerArns": [present.arn]})
    balancer = answer["LoadBalancers"][0]
    state = records.state_of(context.account_id, context.region, present.arn)
    return {"LoadBalancers": [{**balancer, "State": {"Code": state}}]}


def _check_security_groups(context: Any, request: Mapping[str, Any]) -> None:
    wanted = request.get("SecurityGroups") or []
    if records.missing_security_groups(context.account_id, context.region, wanted):
        raise RequestError("InvalidSecurityGroup", "One or more security groups are invalid")


def _set_security_groups(context: Any, request: Mapping[str, Any]) -> Any:
    _check_security_groups(context, request)
    return call_moto(context)


def _describe_load_balancers(context: Any, request: Mapping[str, Any]) -> Any:
    """A load balancer is `provisioning` until its proxy takes requests."""
    for name in request.get("Names") or ():
        if records.named(context.account_id, context.region, name) is None:
            raise RequestError("LoadBalancerNotFound", f"Load balancers '[{name}]' not found")
    for arn in request.get("LoadBalancerArns") or ():
        _load_balancer(context, arn)
    response = call_moto(context)
    for balancer in response["LoadBalancers"]:
        balancer["State"] = {
            "Code": records.state_of(context.account_id, context.region, balancer["LoadBalancerArn"])
        }
    return response


def _load_balancer(context: Any, arn: str) -> Any:
    found = records.load_balancer(context.account_id, context.region, arn)
    if found is None:
        raise RequestError("LoadBalancerNotFound", f"Load balancers '[{arn}]' not found")
    return found


def _delete_load_balancer(context: Any, request: Mapping[str, Any]) -> Any:
    arn = request["LoadBalancerArn"]
    found = records.load_balancer(context.account_id, context.region, arn)
    if found is not None and found.attrs.get("deletion_protection.enabled") == "true":
        raise RequestError(
            "OperationNotPermitted",
            f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
        )
    return call_moto(context)


def _create_listener(context: Any, request: Mapping[str, Any]) -> Any:
    balancer = _load_balancer(context, request["LoadBalancerArn"])
    taken = {int(item.port) for item in balancer.listeners.values() if item.port is not None}
    requests.check_listener(request, protocol=request.get("Protocol") or "", taken=taken, certified=False)
    _check_certificates(context, request)
    _check_groups(context, balancer.arn, request.get("DefaultActions") or ())
    return call_moto(context)


def _modify_listener(context: Any, request: Mapping[str, Any]) -> Any:
    listener = records.listener(context.account_id, context.region, request["ListenerArn"])
    if listener is not None:
        balancer = _load_balancer(context, listener.load_balancer_arn)
        others = [item for item in balancer.listeners.values() if item is not listener]
        requests.check_listener(
            request,
            protocol=request.get("Protocol") or listener.protocol,
            taken={int(item.port) for item in others if item.port is not None},
            certified=bool(listener.certificates),
        )
        _check_certificates(context, request)
        _check_groups(context, balancer.arn, request.get("DefaultActions") or ())
    return call_moto(context)


def _add_listener_certificates(context: Any, request: Mapping[str, Any]) -> Any:
    """Certificates that the listener has already are left as they are."""
    _check_certificates(context, request)
    listener = records.listener(context.account_id, context.region, request["ListenerArn"])
    present = set(listener.certificates) if listener is not None else set()
    new = [item for item in request["Certificates"] if item["CertificateArn"] not in present]
    return call_moto_with_request(context, {**request, "Certificates": new})


def _check_certificates(context: Any, request: Mapping[str, Any]) -> None:
    for item in request.get("Certificates") or ():
        arn = item.get("CertificateArn") or ""
        if not records.has_certificate(context.account_id, context.region, arn):
            raise RequestError("CertificateNotFound", f"Certificate '{arn}' not found")


def _check_groups(context: Any, balancer_arn: str, actions: Iterable[Mapping[str, Any]]) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html."""
    for arn in records.target_group_arns(actions):
        if records.group(context.account_id, context.region, arn) is None:
            raise RequestError("TargetGroupNotFound", f"Target groups '{arn}' not found")
        others = set(records.load_balancers_using(context.account_id, context.region, arn)) - {balancer_arn}
        if others:
            raise RequestError(
                "TargetGroupAssociationLimit",
                f"The following target groups cannot be associated with more than one load balancer: {arn}",
            )


def _create_rule(context: Any, request: Mapping[str, Any]) -> Any:
    requests.check_priority(int(request["Priority"]))
    requests.check_conditions(request["Conditions"])
    listener = records.listener(context.account_id, context.region, request["ListenerArn"])
    if listener is not None:
        _check_groups(context, listener.load_balancer_arn, request["Actions"])
    return _with_expressions(context, request)


def _with_expressions(context: Any, request: Mapping[str, Any]) -> Any:
    """CreateRule and ModifyRule with regular expressions, which moto does not know: it is told of values."""
    conditions = request.get("Conditions") or []
    plain = requests.without_expressions(conditions)
    if plain == conditions:
        return call_moto(context)
    answer = call_moto_with_request(context, {**request, "Conditions": plain})
    for described in answer["Rules"]:
        described["Conditions"] = conditions
        records.rule(context.account_id, context.region, described["RuleArn"]).conditions = conditions
    return answer


def _modify_rule(context: Any, request: Mapping[str, Any]) -> Any:
    requests.check_conditions(request.get("Conditions") or ())
    rule = records.rule(context.account_id, context.region, request["RuleArn"])
    if rule is not None:
        listener = records.listener(context.account_id, context.region, rule.listener_arn)
        _check_groups(context, listener.load_balancer_arn, request.get("Actions") or ())
    return _with_expressions(context, request)


def _delete_rule(context: Any, request: Mapping[str, Any]) -> Any:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteRule.html."""
    arn = request["RuleArn"]
    rule = records.rule(context.account_id, context.region, arn)
    if rule is None:
        raise RequestError("RuleNotFound", "One or more rules not found")
    if rule.is_default:
        raise RequestError("OperationNotPermitted", f"Default rule '{arn}' cannot be deleted")
    return call_moto(context)


def _describe_tags(context: Any, request: Mapping[str, Any]) -> Any:
    for arn in request["ResourceArns"]:
        records.require(context.account_id, context.region, arn)
    return call_moto(context)


def _answering(handler: Handler) -> Handler:
    """What is refused is told in the way of LocalStack."""

    def call(context: Any, request: Any) -> Any:
        try:
            return handler(context, request)
        except RequestError as error:
            raise CommonServiceException(error.code, error.message) from error

    return call


OVERRIDES: dict[str, Handler] = {
    operation: _answering(handler)
    for operation, handler in {
        "AddListenerCertificates": _add_listener_certificates,
        "CreateListener": _create_listener,
        "CreateLoadBalancer": _create_load_balancer,
        "CreateRule": _create_rule,
        "DeleteLoadBalancer": _delete_load_balancer,
        "DeleteRule": _delete_rule,
        "DescribeTags": _describe_tags,
        "DescribeLoadBalancers": _describe_load_balancers,
        "ModifyListener": _modify_listener,
        "ModifyRule": _modify_rule,
        "SetSecurityGroups": _set_security_groups,
        **elbv2_target_operations.HANDLERS,
    }.items()
}
