"""What explains that something does not work: events of ECS, states and last words of containers."""

from collections.abc import Iterator
from typing import Any

import docker
from botocore.exceptions import BotoCoreError, ClientError
from docker.errors import DockerException
from docker.models.containers import Container

from kf_airflow_local.aws import LocalAws
from kf_airflow_local.localstack import LABEL, NAME
from kf_airflow_local.service_logs import readable
from kf_airflow_local.workspace import INSTANCE

LINES = 25
STOPPED_TASKS = 5
EVENTS = 6


def report(client: docker.DockerClient, aws: LocalAws) -> str:
    """Return a text for people, the most telling things last.

    Args:
        client: The engine.
        aws: LocalStack, which need not answer.
    """
    parts = [*containers(client), *_of_ecs(aws)]
    return "\n".join(parts) if parts else f"No container carries the label {LABEL}.instance={INSTANCE}."


def containers(client: docker.DockerClient) -> Iterator[str]:
    """Yield the state of each container, and the last words of those that are not well."""
    found = client.containers.list(
        all=True,
        filters={"label": [f"{LABEL}.instance={INSTANCE}"]},
        ignore_removed=True,  # it has just gone while we looked
    )
    for container in sorted(found, key=lambda one: (not is_ailing(one), one.name)):
        yield f"--- {container.name}: {describe(container)}"
        if is_ailing(container) or container.name == NAME:
            yield _last_words(container)


def describe(container: Container) -> str:
    """Return a container's state in a few words."""
    state: dict[str, Any] = container.attrs.get("State", {})
    health = state.get("Health", {}).get("Status", "")
    code = f" with code {state.get('ExitCode')}" if state.get("Status") == "exited" else ""
    return ", ".join(word for word in (f"{state.get('Status', 'unknown')}{code}", health) if word)


def is_ailing(container: Container) -> bool:
    """Tell whether a container failed or is not healthy."""
    state: dict[str, Any] = container.attrs.get("State", {})
    if state.get("Status") == "running":
        return state.get("Health", {}).get("Status") in {"unhealthy", "starting"}
    return bool(state.get("ExitCode"))


def _last_words(container: Container) -> str:
    try:
        return container.logs(tail=LINES).decode(errors="replace").rstrip()
    except DockerException as error:  # it went while we looked
        return f"(no log: {error})"


def _of_ecs(aws: LocalAws) -> Iterator[str]:
    try:
        yield from _ecs_events(aws)
        yield from _logs(aws)
    except (BotoCoreError, ClientError) as error:
        yield f"--- LocalStack does not tell more: {error}"


def _ecs_events(aws: LocalAws) -> Iterator[str]:
    ecs = aws.ecs
    for cluster in ecs.list_clusters()["clusterArns"]:
        names = ecs.list_services(cluster=cluster)["serviceArns"]
        for service in ecs.describe_services(cluster=cluster, services=names)["services"] if names else []:
            yield (
                f"--- ECS service {service['serviceName']}: "
                f"{service['runningCount']}/{service['desiredCount']} running"
            )
            yield from (event["message"] for event in service.get("events", [])[:EVENTS])
        stopped = ecs.list_tasks(cluster=cluster, desiredStatus="STOPPED")["taskArns"][:STOPPED_TASKS]
        for task in ecs.describe_tasks(cluster=cluster, tasks=stopped)["tasks"] if stopped else []:
            yield f"--- stopped task {task['taskArn']}: {task.get('stoppedReason', 'no reason given')}"
            for container in task.get("containers", []):
                reason = container.get("reason", "")
                yield f"{container.get('name')}: exit code {container.get('exitCode')} {reason}".rstrip()


def _logs(aws: LocalAws) -> Iterator[str]:
    """Yield the end of each log stream: containers that are gone speak only there."""
    logs = aws.logs
    for group in logs.describe_log_groups()["logGroups"]:
        name = group["logGroupName"]
        for stream in logs.describe_log_streams(logGroupName=name)["logStreams"]:
            answer = logs.get_log_events(
                logGroupName=name, logStreamName=stream["logStreamName"], limit=LINES, startFromHead=False
            )
            yield f"--- log {name} {stream['logStreamName']}"
            yield from (readable(event["message"].rstrip()) for event in answer["events"])
