"""Health of targets.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
"""

import time
from dataclasses import dataclass
from typing import Any

import pytest
from balancing import HEALTH_CHECK, Front, forward
from contract import Cloud, wait_for


@dataclass
class Scene:
    """Target groups of one server, each behind a listener, but for `unused`."""

    front: Front
    address: str
    groups: dict[str, str]
    ports: dict[str, int]
    first: dict[str, list[tuple[str, str]]]


@pytest.fixture(scope="module")
def scene(front: Front, servers: dict[str, str]) -> Scene:
    address = front.serve("patient")["patient"]
    settings: dict[str, dict[str, Any]] = {
        "healthy": {},
        "mismatch": {"HealthCheckPath": "/status/404"},
        "matched": {"HealthCheckPath": "/status/404", "Matcher": {"HttpCode": "200-299,404"}},
        "timeout": {"HealthCheckPath": "/slow/9"},
        "closed": {"HealthCheckPort": "9"},
        "draining": {},
        "changed": {"HealthCheckPath": "/status/500"},
    }
    groups = {name: front.group(**changes) for name, changes in settings.items()}
    ports = {name: front.listener(forward(group))[1] for name, group in groups.items()}
    groups["unused"] = front.group()
    # A load balancer that takes requests at each of the ports, so that groups are in use.
    front.elb.modify_target_group_attributes(
        TargetGroupArn=groups["draining"],
        Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "6"}],
    )
    first = {}
    for name, group in groups.items():
        front.elb.register_targets(TargetGroupArn=group, Targets=[{"Id": address}])
        first[name] = front.health(group)
    return Scene(front, address, groups, ports, first)


def test_a_target_is_initial_until_it_was_checked_often_enough(scene: Scene) -> None:
    ((state, reason),) = scene.first["timeout"]
    assert state == "initial"
    assert reason in {"Elb.RegistrationInProgress", "Elb.InitialHealthChecking"}


def test_a_target_that_answers_as_wanted_is_healthy(scene: Scene) -> None:
    scene.front.wait_for_health(scene.groups["healthy"], "healthy")


def test_a_target_that_nobody_forwards_to_is_unused(scene: Scene) -> None:
    scene.front.wait_for_health(scene.groups["unused"], "unused", "Target.NotInUse")


def test_a_status_outside_of_the_matcher_is_unhealthy_and_told(scene: Scene) -> None:
    scene.front.wait_for_health(scene.groups["mismatch"], "unhealthy", "Target.ResponseCodeMismatch")
    (found,) = scene.front.elb.describe_target_health(TargetGroupArn=scene.groups["mismatch"])[
        "TargetHealthDescriptions"
    ]
    assert found["TargetHealth"]["Description"] == "Health checks failed with these codes: [404]"


def test_a_status_of_the_matcher_is_healthy(scene: Scene) -> None:
    scene.front.wait_for_health(scene.groups["matched"], "healthy")


def test_a_check_without_answer_in_time_fails(scene: Scene) -> None:
    scene.front.wait_for_health(scene.groups["timeout"], "unhealthy", "Target.Timeout")


def test_a_port_where_nothing_listens_fails(scene: Scene) -> None:
    scene.front.wait_for_health(scene.groups["closed"], "unhealthy", "Target.FailedHealthChecks")


def test_a_health_check_that_was_changed_counts_passes_again(scene: Scene) -> None:
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyTargetGroup.html
    group = scene.groups["changed"]
    scene.front.wait_for_health(group, "unhealthy", "Target.ResponseCodeMismatch")
    scene.front.elb.modify_target_group(TargetGroupArn=group, Matcher={"HttpCode": "500"})
    changed = time.monotonic()
    scene.front.wait_for_health(group, "healthy")
    # Two passes, each at most an interval after the one before: the first alone is not enough.
    assert time.monotonic() - changed >= HEALTH_CHECK["HealthCheckIntervalSeconds"] - 1


def test_unhealthy_targets_are_asked_when_there_are_no_others(scene: Scene) -> None:
    scene.front.wait_for_health(scene.groups["mismatch"], "unhealthy", "Target.ResponseCodeMismatch")
    answer = scene.front.ask({"open": {"port": scene.ports["mismatch"]}})["open"]
    assert answer["status"] == 200


def test_a_target_taken_out_finishes_its_requests_and_gets_no_more(scene: Scene, cloud: Cloud) -> None:
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
    front, group, port = scene.front, scene.groups["draining"], scene.ports["draining"]
    front.wait_for_health(group, "healthy")
    task = front.start_asking(
        {
            "under way": {"port": port, "path": "/slow/2"},
            "afterwards": {"port": port, "after": 4},
        }
    )
    wait_for(
        "the request is under way",
        lambda: cloud.log(task),
        lambda lines: lines,
        timeout_seconds=60,
        interval_seconds=0.2,
    )
    front.elb.deregister_targets(TargetGroupArn=group, Targets=[{"Id": scene.address}])
    deregistered = time.monotonic()
    # At once: ECS stops a task when its targets no longer drain.
    assert front.health(group) == [("draining", "Target.DeregistrationInProgress")]
    wait_for(
        "the target is forgotten",
        lambda: front.health(group),
        lambda found: found == [],
        timeout_seconds=30,
        interval_seconds=0.5,
    )
    assert time.monotonic() - deregistered >= 5
    asked = {"Id": scene.address}
    found = front.elb.describe_target_health(TargetGroupArn=group, Targets=[asked])
    health = found["TargetHealthDescriptions"][0]["TargetHealth"]
    assert (health["State"], health["Reason"]) == ("unused", "Target.NotRegistered")
    answers = front.answers(task)
    assert (answers["under way"].get("status"), answers["afterwards"].get("status")) == (200, 503), answers


def test_one_address_may_have_several_ports(scene: Scene) -> None:
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RegisterTargets.html
    group = scene.front.group()
    targets = [{"Id": scene.address, "Port": port} for port in (8000, 8001)]
    scene.front.elb.register_targets(TargetGroupArn=group, Targets=targets)
    described = scene.front.elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    assert sorted(item["Target"]["Port"] for item in described) == [8000, 8001]
    scene.front.elb.deregister_targets(TargetGroupArn=group, Targets=targets[:1])
    assert [port for _, port in ports_of(scene.front, group)] == [8001]


def ports_of(front: Front, group: str) -> list[tuple[str, int]]:
    """Returns the targets that are registered."""
    described = front.elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    return [
        (item["Target"]["Id"], item["Target"]["Port"])
        for item in described
        if item["TargetHealth"]["State"] != "draining"
    ]
