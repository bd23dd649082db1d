"""What was there before the upgrade from the last release's stack is there after it (`nox -s e2e`)."""

from datetime import datetime
from typing import Any

import pytest
from airflow_api import AirflowApi
from local_system import LocalSystem

pytestmark = [pytest.mark.e2e, pytest.mark.upgraded]


@pytest.fixture(scope="module")
def upgrade(system: LocalSystem) -> datetime:
    """When the upgrade came to Flower, which no test deploys again."""
    deployed: datetime = system.service("flower")["deployments"][0]["createdAt"]
    return deployed


@pytest.fixture(scope="module")
def run(airflow: AirflowApi) -> dict[str, Any]:
    """The oldest run."""
    (found,) = airflow.get("dags/smoke/dagRuns", order_by="run_after", limit=1)["dag_runs"]
    assert isinstance(found, dict)
    return found


def test_a_run_of_before_it_is_in_the_history(run: dict[str, Any], upgrade: datetime) -> None:
    assert run["state"] == "success"
    assert datetime.fromisoformat(run["end_date"]) < upgrade


def test_its_logs_can_be_read(airflow: AirflowApi, run: dict[str, Any]) -> None:
    pieces = [
        task for task in airflow.task_instances("smoke", run["dag_run_id"]) if task["task_id"] == "piece"
    ]

    assert len(pieces) == 8
    assert [
        task["map_index"]
        for task in pieces
        if f"SMOKE piece {task['map_index']} done on" not in airflow.log_text(task)
    ] == []


def test_database_broker_buckets_and_secrets_are_those_of_before_it(
    system: LocalSystem, upgrade: datetime
) -> None:
    made = {
        **{
            database["DBInstanceIdentifier"]: database["InstanceCreateTime"]
            for database in system.aws("rds").describe_db_instances()["DBInstances"]
        },
        **{
            cluster["CacheClusterId"]: cluster["CacheClusterCreateTime"]
            for cluster in system.aws("elasticache").describe_cache_clusters()["CacheClusters"]
        },
        **{bucket["Name"]: bucket["CreationDate"] for bucket in system.aws("s3").list_buckets()["Buckets"]},
        **{
            secret["Name"]: secret["CreatedDate"]
            for secret in system.aws("secretsmanager").list_secrets()["SecretList"]
        },
    }

    assert len(made) >= 9, made
    assert {name: when for name, when in made.items() if when >= upgrade} == {}


def test_the_values_of_secrets_are_those_of_before_it(system: LocalSystem, upgrade: datetime) -> None:
    secrets = system.aws("secretsmanager").list_secrets()["SecretList"]

    assert {
        secret["Name"]: secret["LastChangedDate"]
        for secret in secrets
        if secret["LastChangedDate"] >= upgrade
    } == {}
