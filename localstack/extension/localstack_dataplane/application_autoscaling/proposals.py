"""What a policy proposes when its alarm calls it."""

from collections.abc import Callable

from localstack_dataplane.application_autoscaling.adjustment import Step, StepScaling, TargetTracking
from localstack_dataplane.application_autoscaling.decision import Proposal
from localstack_dataplane.application_autoscaling.model import Policy
from localstack_dataplane.application_autoscaling.watch import Call

_COOLDOWN_SECONDS = 300
"""If left out, for an ECS service."""


def proposal(call: Call) -> Proposal | None:
    """The proposal of the policy that is called; None if it has none."""
    policy, alarm = call.policy, call.alarm
    cause = f"monitor alarm {alarm.name} in state {alarm.state} triggered policy {policy.name}"
    if policy.type == "StepScaling":
        steps = step_scaling(policy)
        difference = 0.0 if call.newest is None else call.newest - alarm.threshold
        return Proposal(
            policy=policy.name,
            cause=cause,
            capacity=lambda current: steps.capacity(current, difference, above=alarm.above),
            out_cooldown=steps.cooldown,
            in_cooldown=steps.cooldown,
        )
    if policy.type != "TargetTrackingScaling" or call.newest is None:
        return None
    tracking = target_tracking(policy)
    if not alarm.above and not tracking.scale_in:
        return None
    # Scaling in is done carefully: for the greatest load of all the time that the alarm looks back.
    metric = call.newest if alarm.above else max(call.values)
    return Proposal(
        policy=policy.name,
        cause=cause,
        capacity=_tracked(tracking, metric, out=alarm.above),
        out_cooldown=tracking.scale_out_cooldown,
        in_cooldown=tracking.scale_in_cooldown,
        tracking=True,
    )


def _tracked(tracking: TargetTracking, metric: float, *, out: bool) -> Callable[[int], int]:
    def capacity(current: int) -> int:
        wanted = tracking.capacity(current, metric)
        return max(wanted, current) if out else min(wanted, current)

    return capacity


def step_scaling(policy: Policy) -> StepScaling:
    """The configuration of a step scaling policy."""
    given = policy.configuration
    return StepScaling(
        adjustment_type=given["AdjustmentType"],
        steps=tuple(
            Step(
                adjustment=item["ScalingAdjustment"],
                lower=item.get("MetricIntervalLowerBound"),
                upper=item.get("MetricIntervalUpperBound"),
            )
            for item in given["StepAdjustments"]
        ),
        minimum_magnitude=given.get("MinAdjustmentMagnitude") or 0,
        cooldown=given.get("Cooldown", _COOLDOWN_SECONDS),
    )


def target_tracking(policy: Policy) -> TargetTracking:
    """The configuration of a target tracking policy."""
    given = policy.configuration
    return TargetTracking(
        target=float(given["TargetValue"]),
        scale_in=not given.get("DisableScaleIn"),
        scale_out_cooldown=given.get("ScaleOutCooldown", _COOLDOWN_SECONDS),
        scale_in_cooldown=given.get("ScaleInCooldown", _COOLDOWN_SECONDS),
    )
