"""Which services a deployment replaces first."""

from pathlib import Path
from typing import Any

import pytest
from synthesis import Synthesized, synthesize

from kf_airflow import Airflow, NetworkRef, SettingsError, WorkerPool, load_settings


def deployment(network: NetworkRef, **options: Any) -> Synthesized:
    return synthesize(
        lambda stack: Airflow(
            stack,
            "airflow",
            name="kf",
            image="registry.example.org/kf-airflow:1",
            network=network,
            worker_pools={"gatk": WorkerPool(cpu=1024, memory_mib=4096)},
            **options,
        )
    )


@pytest.fixture(scope="module")
def workers_first(network: NetworkRef) -> Synthesized:
    return deployment(network)


@pytest.fixture(scope="module")
def airflow_first(network: NetworkRef) -> Synthesized:
    return deployment(network, rollout_order="airflow-first")


def services_before(stack: Synthesized, service: str) -> set[str]:
    """The services whose deployments Terraform ends before that one's, by the names they have in ECS."""
    named = stack.document["resource"]["aws_ecs_service"]
    return {
        resource["name"]
        for name, resource in named.items()
        if f"aws_ecs_service.{name}" in stack.at(f"airflow/{service}/service")["depends_on"]
    }


def test_all_workers_are_replaced_before_airflow(workers_first: Synthesized) -> None:
    assert services_before(workers_first, "airflow") == {"kf-worker", "kf-gatk"}


@pytest.mark.parametrize("service", ["worker", "gatk", "flower"])
def test_workers_and_flower_wait_for_no_service(workers_first: Synthesized, service: str) -> None:
    assert services_before(workers_first, service) == set()


@pytest.mark.parametrize("pool", ["worker", "gatk"])
def test_for_a_newer_airflow_the_workers_come_after_it(airflow_first: Synthesized, pool: str) -> None:
    assert services_before(airflow_first, pool) == {"kf-airflow"}


@pytest.mark.parametrize("service", ["airflow", "flower"])
def test_for_a_newer_airflow_it_waits_for_no_service(airflow_first: Synthesized, service: str) -> None:
    assert services_before(airflow_first, service) == set()


def test_in_each_new_task_of_airflow_all_wait_for_the_migration(workers_first: Synthesized) -> None:
    gates = {
        name: container.get("dependsOn")
        for name, container in workers_first.containers("airflow/airflow/task-definition").items()
    }

    assert gates.pop("migrate") is None
    assert list(gates.values()) == [[{"containerName": "migrate", "condition": "SUCCESS"}]] * 5


def test_another_order_is_refused(network: NetworkRef) -> None:
    with pytest.raises(ValueError, match="rollout_order is 'flower-first': allowed are 'workers-first' and"):
        deployment(network, rollout_order="flower-first")


def test_another_order_is_refused_in_the_settings(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KF_AIRFLOW_ROLLOUT_ORDER", "at-once")

    with pytest.raises(SettingsError, match="KF_AIRFLOW_ROLLOUT_ORDER: rollout_order is 'at-once'"):
        load_settings("dev", root=root)
