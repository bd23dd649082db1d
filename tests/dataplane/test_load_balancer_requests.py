"""What Elastic Load Balancing refuses."""

from collections.abc import Mapping
from typing import Any

import pytest

from localstack_dataplane.elbv2 import requests
from localstack_dataplane.elbv2.model import Target
from localstack_dataplane.elbv2.requests import RequestError


def code(check: Any, *arguments: Any, **keywords: Any) -> str:
    with pytest.raises(RequestError) as caught:
        check(*arguments, **keywords)
    return caught.value.code


@pytest.mark.parametrize("name", ["a" * 33, "under_score", "-web", "web-", "internal-web"])
def test_a_name_that_aws_does_not_take_is_refused(name: str) -> None:
    assert code(requests.check_name, name) == "ValidationError"


def test_one_zone_is_not_enough() -> None:
    assert code(requests.check_zones, ["a"]) == "ValidationError"


def test_two_subnets_in_one_zone_are_refused() -> None:
    assert code(requests.check_zones, ["a", "a"]) == "InvalidConfigurationRequest"


@pytest.mark.parametrize(
    "request_",
    [
        {"HealthCheckIntervalSeconds": 4},
        {"HealthCheckTimeoutSeconds": 121},
        {"HealthyThresholdCount": 1},
        {"UnhealthyThresholdCount": 11},
        {"Matcher": {"HttpCode": "fine"}},
        {"HealthCheckPath": "health"},
    ],
)
def test_a_health_check_outside_of_its_range_is_refused(request_: Mapping[str, Any]) -> None:
    assert code(requests.check_health, request_) == "ValidationError"


@pytest.mark.parametrize("codes", ["200", "200-399", "200,302", "200-299,404"])
def test_matchers_as_aws_writes_them_are_taken(codes: str) -> None:
    requests.check_health({"Matcher": {"HttpCode": codes}})


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"Port": 80}, "DuplicateListener"),
        ({"Port": 70000}, "ValidationError"),
        ({"Port": 443}, "ValidationError"),
    ],
)
def test_a_listener_needs_a_free_port_and_a_certificate(request_: Mapping[str, Any], expected: str) -> None:
    found = code(requests.check_listener, request_, protocol="HTTPS", taken={80}, certified=False)
    assert found == expected


def test_a_listener_that_has_a_certificate_need_not_be_given_another() -> None:
    requests.check_listener({}, protocol="HTTPS", taken=(), certified=True)


def test_the_last_priority_is_50000() -> None:
    requests.check_priority(50000)
    assert code(requests.check_priority, 50001) == "ValidationError"


def test_a_rule_compares_with_five_values() -> None:
    conditions: list[dict[str, Any]] = [
        {"Field": "path-pattern", "PathPatternConfig": {"Values": ["a", "b"], "RegexValues": ["c"]}},
        {"Field": "host-header", "Values": ["d", "e"]},
    ]
    requests.check_conditions(conditions)
    one_more = [*conditions, {"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8"]}}]
    assert code(requests.check_conditions, one_more) == "ValidationError"


def test_an_expression_that_is_none_is_refused() -> None:
    conditions = [{"Field": "path-pattern", "PathPatternConfig": {"RegexValues": ["("]}}]
    assert code(requests.check_conditions, conditions) == "ValidationError"


def test_moto_is_told_of_expressions_as_values() -> None:
    conditions = [{"Field": "path-pattern", "PathPatternConfig": {"RegexValues": ["^/a$"]}}]
    assert requests.without_expressions(conditions) == [
        {"Field": "path-pattern", "PathPatternConfig": {"Values": ["^/a$"]}}
    ]


def asked(*targets: Mapping[str, Any], target_type: str = "ip") -> list[Target]:
    return requests.targets_asked({"Targets": targets}, target_type=target_type, default_port=80)


def test_a_target_without_port_has_that_of_its_group() -> None:
    assert asked({"Id": "10.0.0.1"}, {"Id": "10.0.0.1", "Port": 81}) == [
        Target("10.0.0.1", 80),
        Target("10.0.0.1", 81),
    ]


@pytest.mark.parametrize(
    ("target", "target_type", "expected"),
    [
        ({"Id": "i-0a"}, "ip", "ValidationError"),
        ({"Id": "10.0.0.1"}, "instance", "InvalidTarget"),
        ({"Id": "10.0.0.1", "Port": 65536}, "ip", "ValidationError"),
    ],
)
def test_a_target_of_another_kind_is_refused(target: Any, target_type: str, expected: str) -> None:
    assert code(asked, target, target_type=target_type) == expected
