"""Why ECS gave up a deployment, or went back to the tasks before it."""

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from kf_airflow_local.aws import LocalAws
from kf_airflow_local.service_logs import readable

LAST_LINES = 3


def reason(aws: LocalAws, outputs: Mapping[str, Any], component: str) -> str:
    """Say which container of the new tasks ended, and what it said last.

    Args:
        aws: LocalStack.
        outputs: Terraform's outputs.
        component: The service.
    """
    # A stack of an earlier release does not say which revision that is.
    wanted = outputs.get("task_definition_arns", {}).get(component)
    try:
        for task, container in _failed(aws, outputs, component, wanted) if wanted else ():
            name = container["name"]
            stream = f"{name}/{name}/{task.rpartition('/')[2]}"
            said = "\n".join(f"  {line}" for line in _last_lines(aws, outputs, component, stream))
            return f"`{name}` ended with exit code {container['exitCode']}; it said last:\n{said}"
    except (BotoCoreError, ClientError) as error:
        return f"LocalStack does not tell why: {error}"
    return "nox -s status has the service's last event"


def _failed(
    aws: LocalAws, outputs: Mapping[str, Any], component: str, definition: str
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the containers that failed in tasks of a definition, with their task."""
    cluster = outputs["cluster_name"]
    stopped = aws.ecs.list_tasks(
        cluster=cluster, serviceName=outputs[f"{component}_service_name"], desiredStatus="STOPPED"
    )["taskArns"]
    for task in aws.ecs.describe_tasks(cluster=cluster, tasks=stopped[:100])["tasks"] if stopped else ():
        if task["taskDefinitionArn"] == definition:
            for container in task["containers"]:
                if container.get("exitCode"):
                    yield task["taskArn"], container


def _last_lines(aws: LocalAws, outputs: Mapping[str, Any], component: str, stream: str) -> list[str]:
    answer = aws.logs.get_log_events(
        logGroupName=outputs["log_group_names"][component],
        logStreamName=stream,
        limit=10 * LAST_LINES,
        startFromHead=False,
    )
    lines = [line for event in answer["events"] for line in event["message"].splitlines() if line.strip()]
    return [readable(line) for line in lines[-LAST_LINES:]] or ["nothing"]
