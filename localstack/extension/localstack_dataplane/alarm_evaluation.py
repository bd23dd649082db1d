"""LocalStack evaluates alarms, too: as rarely as all their periods last, and no time scale shortens them.

Those that call scaling policies are left to the data plane, so that the two do not contradict each other. The
others are looked at each minute, as by AWS.
"""

from localstack.services.cloudwatch import alarm_scheduler

_POLICY = ":scalingPolicy:"
_EVERY_SECONDS = 60


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


def look_each_minute() -> None:
    """Make LocalStack look at an alarm each minute, however many minutes it looks back."""
    schedule = alarm_scheduler.AlarmScheduler.schedule_metric_alarm

    def schedule_often(scheduler: alarm_scheduler.AlarmScheduler, alarm_arn: str) -> None:
        schedule(scheduler, alarm_arn)
        task = scheduler.scheduled_alarms.get(alarm_arn)
        if task is not None and task.period is not None:
            task.period = min(task.period, _EVERY_SECONDS)

    alarm_scheduler.AlarmScheduler.schedule_metric_alarm = schedule_often
