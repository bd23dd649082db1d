"""Each command of AWS's own command line that the documentation tells to type does what it is told for."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from airflow_api import AirflowApi
from documented_aws import COMMANDS, Typed, type_all
from local_system import LocalSystem
from shell_commands import ShellCommand

pytestmark = pytest.mark.e2e

SCALABLE = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"}


def scalable_target(system: LocalSystem) -> dict[str, Any]:
    answer = system.aws("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")
    (target,) = answer["ScalableTargets"]
    found: dict[str, Any] = target
    return found


@pytest.fixture(scope="module")
def typed(system: LocalSystem, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Typed]:
    """What came of them; what they made goes at the end."""
    before = scalable_target(system)
    rds, restored = system.aws("rds"), f"{system.database_identifier}-restored"
    try:
        yield type_all(system, tmp_path_factory.mktemp("typed"))
    finally:
        system.aws("application-autoscaling").register_scalable_target(
            **SCALABLE,
            **{key: before[key] for key in ("ResourceId", "MinCapacity", "MaxCapacity")},
        )
        with suppress(rds.exceptions.DBSnapshotNotFoundFault):
            rds.delete_db_snapshot(DBSnapshotIdentifier="before-3-4")
        with suppress(rds.exceptions.DBInstanceNotFoundFault):
            rds.delete_db_instance(DBInstanceIdentifier=restored, SkipFinalSnapshot=True)
        rds.get_waiter("db_instance_deleted").wait(DBInstanceIdentifier=restored, WaiterConfig={"Delay": 2})
        system.wait_until_whole()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: f"{command.place}: {command.text}")
def test_a_command_that_is_told_works(typed: Typed, command: ShellCommand) -> None:
    answer = typed.answers[command]

    assert answer.returncode == 0, answer.stderr


def test_airflow_goes_on_with_the_password_that_its_login_was_given(
    system: LocalSystem, airflow: AirflowApi, typed: Typed
) -> None:
    system.wait_until_whole(timeout_seconds=480)

    environment = system.container("scheduler").attrs["Config"]["Env"]
    assert f"KF_AIRFLOW_DATABASE_PASSWORD={typed.password}" in environment
    run_id = airflow.trigger("smoke")
    assert airflow.wait_for_run("smoke", run_id)["state"] == "success"


@pytest.mark.usefixtures("typed")
def test_the_restored_database_has_the_history(system: LocalSystem) -> None:
    runs = system.psql("SELECT count(*) FROM dag_run", identifier=f"{system.database_identifier}-restored")

    assert int(runs[0]) > 0


def test_a_snapshot_is_taken(system: LocalSystem, typed: Typed) -> None:
    answer = system.aws("rds").describe_db_snapshots(DBSnapshotIdentifier="before-3-4")

    assert answer["DBSnapshots"][0]["DBInstanceIdentifier"] == system.database_identifier


def test_the_autoscaler_has_the_range_of_tonight(system: LocalSystem, typed: Typed) -> None:
    target = scalable_target(system)

    assert (target["MinCapacity"], target["MaxCapacity"]) == typed.range
