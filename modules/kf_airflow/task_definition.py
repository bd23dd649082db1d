"""The task definition of a service."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from cdktf_cdktf_provider_aws.ecs_task_definition import (
    EcsTaskDefinition,
    EcsTaskDefinitionEphemeralStorage,
    EcsTaskDefinitionRuntimePlatform,
    EcsTaskDefinitionVolume,
)
from constructs import Construct

from kf_airflow.container_checks import check_together
from kf_airflow.containers import Container
from kf_airflow.options import FargateOptions
from kf_airflow.options.fargate import SMALLEST_STORAGE_GIB

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
_MOST_BYTES = 65536


def place_task_definition(
    scope: Construct,
    id_: str,
    *,
    family: str,
    containers: Sequence[Container],
    options: FargateOptions,
    task_role_arn: str,
    execution_role_arn: str,
    log_group: str,
    region: str,
) -> EcsTaskDefinition:
    """Makes a task definition for Fargate.

    Args:
        scope: Where it is placed.
        id_: Its id there.
        family: What its revisions are called.
        containers: What a task consists of.
        options: How large it is, and for which processors.
        task_role_arn: The role of the containers' code.
        execution_role_arn: The role with which ECS starts them.
        log_group: Where their logs go.
        region: The region of the log group.

    Raises:
        ValueError: if the containers claim more than the task has, two have a name or a port in common, one
            waits for what never comes, or a definition so long is not taken.
    """
    try:
        check_together(containers, cpu=options.cpu, memory_mib=options.memory_mib)
    except ValueError as error:
        raise ValueError(f"in {family} {error}") from error
    if options.ecs_exec:
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
        containers = [replace(container, read_only_root=False) for container in containers]
    definitions = json.dumps(
        [container.definition(log_group=log_group, region=region) for container in containers]
    )
    if len(definitions) > _MOST_BYTES:
        raise ValueError(
            f"the containers of {family} take {len(definitions)} bytes: allowed are {_MOST_BYTES}, "
            "with all that environment, secrets and command have"
        )
    return EcsTaskDefinition(
        scope,
        id_,
        family=family,
        requires_compatibilities=["FARGATE"],
        network_mode="awsvpc",
        cpu=str(options.cpu),
        memory=str(options.memory_mib),
        runtime_platform=EcsTaskDefinitionRuntimePlatform(
            cpu_architecture=options.architecture, operating_system_family="LINUX"
        ),
        ephemeral_storage=(
            EcsTaskDefinitionEphemeralStorage(size_in_gib=options.storage_gib)
            if options.storage_gib > SMALLEST_STORAGE_GIB
            else None
        ),
        volume=[EcsTaskDefinitionVolume(name=name) for container in containers for name in container.volumes],
        task_role_arn=task_role_arn,
        execution_role_arn=execution_role_arn,
        container_definitions=definitions,
        # ECS goes back to the revision before when a deployment fails, and takes none that is not active.
        skip_destroy=True,
        tags={"Name": family},
    )
