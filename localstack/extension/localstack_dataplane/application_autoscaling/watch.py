"""Evaluates the alarms that call scaling policies, and tells what they call."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from localstack_dataplane.application_autoscaling.alarms import Alarm, evaluate
from localstack_dataplane.application_autoscaling.cloudwatch import Metrics
from localstack_dataplane.application_autoscaling.model import Policy, ScalableTarget

_LONGEST_SECONDS = 60
"""CloudWatch looks at an alarm once a minute, at one of a shorter period once a period."""

_PAUSE = timedelta(seconds=0.5)
"""Passes may follow each other closely, when much happens; alarms are not asked for at each."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """An alarm that calls a policy.

    Attributes:
        target: What the policy scales.
        policy: What it calls.
        alarm: In the state that it is in now.
        values: Its newest data points, oldest first; empty if there are none.
    """

    target: ScalableTarget
    policy: Policy
    alarm: Alarm
    values: Sequence[float]

    @property
    def newest(self) -> float | None:
        """The newest data point; None if there is none."""
        return self.values[-1] if self.values else None


class AlarmWatch:
    """Knows the state of every alarm that calls a policy.

    Args:
        metrics: CloudWatch.
        scaled: Seconds of AWS -> seconds here.
    """

    def __init__(self, metrics: Metrics, scaled: Callable[[float], float]) -> None:
        self._metrics, self._scaled = metrics, scaled
        self._due: dict[str, datetime] = {}
        self._states: dict[str, str] = {}
        self._looked: datetime | None = None

    def calls(self, targets: Iterable[ScalableTarget], moment: datetime) -> list[Call]:
        """Evaluate the alarms that are due and say which policies they call.

        An alarm calls its policies at each evaluation as long as it stays in the state, and at once when
        somebody set its state.
        """
        policies = {policy.arn: (target, policy) for target in targets for policy in target.policies.values()}
        places = {(target.account, target.region) for target, _ in policies.values()}
        found: list[Call] = []
        present: set[str] = set()
        for account, region in sorted(places):
            for alarm in self._metrics.alarms(account, region):
                if not any(action in policies for actions in alarm.actions.values() for action in actions):
                    continue
                present.add(alarm.arn)
                seen = self._look(alarm, account, region, moment)
                if seen is None:
                    continue
                now, values = seen
                for action in now.actions.get(now.state, ()):
                    if action in policies:
                        target, policy = policies[action]
                        found.append(Call(target=target, policy=policy, alarm=now, values=values))
        for arn in self._states.keys() - present:
            del self._states[arn]
            self._due.pop(arn, None)
        return found

    def in_alarm(self, name: str, account: str, region: str) -> bool:
        """Whether an alarm that was evaluated is in state ALARM."""
        return self._states.get(f"arn:aws:cloudwatch:{region}:{account}:alarm:{name}") == "ALARM"

    def _look(
        self, alarm: Alarm, account: str, region: str, moment: datetime
    ) -> tuple[Alarm, list[float]] | None:
        was_set = self._states.get(alarm.arn, alarm.state) != alarm.state
        if not was_set and moment < self._due.get(alarm.arn, moment):
            return None
        values = self._metrics.values(alarm, account, region, moment)
        known = [value for value in values if value is not None][-alarm.periods :]
        state = alarm.state if was_set else evaluate(alarm, values)
        if state != alarm.state:
            self._metrics.set_state(alarm, account, region, state, _reason(alarm, known))
        self._states[alarm.arn] = state
        self._due[alarm.arn] = moment + timedelta(seconds=self._scaled(min(alarm.period, _LONGEST_SECONDS)))
        return replace(alarm, state=state), known


def _reason(alarm: Alarm, known: Sequence[float]) -> str:
    """In the words of CloudWatch."""
    if not known:
        return f"Insufficient Data: no datapoints were received for {alarm.periods} periods."
    breaching = sum(alarm.breaches(value) for value in known)
    newest = ", ".join(str(value) for value in reversed(known))
    return (
        f"Threshold Crossed: {breaching} of the last {len(known)} datapoints [{newest}] breached the "
        f"threshold ({alarm.threshold}) by {alarm.comparison}; {alarm.needed} are needed for ALARM."
    )
