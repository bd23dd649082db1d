"""The two roles of a service's tasks: what its code may do, and what ECS may do to start it."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import TerraformResource
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from constructs import Construct

from kf_airflow import policies
from kf_airflow.containers import Container
from kf_airflow.options import Permission
from kf_airflow.refs import ClusterRef


def place_role(scope: Construct, id_: str, *, name: str, cluster: ClusterRef) -> IamRole:
    """Makes a role that ECS tasks of the cluster's account and region take on, without any permission.

    Args:
        scope: Where it is placed.
        id_: Its id there.
        name: What the name that AWS makes begins with.
        cluster: The cluster the tasks run in.
    """
    return IamRole(
        scope,
        id_,
        name_prefix=f"{name}-",
        assume_role_policy=policies.assumed_by_ecs_tasks(
            account_id=cluster.account_id, region=cluster.region
        ),
        tags={"Name": name},
    )


def allow_execution(
    scope: Construct, *, role: IamRole, containers: Sequence[Container], log_group_arn: str
) -> TerraformResource:
    """Lets ECS pull the containers' images, read their secrets and write their logs."""
    keys = [key for container in containers for _, key in sorted(container.secrets.items())]
    secret_arns = list(dict.fromkeys(key.secret_arn for key in keys))
    key_arns = list(dict.fromkeys(key.key_arn for key in keys if key.key_arn))
    policy: TerraformResource = IamRolePolicy(
        scope,
        "execution",
        name="execution",
        role=role.name,
        policy=policies.document(
            [
                *policies.pull([container.image for container in containers]),
                policies.write_logs(log_group_arn),
                *([policies.read_secrets(secret_arns)] if secret_arns else []),
                *([policies.decrypt(*key_arns, via="secretsmanager")] if key_arns else []),
            ]
        ),
    )
    return policy


def allow_code(
    scope: Construct, *, role: IamRole, permissions: Sequence[Permission], ecs_exec: bool
) -> list[TerraformResource]:
    """Gives the containers' code its permissions; makes no policy where there are none."""
    statements = [
        policies.allow(f"Permission{number}", permission.actions, permission.resources)
        for number, permission in enumerate(permissions, 1)
    ]
    if ecs_exec:
        statements.append(policies.execute_commands())
    if not statements:
        return []
    return [
        IamRolePolicy(
            scope, "permissions", name="permissions", role=role.name, policy=policies.document(statements)
        )
    ]
