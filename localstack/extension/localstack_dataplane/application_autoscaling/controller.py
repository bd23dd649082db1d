"""Scales ECS services: brings them into their range, runs scheduled actions, follows alarms."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from localstack_dataplane.application_autoscaling.cloudwatch import Metrics
from localstack_dataplane.application_autoscaling.decision import Decision, Proposal, Scaled, decide
from localstack_dataplane.application_autoscaling.model import (
    ECS_DIMENSION,
    Activity,
    ScalableTarget,
    ScheduledAction,
)
from localstack_dataplane.application_autoscaling.proposals import proposal, target_tracking
from localstack_dataplane.application_autoscaling.schedule import Schedule, scaled_now
from localstack_dataplane.application_autoscaling.services import Services, ServiceState
from localstack_dataplane.application_autoscaling.store import ScalingStore
from localstack_dataplane.application_autoscaling.watch import AlarmWatch
from localstack_dataplane.clock import now
from localstack_dataplane.config import Config

LOG = logging.getLogger(__name__)

_SCHEDULED_SUSPENDED = "ScheduledScalingSuspended"
_ATTEMPT = "Attempting to scale due to alarm triggered"


class ScalingController:
    """One pass does what has become due.

    Args:
        config: How fast the minutes of AWS pass.
        store: The targets, which the API handlers share.
        services: ECS.
        metrics: CloudWatch.
        clock: The time.
    """

    name = "application-autoscaling"

    def __init__(
        self,
        config: Config,
        store: ScalingStore,
        services: Services,
        metrics: Metrics,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._config, self._store, self._services, self._clock = config, store, services, clock
        self._watch = AlarmWatch(metrics, config.scaled)

    def reconcile(self) -> None:
        """One pass."""
        moment = self._clock()
        targets = [target for target in self._store.all_targets() if target.key[2] == ECS_DIMENSION]
        self._follow_activities(targets)
        for target in targets:
            self._run_schedules(target, moment)
            if target.enforce:
                self._enforce(target)
        called: dict[str, tuple[ScalableTarget, list[Proposal]]] = {}
        for call in self._watch.calls(targets, moment):
            made = proposal(call)
            if made is not None:
                called.setdefault(call.target.arn, (call.target, []))[1].append(made)
        for target, proposals in called.values():
            self._scale(target, proposals, moment)

    def _follow_activities(self, targets: list[ScalableTarget]) -> None:
        """An activity is over when as many tasks run as it asked for, or when others were asked for since."""
        for target in targets:
            open_ = [
                activity
                for activity in self._store.activities(target.account, target.region)
                if activity.key == target.key and activity.status == "InProgress"
            ]
            if not open_:
                continue
            state = self._services.state(target)
            for activity in open_:
                done = f"Successfully set desired count to {activity.capacity}."
                if state is None:
                    activity.end("Failed", f"{done} The service is no longer active.")
                elif state.desired != activity.capacity:
                    activity.end("Overridden", f"{done} It was set to {state.desired} since.")
                elif state.running == activity.capacity:
                    activity.end("Successful", f"{done} Change successfully fulfilled by ecs.")

    def _run_schedules(self, target: ScalableTarget, moment: datetime) -> None:
        for action in list(target.actions.values()):
            clock = scaled_now(action.since, moment, self._config.time_scale)
            due = Schedule.parse(action.schedule, action.timezone).due(
                action.seen_until, clock, action.start or action.since, action.end
            )
            action.seen_until = clock
            if due is not None and not target.suspended.get(_SCHEDULED_SUSPENDED):
                self._run(target, action)

    def _run(self, target: ScalableTarget, action: ScheduledAction) -> None:
        ends = {"min": action.action.get("MinCapacity"), "max": action.action.get("MaxCapacity")}
        what = " and ".join(f"{end} capacity to {value}" for end, value in ends.items() if value is not None)
        activity = Activity(
            key=target.key,
            description=f"Setting {what}",
            cause=f"scheduled action name {action.name} was triggered",
        )
        with self._store.lock:
            minimum = target.minimum if ends["min"] is None else ends["min"]
            maximum = target.maximum if ends["max"] is None else ends["max"]
            if minimum > maximum:
                activity.end("Failed", f"Failed to set {what}: minimum {minimum}, maximum {maximum}")
            else:
                target.minimum, target.maximum, target.enforce = minimum, maximum, True
                activity.end("Successful", f"Successfully set {what}")
        self._store.add_activity(target.account, target.region, activity)
        LOG.info("Scheduled action %s of %s: %s", action.name, target.resource, activity.message)

    def _enforce(self, target: ScalableTarget) -> None:
        target.enforce = False
        state = self._services.state(target)
        if state is None:
            return
        wanted = target.bounds.clamp(state.desired)
        if wanted != state.desired:
            end = "minimum" if wanted > state.desired else "maximum"
            self._set(target, wanted, f"{end} capacity was set to {wanted}")

    def _scale(self, target: ScalableTarget, proposals: list[Proposal], moment: datetime) -> None:
        state = self._services.state(target)
        if state is None:
            return
        decision = decide(
            proposals,
            capacity=state.desired,
            bounds=target.bounds,
            last=target.last,
            moment=moment,
            deploying=state.deploying,
            holding=self._some_not_low(target),
        )
        if decision is None:
            return
        if decision.reason:
            self._tell_not_scaled(target, decision, state)
        elif self._set(target, decision.after, decision.proposal.cause):
            until = moment + timedelta(seconds=self._config.scaled(decision.cooldown))
            target.last = Scaled(before=decision.before, after=decision.after, until=until)

    def _some_not_low(self, target: ScalableTarget) -> bool:
        """Whether some target tracking policy that may scale in does not want to."""
        return any(
            not any(
                self._watch.in_alarm(alarm["AlarmName"], target.account, target.region)
                for alarm in policy.alarms
                if "-AlarmLow-" in alarm["AlarmName"]
            )
            for policy in target.policies.values()
            if policy.type == "TargetTrackingScaling" and target_tracking(policy).scale_in
        )

    def _set(self, target: ScalableTarget, count: int, cause: str) -> bool:
        activity = Activity(
            key=target.key, description=f"Setting desired count to {count}.", cause=cause, capacity=count
        )
        problem = self._services.set_desired(target, count)
        if problem:
            activity.end("Failed", f"Failed to set desired count to {count}. Reason: {problem}")
        else:
            activity.message = (
                f"Successfully set desired count to {count}. Waiting for change to be fulfilled by ecs."
            )
        self._store.add_activity(target.account, target.region, activity)
        LOG.info("%s: %s Cause: %s", target.resource, activity.message, cause)
        return not problem

    def _tell_not_scaled(self, target: ScalableTarget, decision: Decision, state: ServiceState) -> None:
        reason = {
            "Code": decision.reason,
            "CurrentCapacity": state.desired,
            "MinCapacity": target.minimum,
            "MaxCapacity": target.maximum,
        }
        mine = (
            item for item in self._store.activities(target.account, target.region) if item.key == target.key
        )
        newest = next(mine, None)
        if newest is not None and (newest.cause, newest.not_scaled) == (decision.proposal.cause, [reason]):
            return  # told already
        activity = Activity(
            key=target.key, description=_ATTEMPT, cause=decision.proposal.cause, not_scaled=[reason]
        )
        activity.end("Successful", f"Not scaled: {decision.reason}")
        self._store.add_activity(target.account, target.region, activity)
