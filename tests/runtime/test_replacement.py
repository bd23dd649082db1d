from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kf_airflow_runtime.replacement import OwnTask, own_task, replaced_by, wanted

BORN = datetime(2026, 11, 1, 12, tzinfo=UTC)
OWN = OwnTask(cluster="c", service="kf-worker", definition="kf-worker:7", created_at=BORN)


def deployment(revision: int, *, status: str = "PRIMARY", **changes: Any) -> dict[str, Any]:
    return {
        "id": f"ecs-svc/{revision}",
        "status": status,
        "taskDefinition": f"arn:aws:ecs:us-east-1:000000000000:task-definition/kf-worker:{revision}",
        "createdAt": BORN + timedelta(minutes=revision - 8),
        "runningCount": 0,
        "pendingCount": 0,
        **changes,
    }


def service(*deployments: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "desiredCount": 1,
        "runningCount": sum(item["runningCount"] for item in deployments),
        "pendingCount": sum(item["pendingCount"] for item in deployments),
        "deploymentConfiguration": {"maximumPercent": 200},
        "deployments": list(deployments),
        **changes,
    }


MINE = deployment(7, status="ACTIVE", runningCount=1)


def test_a_task_of_the_wanted_deployment_is_not_replaced() -> None:
    assert replaced_by(service(deployment(7, runningCount=1)), OWN) == ""


def test_a_running_task_of_another_definition_replaces_it() -> None:
    assert replaced_by(service(deployment(9, runningCount=1), MINE), OWN) == "kf-worker:9 (ecs-svc/9)"


def test_it_goes_on_until_a_task_of_the_new_deployment_runs() -> None:
    assert replaced_by(service(deployment(9, pendingCount=1), MINE), OWN) == ""


def test_it_goes_on_while_ecs_has_room_to_start_a_successor() -> None:
    assert replaced_by(service(deployment(9), MINE), OWN) == ""


def test_it_makes_room_where_a_successor_has_none() -> None:
    full = service(deployment(9), MINE, deploymentConfiguration={"maximumPercent": 100})
    assert replaced_by(full, OWN) == "kf-worker:9 (ecs-svc/9)"


def test_a_service_that_is_to_have_no_tasks_has_no_room() -> None:
    assert replaced_by(service(deployment(9), MINE, desiredCount=0), OWN) == "kf-worker:9 (ecs-svc/9)"


def test_a_forced_deployment_of_the_same_definition_replaces_older_tasks() -> None:
    forced = deployment(7, createdAt=BORN + timedelta(hours=1), runningCount=1)
    assert replaced_by(service(forced, MINE), OWN) == "kf-worker:7 (ecs-svc/7)"


def test_after_a_rollback_to_its_own_deployment_it_is_not_replaced() -> None:
    rolled_back = service(deployment(7, runningCount=1), deployment(9, status="ACTIVE", runningCount=1))
    assert replaced_by(rolled_back, OWN) == ""


METADATA = {
    "Cluster": "arn:aws:ecs:us-east-1:000000000000:cluster/kf",
    "Family": "kf-worker",
    "Revision": "7",
    "Containers": [
        {"CreatedAt": "2026-11-01T12:00:30.5Z"},
        {"CreatedAt": "2026-11-01T12:00:00.123456789Z"},
        {"Name": "not made yet"},
    ],
}


def test_a_task_finds_itself_in_its_metadata() -> None:
    own = own_task(METADATA)
    assert (own.cluster, own.definition, own.created_at.replace(microsecond=0)) == (
        METADATA["Cluster"],
        "kf-worker:7",
        BORN,
    )


@pytest.mark.parametrize(("said", "service_name"), [({}, "kf-worker"), ({"ServiceName": "other"}, "other")])
def test_where_fargate_does_not_name_the_service_it_is_called_as_the_family(
    said: dict[str, str], service_name: str
) -> None:
    assert own_task({**METADATA, **said}).service == service_name


def test_a_task_of_the_deployment_that_is_under_way_is_wanted() -> None:
    assert wanted(service(deployment(7), deployment(6, status="ACTIVE", runningCount=1)), OWN)


def test_a_task_of_another_definition_is_not() -> None:
    assert not wanted(service(deployment(9), MINE), OWN)
