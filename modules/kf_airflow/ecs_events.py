"""Events of ECS that somebody is told of: the patterns of EventBridge, and what is said.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwe_events.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kf_airflow.alarm import PAGE


@dataclass(frozen=True, kw_only=True)
class ToldEvent:
    """A kind of event, and what is said of it.

    Args:
        id: What its rule is called beside the deployment.
        description: What it is.
        pattern: Which events they are, as EventBridge has it.
        paths: What of an event is said, as JSON paths by name.
        sentence: What is said, with those names in `<>`.
    """

    id: str
    description: str
    pattern: Mapping[str, object]
    paths: Mapping[str, str]
    sentence: str

    @property
    def template(self) -> str:
        """Returns the sentence as EventBridge takes it: as a JSON string."""
        return json.dumps(self.sentence)


def told_events(
    *, cluster_arn: str, service_arns: Sequence[str], migrating_service: str, migrate_container: str
) -> tuple[ToldEvent, ...]:
    """Returns the events of a deployment of Airflow that somebody is told of.

    Args:
        cluster_arn: The cluster.
        service_arns: The ECS services whose deployments may fail.
        migrating_service: The name of the one whose tasks begin with a migration.
        migrate_container: The container that migrates.
    """
    return (
        ToldEvent(
            id="deployment-failed",
            description="ECS gave up a deployment, and rolled it back",
            pattern={
                "source": ["aws.ecs"],
                "detail-type": ["ECS Deployment State Change"],
                "resources": list(service_arns),
                "detail": {"eventName": ["SERVICE_DEPLOYMENT_FAILED"]},
            },
            paths={"service": "$.resources[0]", "reason": "$.detail.reason", "time": "$.time"},
            sentence=(
                "deployment-failed: at <time> ECS gave up a deployment of <service>: <reason>. The tasks of "
                "before go on. See the service's events and the log of the tasks that stopped. "
                f"More: {PAGE}#a-deployment-failed"
            ),
        ),
        ToldEvent(
            id="migration-failed",
            description="The database was not migrated, so no new task of the service starts",
            pattern={
                "source": ["aws.ecs"],
                "detail-type": ["ECS Task State Change"],
                "detail": {
                    "clusterArn": [cluster_arn],
                    "group": [f"service:{migrating_service}"],
                    "lastStatus": ["STOPPED"],
                    "containers": {"name": [migrate_container], "exitCode": [{"anything-but": 0}]},
                },
            },
            paths={"task": "$.detail.taskArn", "reason": "$.detail.stoppedReason", "time": "$.time"},
            sentence=(
                "migration-failed: at <time> the container "
                f"{migrate_container} of <task> failed (<reason>). The tasks of before go on with the "
                f"database as it is. See the last lines of its log. More: {PAGE}#a-migration-failed"
            ),
        ),
    )
