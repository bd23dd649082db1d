"""What people look at, and what calls them: a dashboard, alarms, and the events that ECS tells of."""

from __future__ import annotations

import json

from cdktf_cdktf_provider_aws.cloudwatch_dashboard import CloudwatchDashboard
from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.cloudwatch_event_target import (
    CloudwatchEventTarget,
    CloudwatchEventTargetInputTransformer,
)
from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import CloudwatchMetricAlarm
from constructs import Construct

from kf_airflow import dashboard
from kf_airflow.account import Account, look_up_account
from kf_airflow.alarm import Alarm
from kf_airflow.alarms import alarms_of
from kf_airflow.ecs_events import ToldEvent, told_events
from kf_airflow.naming import checked_name
from kf_airflow.observed import Observed
from kf_airflow.options import ObservabilityOptions
from kf_airflow.refs import TopicRef
from kf_airflow.topic import place_subscriptions, place_topic

_PERIOD_SECONDS = 60


class Observability(Construct):
    """A CloudWatch dashboard, alarms, and an SNS topic that is told of them and of failed deployments.

    Args:
        scope: Where it is placed.
        id_: Its id there.
        name: What the dashboard is called, and what the names of alarms, rules and topic begin with.
        observed: What is watched.
        options: From when on somebody is told, and who. The defaults of `ObservabilityOptions` if left out.
        topic: The topic that is told. If left out, one is made, encrypted with a key of its own.

    Raises:
        ValueError: if the name is not allowed, or an alarm could never be given.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        observed: Observed,
        options: ObservabilityOptions | None = None,
        topic: TopicRef | None = None,
    ) -> None:
        super().__init__(scope, id_)
        self._name = checked_name(name)
        options = options or ObservabilityOptions()
        account = look_up_account(self)
        self.topic: TopicRef | None = None
        arns: list[str] = []
        if options.alarms:
            self.topic = topic or place_topic(self, name=f"{name}-alarms", prefix=f"{name}-", account=account)
            place_subscriptions(self, topic=self.topic, emails=options.emails, urls=options.urls)
            arns = [self._alarm(alarm, self.topic) for alarm in alarms_of(name, observed, options)]
            for event in _events(observed, account):
                self._tell(event, self.topic)
        if options.dashboard:
            CloudwatchDashboard(
                self,
                "dashboard",
                dashboard_name=name,
                dashboard_body=json.dumps(dashboard.body(observed, region=account.region, alarm_arns=arns)),
            )

    def _alarm(self, alarm: Alarm, topic: TopicRef) -> str:
        name = f"{self._name}-{alarm.id}"
        made = CloudwatchMetricAlarm(
            self,
            alarm.id,
            alarm_name=name,
            alarm_description=alarm.description,
            namespace=alarm.metric.namespace,
            metric_name=alarm.metric.name,
            dimensions=dict(alarm.metric.dimensions),
            statistic=alarm.statistic,
            comparison_operator=alarm.comparison,
            threshold=alarm.threshold,
            period=_PERIOD_SECONDS,
            evaluation_periods=alarm.minutes,
            datapoints_to_alarm=alarm.bad_minutes,
            treat_missing_data=alarm.missing,
            alarm_actions=[topic.arn],
            # Who was called is told when it is over.
            ok_actions=[topic.arn],
            tags={"Name": name},
        )
        return str(made.arn)

    def _tell(self, event: ToldEvent, topic: TopicRef) -> None:
        name = f"{self._name}-{event.id}"
        rule = CloudwatchEventRule(
            self,
            event.id,
            name=name,
            description=event.description,
            event_pattern=json.dumps(event.pattern),
            tags={"Name": name},
        )
        CloudwatchEventTarget(
            self,
            f"{event.id}-told",
            rule=rule.name,
            target_id="topic",
            arn=topic.arn,
            input_transformer=CloudwatchEventTargetInputTransformer(
                input_paths=dict(event.paths), input_template=event.template
            ),
        )


def _events(observed: Observed, account: Account) -> tuple[ToldEvent, ...]:
    cluster = observed.cluster_name
    return told_events(
        cluster_arn=account.arn("ecs", f"cluster/{cluster}"),
        service_arns=[account.arn("ecs", f"service/{cluster}/{service}") for service in observed.services],
        migrating_service=observed.airflow,
        migrate_container=observed.migrate_container,
    )
