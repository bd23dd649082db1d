"""LocalStack evaluates alarms, too: as rarely as all their periods last, and no time scale shortens them.

Those that call scaling policies are left to the data plane, so that the two do not contradict each other.
"""

from localstack.services.cloudwatch import alarm_scheduler

_POLICY = ":scalingPolicy:"


def leave_scaling_alarms() -> None:
    """Make LocalStack leave alarms alone that have a scaling policy among their actions."""
    calculate = alarm_scheduler.calculate_alarm_state
    details = alarm_scheduler.get_metric_alarm_details_for_alarm_arn

    def calculate_others(alarm_arn: str) -> None:
        alarm = details(alarm_arn) or {}
        members = ("AlarmActions", "OKActions", "InsufficientDataActions")
        if not any(_POLICY in action for member in members for action in alarm.get(member) or ()):
            calculate(alarm_arn)

    alarm_scheduler.calculate_alarm_state = calculate_others
