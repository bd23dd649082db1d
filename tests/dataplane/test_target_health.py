import pytest

from localstack_dataplane.elbv2.health import (
    NOT_CHECKED,
    NOT_IN_USE,
    REGISTERED,
    Health,
    Probe,
    State,
    after,
    deregistered,
    just_deregistered,
    matches,
    registered,
    routable,
)
from localstack_dataplane.elbv2.model import HealthCheck, Target

CHECK = HealthCheck(healthy_threshold=3, unhealthy_threshold=2, matcher="200-299")
GOOD, BAD = Probe(status=200), Probe(status=500)
HEALTHY = Health(state=State.HEALTHY)
UNHEALTHY = Health(state=State.UNHEALTHY)


def history(*probes: Probe, start: Health = REGISTERED) -> Health:
    health = start
    for probe in probes:
        health = after(health, probe, CHECK)
    return health


def test_a_new_target_is_initial() -> None:
    assert registered(None, in_use=True, check=CHECK) == REGISTERED


def test_a_new_target_is_healthy_after_one_passed_check() -> None:
    assert history(GOOD).state is State.HEALTHY


def test_a_new_target_stays_initial_below_the_unhealthy_threshold() -> None:
    health = history(BAD)
    assert (health.state, health.reason) == (State.INITIAL, "Elb.InitialHealthChecking")


def test_a_new_target_is_unhealthy_at_the_unhealthy_threshold() -> None:
    assert history(BAD, BAD).state is State.UNHEALTHY


def test_a_healthy_target_survives_one_failed_check() -> None:
    assert history(BAD, start=HEALTHY).state is State.HEALTHY


def test_failed_checks_count_only_in_a_row() -> None:
    assert history(BAD, GOOD, BAD, start=HEALTHY).state is State.HEALTHY


def test_an_unhealthy_target_needs_the_healthy_threshold() -> None:
    assert history(GOOD, GOOD, start=UNHEALTHY).state is State.UNHEALTHY
    assert history(GOOD, GOOD, GOOD, start=UNHEALTHY).state is State.HEALTHY


def test_passed_checks_of_an_unhealthy_target_count_only_in_a_row() -> None:
    assert history(GOOD, GOOD, BAD, GOOD, GOOD, start=UNHEALTHY).state is State.UNHEALTHY


@pytest.mark.parametrize(
    ("probe", "reason", "description"),
    [
        (BAD, "Target.ResponseCodeMismatch", "Health checks failed with these codes: [500]"),
        (Probe(timed_out=True), "Target.Timeout", "Request timed out"),
        (Probe(), "Target.FailedHealthChecks", "Health checks failed"),
    ],
)
def test_an_unhealthy_target_says_why(probe: Probe, reason: str, description: str) -> None:
    health = history(probe, probe)
    assert (health.reason, health.description) == (reason, description)


def test_a_healthy_target_has_no_reason() -> None:
    assert history(GOOD).reason == ""


def test_a_tcp_check_passes_when_a_connection_is_made() -> None:
    assert after(REGISTERED, Probe(status=0), HealthCheck(protocol="TCP")).state is State.HEALTHY


def test_targets_of_a_group_that_nothing_forwards_to_are_unused() -> None:
    assert registered(HEALTHY, in_use=False, check=CHECK) == NOT_IN_USE


def test_an_unused_target_starts_again_as_initial() -> None:
    assert registered(NOT_IN_USE, in_use=True, check=CHECK) == REGISTERED


def test_targets_without_health_checks_are_unavailable() -> None:
    assert registered(None, in_use=True, check=HealthCheck(enabled=False)) == NOT_CHECKED


def test_a_deregistered_target_drains() -> None:
    health = deregistered(HEALTHY, now=10, delay=5)
    assert health is not None
    assert (health.state, health.reason) == (State.DRAINING, "Target.DeregistrationInProgress")


@pytest.mark.parametrize("known", [HEALTHY, UNHEALTHY, REGISTERED])
def test_a_target_drains_from_the_moment_it_is_deregistered(known: Health) -> None:
    assert just_deregistered(known).state is State.DRAINING


def test_what_was_not_used_drains_at_no_time() -> None:
    assert just_deregistered(NOT_IN_USE) == NOT_IN_USE


def test_a_draining_target_is_gone_after_the_delay() -> None:
    health = deregistered(HEALTHY, now=10, delay=5)
    assert health is not None
    assert deregistered(health, now=14.9, delay=5) == health
    assert deregistered(health, now=15, delay=5) is None


def test_a_target_registered_again_while_it_drains_is_initial() -> None:
    draining = deregistered(HEALTHY, now=10, delay=5)
    assert registered(draining, in_use=True, check=CHECK) == REGISTERED


def test_an_unused_target_does_not_drain() -> None:
    assert deregistered(NOT_IN_USE, now=0, delay=5) is None


def test_requests_go_to_healthy_targets_only() -> None:
    targets = {Target("a", 1): HEALTHY, Target("b", 1): UNHEALTHY, Target("c", 1): REGISTERED}
    assert routable(targets) == (Target("a", 1),)


def test_requests_go_to_all_unhealthy_targets_when_none_is_healthy() -> None:
    targets = {Target("b", 1): UNHEALTHY, Target("a", 1): UNHEALTHY, Target("c", 1): REGISTERED}
    assert routable(targets) == (Target("a", 1), Target("b", 1))


def test_requests_go_to_no_draining_target() -> None:
    draining = Health(state=State.DRAINING, draining_since=0)
    assert routable({Target("a", 1): draining}) == ()


def test_requests_go_to_targets_that_are_not_checked() -> None:
    assert routable({Target("a", 1): NOT_CHECKED}) == (Target("a", 1),)


@pytest.mark.parametrize(
    ("matcher", "status", "expected"),
    [
        ("200", 200, True),
        ("200", 201, False),
        ("200,404", 404, True),
        ("200-399,404", 302, True),
        ("200-399,404", 400, False),
    ],
)
def test_a_matcher_lists_codes_and_ranges(matcher: str, status: int, expected: bool) -> None:
    assert matches(matcher, status) is expected
