"""How a container of a task is run."""

from typing import Any

from localstack_dataplane.config import Config
from localstack_dataplane.containers import HealthCheck
from localstack_dataplane.ecs.definition import ContainerDefinition
from localstack_dataplane.ecs.task import Task

CONTAINER_KIND = "ecs-container"
VOLUME_KIND = "ecs-volume"

_CPU_UNITS = 1024
_NO_HEALTH_CHECK = HealthCheck(test=("NONE",))


def container_arguments(config: Config, task: Task, definition: ContainerDefinition) -> dict[str, Any]:
    """Arguments of `DockerHost.run` for one container; the task's network has to run.

    On Fargate a container's `cpu` is a share of the task's, which is the limit: here each container is
    limited to the task's. A container without `memory` may use the task's.
    """
    network = task.network
    if network is None:
        raise ValueError(f"Task {task.id} has no network yet.")
    secrets = task.secrets.get(definition.name, {})
    return {
        "image": definition.image,
        "name": f"{name_prefix(config, task)}-{task.id[:8]}-{definition.name}",
        "labels": {**definition.docker_labels, **labels(config, task, CONTAINER_KIND, definition.name)},
        "command": definition.command,
        "entrypoint": definition.entry_point,
        "environment": {
            **_platform_environment(config, task, definition),
            **definition.environment,
            **secrets,
        },
        "network": network.id,
        "user": definition.user,
        "working_directory": definition.working_directory,
        "health_check": definition.health_check or _NO_HEALTH_CHECK,
        "memory_mib": definition.memory or task.definition.memory,
        "memory_reservation_mib": definition.memory_reservation,
        "cpus": task.definition.cpu / _CPU_UNITS if task.definition.cpu else None,
        "ulimits": definition.ulimits,
        "tmpfs": definition.tmpfs,
        "init": definition.init,
        "read_only": definition.read_only,
        "capabilities_added": definition.capabilities_added,
        "capabilities_dropped": definition.capabilities_dropped,
        "shm_size_mib": definition.shared_memory,
        "volumes": {volume_name(config, task, volume): path for volume, path in definition.mounts},
        "volumes_from": [task.containers[name].runtime_id for name in definition.volumes_from],
    }


def volume_name(config: Config, task: Task, volume: str) -> str:
    """Docker's name of a volume that the containers of a task share."""
    return f"{config.instance}-{task.id}-{volume}"


def volume_labels(config: Config, task: Task) -> dict[str, str]:
    """Labels of the volumes of a task."""
    return config.labels(VOLUME_KIND, task.arn, task=task.id)


def name_prefix(config: Config, task: Task) -> str:
    """What the names of the containers of a service or family begin with."""
    return f"{config.instance}-{task.service or task.definition.family}"


def labels(config: Config, task: Task, kind: str, container: str = "") -> dict[str, str]:
    """Labels of a container of a task."""
    return config.labels(
        kind,
        task.arn,
        task=task.id,
        container=container,
        service=task.service,
        cluster=task.cluster,
        deployment=task.started_by,
        definition=task.definition.arn,
    )


def _platform_environment(config: Config, task: Task, definition: ContainerDefinition) -> dict[str, str]:
    environment = {
        "AWS_ENDPOINT_URL": config.endpoint_url,
        "AWS_REGION": task.region,
        "AWS_DEFAULT_REGION": task.region,
        "AWS_EXECUTION_ENV": "AWS_ECS_FARGATE",
        "ECS_CONTAINER_METADATA_URI_V4": f"http://{config.address}/v4/{task.id}-{definition.name}",
        "ECS_AGENT_URI": f"http://{config.address}/api/{task.id}-{definition.name}",
    }
    if task.definition.task_role:
        environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = f"/v2/credentials/{task.credentials}"
    return environment
