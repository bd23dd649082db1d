"""What Elastic Load Balancing refuses, and what it takes twice.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Operations.html names each error
at its operation.
"""

from typing import Any

import pytest
from balancing import Front, fixed, forward
from botocore.exceptions import ClientError
from contract import REGION, Cloud, unique

ACCOUNT_ARN = f"arn:aws:elasticloadbalancing:{REGION}:000000000000"
NO_GROUP = f"{ACCOUNT_ARN}:targetgroup/none/0123456789abcdef"
NO_BALANCER = f"{ACCOUNT_ARN}:loadbalancer/app/none/0123456789abcdef"
NO_LISTENER = f"{ACCOUNT_ARN}:listener/app/none/0123456789abcdef/0123456789abcdef"
NO_RULE = f"{ACCOUNT_ARN}:listener-rule/app/none/0123456789abcdef/0123456789abcdef/0123456789abcdef"
NO_CERTIFICATE = f"arn:aws:acm:{REGION}:000000000000:certificate/00000000-0000-0000-0000-000000000000"
PATH = [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/a"]}}]


def code(call: Any, **arguments: Any) -> str:
    """Returns the error code of a call that is refused; it is the caller's fault."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    answer = caught.value.response
    assert 400 <= answer["ResponseMetadata"]["HTTPStatusCode"] < 500, answer
    return str(answer["Error"]["Code"])


@pytest.fixture(scope="module")
def listener(front: Front) -> str:
    return front.listener(fixed("default"))[0]


@pytest.fixture(scope="module")
def group(front: Front) -> str:
    return front.group()


@pytest.mark.parametrize(
    ("operation", "arguments", "expected"),
    [
        ("describe_load_balancers", {"LoadBalancerArns": [NO_BALANCER]}, "LoadBalancerNotFound"),
        ("describe_load_balancers", {"Names": ["none"]}, "LoadBalancerNotFound"),
        ("describe_target_groups", {"TargetGroupArns": [NO_GROUP]}, "TargetGroupNotFound"),
        ("describe_target_groups", {"Names": ["none"]}, "TargetGroupNotFound"),
        ("describe_target_health", {"TargetGroupArn": NO_GROUP}, "TargetGroupNotFound"),
        ("describe_listeners", {"ListenerArns": [NO_LISTENER]}, "ListenerNotFound"),
        ("describe_rules", {"RuleArns": [NO_RULE]}, "RuleNotFound"),
        ("describe_tags", {"ResourceArns": [NO_BALANCER]}, "LoadBalancerNotFound"),
        (
            "register_targets",
            {"TargetGroupArn": NO_GROUP, "Targets": [{"Id": "10.0.0.1"}]},
            "TargetGroupNotFound",
        ),
        (
            "deregister_targets",
            {"TargetGroupArn": NO_GROUP, "Targets": [{"Id": "10.0.0.1"}]},
            "TargetGroupNotFound",
        ),
        ("modify_target_group", {"TargetGroupArn": NO_GROUP, "HealthCheckPath": "/"}, "TargetGroupNotFound"),
        ("delete_listener", {"ListenerArn": NO_LISTENER}, "ListenerNotFound"),
        ("delete_rule", {"RuleArn": NO_RULE}, "RuleNotFound"),
        ("modify_rule", {"RuleArn": NO_RULE, "Actions": [fixed("a")]}, "RuleNotFound"),
        ("modify_listener", {"ListenerArn": NO_LISTENER, "Port": 80}, "ListenerNotFound"),
        (
            "create_rule",
            {"ListenerArn": NO_LISTENER, "Priority": 1, "Conditions": PATH, "Actions": [fixed("a")]},
            "ListenerNotFound",
        ),
        (
            "create_listener",
            {"LoadBalancerArn": NO_BALANCER, "Protocol": "HTTP", "Port": 80, "DefaultActions": [fixed("a")]},
            "LoadBalancerNotFound",
        ),
    ],
)
def test_what_is_not_there_is_told(cloud: Cloud, operation: str, arguments: Any, expected: str) -> None:
    assert code(getattr(cloud.client("elbv2"), operation), **arguments) == expected


def test_a_load_balancer_that_is_gone_can_be_deleted_again(front: Front) -> None:
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteLoadBalancer.html
    front.elb.delete_load_balancer(LoadBalancerArn=NO_BALANCER)


def test_a_port_has_one_listener(front: Front) -> None:
    _, port = front.listener(fixed("a"))
    assert (
        code(
            front.elb.create_listener,
            LoadBalancerArn=front.arn,
            Protocol="HTTP",
            Port=port,
            DefaultActions=[fixed("b")],
        )
        == "DuplicateListener"
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"DefaultActions": [forward(NO_GROUP)]}, "TargetGroupNotFound"),
        ({"Protocol": "HTTPS"}, "ValidationError"),
        (
            {"Protocol": "HTTPS", "Certificates": [{"CertificateArn": NO_CERTIFICATE}]},
            "CertificateNotFound",
        ),
        ({"Protocol": "TCP"}, "ValidationError"),
    ],
)
def test_a_listener_that_cannot_be_is_refused(front: Front, changes: Any, expected: str) -> None:
    settings = {"Protocol": "HTTP", "Port": 9999, "DefaultActions": [fixed("a")], **changes}
    assert code(front.elb.create_listener, LoadBalancerArn=front.arn, **settings) == expected


def test_a_priority_has_one_rule(front: Front, listener: str) -> None:
    rule = {"ListenerArn": listener, "Conditions": PATH, "Actions": [fixed("a")]}
    front.elb.create_rule(Priority=7, **rule)
    assert code(front.elb.create_rule, Priority=7, **rule) == "PriorityInUse"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Actions": [forward(NO_GROUP)]}, "TargetGroupNotFound"),
        ({"Conditions": [{"Field": "colour", "Values": ["red"]}]}, "ValidationError"),
        ({"Conditions": [{"Field": "source-ip", "SourceIpConfig": {"Values": []}}]}, "ValidationError"),
        ({"Priority": 50001}, "ValidationError"),
        (
            {"Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"Values": list("abcdef")}}]},
            "ValidationError",
        ),
    ],
)
def test_a_rule_that_cannot_be_is_refused(front: Front, listener: str, changes: Any, expected: str) -> None:
    rule = {"Priority": 99, "Conditions": PATH, "Actions": [fixed("a")], **changes}
    assert code(front.elb.create_rule, ListenerArn=listener, **rule) == expected


def test_the_default_rule_stays(front: Front, listener: str) -> None:
    rules = front.elb.describe_rules(ListenerArn=listener)["Rules"]
    (default,) = [rule for rule in rules if rule["IsDefault"]]
    assert code(front.elb.delete_rule, RuleArn=default["RuleArn"]) == "OperationNotPermitted"


def test_a_target_group_in_use_stays(front: Front) -> None:
    group = front.group()
    front.listener(forward(group))
    assert code(front.elb.delete_target_group, TargetGroupArn=group) == "ResourceInUse"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Name": "under_score"}, "ValidationError"),
        ({"VpcId": "vpc-0123456789abcdef0"}, "ValidationError"),
        ({"HealthCheckTimeoutSeconds": 6}, "ValidationError"),
        ({"Matcher": {"HttpCode": "fine"}}, "ValidationError"),
    ],
)
def test_a_target_group_that_cannot_be_is_refused(front: Front, changes: Any, expected: str) -> None:
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
    assert code(front.group, **changes) == expected


def test_a_target_group_is_made_once_and_another_of_that_name_is_refused(front: Front) -> None:
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
    name = unique("group")
    first = front.group(Name=name)
    settings = {
        "Name": name,
        "Protocol": "HTTP",
        "VpcId": front.cloud.network["vpc"],
        "TargetType": "ip",
        "HealthCheckPath": "/health",
        "HealthCheckIntervalSeconds": 5,
        "HealthCheckTimeoutSeconds": 2,
        "HealthyThresholdCount": 2,
        "UnhealthyThresholdCount": 2,
    }
    again = front.elb.create_target_group(Port=8000, **settings)["TargetGroups"][0]["TargetGroupArn"]
    assert again == first
    assert code(front.elb.create_target_group, Port=8001, **settings) == "DuplicateTargetGroupName"


def test_a_target_of_a_group_of_addresses_is_an_address(front: Front, group: str) -> None:
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetDescription.html
    found = code(front.elb.register_targets, TargetGroupArn=group, Targets=[{"Id": "i-0123456789abcdef0"}])
    assert found == "ValidationError"


def test_a_target_that_is_not_registered_can_be_taken_out(front: Front, group: str) -> None:
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeregisterTargets.html
    front.elb.deregister_targets(TargetGroupArn=group, Targets=[{"Id": "10.77.0.9"}])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Name": "a" * 33}, "ValidationError"),
        ({"Subnets": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]}, "SubnetNotFound"),
        ({"SecurityGroups": ["sg-0123456789abcdef0"]}, "InvalidSecurityGroup"),
    ],
)
def test_a_load_balancer_that_cannot_be_is_refused(front: Front, changes: Any, expected: str) -> None:
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
    settings = {"Name": unique("front"), "Subnets": front.cloud.network["subnets"], "Scheme": "internal"}
    assert code(front.elb.create_load_balancer, **{**settings, **changes}) == expected


def test_a_load_balancer_needs_two_zones(front: Front) -> None:
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
    subnets = front.cloud.network["subnets"][:1]
    found = code(front.elb.create_load_balancer, Name=unique("front"), Subnets=subnets, Scheme="internal")
    assert found == "ValidationError"


def test_a_load_balancer_that_is_protected_stays(front: Front) -> None:
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteLoadBalancer.html
    for value in ("true", "false"):
        front.elb.modify_load_balancer_attributes(
            LoadBalancerArn=front.arn, Attributes=[{"Key": "deletion_protection.enabled", "Value": value}]
        )
        if value == "true":
            found = code(front.elb.delete_load_balancer, LoadBalancerArn=front.arn)
    assert found == "OperationNotPermitted"


def test_an_attribute_that_is_none_is_refused(front: Front) -> None:
    attributes = [{"Key": "colour", "Value": "red"}]
    found = code(front.elb.modify_load_balancer_attributes, LoadBalancerArn=front.arn, Attributes=attributes)
    assert found in {"InvalidConfigurationRequest", "ValidationError"}
