"""The life of a target as an Application Load Balancer sees it, without clock, thread or network.

States and reasons are those of DescribeTargetHealth:
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from localstack_dataplane.elbv2.model import HealthCheck, Target


class State(StrEnum):
    """State of a target."""

    INITIAL = "initial"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    UNUSED = "unused"
    DRAINING = "draining"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class Probe:
    """Outcome of one check: the status code, or none and whether that was for lack of time."""

    status: int | None = None
    timed_out: bool = False


@dataclass(frozen=True, kw_only=True)
class Health:
    """What is known of a target.

    Attributes:
        reason: Empty for a healthy target.
        passed: Checks passed in a row.
        failed: Checks failed in a row.
        draining_since: When it was deregistered, in seconds of a monotonic clock; None while registered.
    """

    state: State
    reason: str = ""
    description: str = ""
    passed: int = 0
    failed: int = 0
    draining_since: float | None = None

    @property
    def checked(self) -> bool:
        """Whether the target is to be checked at all."""
        return self.state in {State.INITIAL, State.HEALTHY, State.UNHEALTHY}


REGISTERED = Health(
    state=State.INITIAL,
    reason="Elb.RegistrationInProgress",
    description="Target registration is in progress",
)
NOT_IN_USE = Health(
    state=State.UNUSED,
    reason="Target.NotInUse",
    description="Target group is not configured to receive traffic from the load balancer",
)
NOT_REGISTERED = Health(
    state=State.UNUSED,
    reason="Target.NotRegistered",
    description="Target is not registered to the target group",
)
NOT_CHECKED = Health(
    state=State.UNAVAILABLE,
    reason="Target.HealthCheckDisabled",
    description="Health checks are not enabled for this target",
)


def matches(matcher: str, status: int) -> bool:
    """Whether a status code is one of a matcher's, such as `200`, `200,302` or `200-399,404`."""
    for part in matcher.split(","):
        low, _, high = part.strip().partition("-")
        if low.isdecimal() and int(low) <= status <= int(high or low):
            return True
    return False


def registered(known: Health | None, *, in_use: bool, check: HealthCheck) -> Health:
    """Health of a registered target before its next check.

    Args:
        known: What was known; None for a new target.
        in_use: Whether a rule of a load balancer forwards to its group.
        check: How its group is checked.
    """
    if not in_use:
        return NOT_IN_USE
    if not check.enabled:
        return NOT_CHECKED
    if known is None or not known.checked:
        return REGISTERED
    return known


def after(health: Health, probe: Probe, check: HealthCheck) -> Health:
    """Health after one more check.

    A new target is healthy after its first passed check and unhealthy after as many failed ones as an
    unhealthy one needs; later both thresholds count.
    """
    if _passes(probe, check):
        passed = health.passed + 1
        if health.state is not State.UNHEALTHY or passed >= check.healthy_threshold:
            return Health(state=State.HEALTHY, passed=passed)
        return replace(health, passed=passed, failed=0)
    failed = health.failed + 1
    reason, description = _failure(probe)
    if health.state is State.UNHEALTHY or failed >= check.unhealthy_threshold:
        return Health(state=State.UNHEALTHY, reason=reason, description=description, failed=failed)
    if health.state is State.INITIAL:
        return Health(
            state=State.INITIAL,
            reason="Elb.InitialHealthChecking",
            description="Initial health checks in progress",
            failed=failed,
        )
    return replace(health, passed=0, failed=failed)


DRAINING = Health(
    state=State.DRAINING,
    reason="Target.DeregistrationInProgress",
    description="Target deregistration is in progress",
)


def deregistered(known: Health, now: float, delay: float) -> Health | None:
    """Health of a target that is no longer registered; None when there is nothing more to say of it."""
    if known.state is State.UNUSED:
        return None
    since = known.draining_since if known.draining_since is not None else now
    if now - since >= delay:
        return None
    return replace(DRAINING, draining_since=since)


def just_deregistered(known: Health) -> Health:
    """Health of a target that is no longer registered, until the load balancer has taken notice."""
    return known if known.state in {State.UNUSED, State.DRAINING} else DRAINING


def routable(targets: Mapping[Target, Health]) -> tuple[Target, ...]:
    """Targets that get new requests: the healthy ones or, if there is none, the unhealthy ones.

    The second is what AWS calls failing open.
    """
    good = [
        target for target, health in targets.items() if health.state in {State.HEALTHY, State.UNAVAILABLE}
    ]
    bad = [target for target, health in targets.items() if health.state is State.UNHEALTHY]
    return tuple(sorted(good or bad))


def _passes(probe: Probe, check: HealthCheck) -> bool:
    if probe.status is None:
        return False
    return check.protocol == "TCP" or matches(check.matcher, probe.status)


def _failure(probe: Probe) -> tuple[str, str]:
    if probe.status is not None:
        return "Target.ResponseCodeMismatch", f"Health checks failed with these codes: [{probe.status}]"
    if probe.timed_out:
        return "Target.Timeout", "Request timed out"
    return "Target.FailedHealthChecks", "Health checks failed"
