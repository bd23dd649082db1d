import re
from pathlib import Path

import pytest
from project import ROOT

from kf_airflow import load_settings
from kf_airflow.configuration import AirflowConfiguration
from kf_airflow.connection_budget import ConnectionDemand, PoolDemand, checked_connections, demand_of
from kf_airflow.instance_classes import max_connections
from kf_airflow.options import DatabaseOptions, ServiceOptions
from kf_airflow.pools import WorkerPool, worker_pools

# What config/local.toml asks for, what the library makes of nothing, and what config/prd.toml asks for.
LOCAL = ConnectionDemand(airflow_tasks=1, pools={"worker": PoolDemand(max_count=3, concurrency=2)})
DEFAULT = ConnectionDemand(airflow_tasks=1, pools={"worker": PoolDemand(max_count=1, concurrency=8)})
PRD = ConnectionDemand(airflow_tasks=4, pools={"worker": PoolDemand(max_count=10, concurrency=16)})


def test_a_deployment_has_all_processes_twice() -> None:
    assert DEFAULT.breakdown == {
        "webserver": 2 * 20,
        "scheduler": 2 * 3,
        "dag-processor": 2 * 3,
        "triggerer": 2 * 3,
        "metrics": 2 * 1,
        "workers of worker": 2 * 9,
    }


def test_the_total_is_the_sum() -> None:
    assert (LOCAL.total, DEFAULT.total, PRD.total) == (78, 78, 580)


def test_every_pool_of_workers_counts() -> None:
    demand = ConnectionDemand(
        airflow_tasks=1,
        pools={
            "worker": PoolDemand(max_count=10, concurrency=16),
            "gpu": PoolDemand(max_count=3, concurrency=1, maximum_percent=150),
            "paused": PoolDemand(max_count=0, concurrency=4),
        },
    )

    assert {name: count for name, count in demand.breakdown.items() if name.startswith("workers")} == {
        "workers of worker": 20 * 17,
        "workers of gpu": 4 * 2,
        "workers of paused": 0,
    }


def test_a_webserver_of_several_processes_has_one_above_them() -> None:
    demand = ConnectionDemand(airflow_tasks=1, pools={}, webserver_workers=3)

    assert demand.breakdown["webserver"] == 2 * (1 + 3 * 20)


def test_smaller_pools_keep_and_open_less() -> None:
    demand = ConnectionDemand(airflow_tasks=1, pools={}, pool_size=2, pool_overflow=3)

    assert demand.breakdown["webserver"] == 2 * (2 + 3 + 2)


def test_a_deployment_that_replaces_in_place_has_no_process_twice() -> None:
    demand = ConnectionDemand(airflow_tasks=2, pools={}, maximum_percent=100)

    assert demand.breakdown["scheduler"] == 2 * 3


def test_what_connects_follows_from_how_a_deployment_is_made() -> None:
    demand = demand_of(
        ServiceOptions(cpu=1024, memory_mib=4096, count=1, max_count=3),
        {"gpu": WorkerPool(cpu=1024, memory_mib=4096, count=2, maximum_percent=150, concurrency=4)},
        AirflowConfiguration(webserver_workers=2, database_pool_size=3, database_pool_overflow=0),
    )

    assert demand == ConnectionDemand(
        airflow_tasks=3,
        pools={"gpu": PoolDemand(max_count=2, concurrency=4, maximum_percent=150)},
        webserver_workers=2,
        pool_size=3,
        pool_overflow=0,
    )


def test_what_the_library_makes_of_nothing_fits() -> None:
    pools = worker_pools(WorkerPool(cpu=1024, memory_mib=4096), {}, deployment="kf-airflow-dev")
    demand = demand_of(ServiceOptions(cpu=1024, memory_mib=4096), pools, AirflowConfiguration())

    assert demand == DEFAULT
    checked_connections(demand, max_connections=max_connections(DatabaseOptions().instance_class))


@pytest.mark.parametrize("environment", sorted(path.stem for path in (ROOT / "config").glob("*.toml")))
def test_what_the_project_itself_deploys_fits(environment: str, root: Path) -> None:
    settings = load_settings(environment, root=root)
    pools = worker_pools(settings.worker, settings.worker_pools, deployment=settings.name)

    checked_connections(
        demand_of(settings.airflow, pools, settings.configuration),
        max_connections=max_connections(settings.database.instance_class),
    )


def test_a_database_of_which_nothing_is_known_is_not_compared() -> None:
    checked_connections(
        ConnectionDemand(airflow_tasks=100, pools={}, webserver_workers=10), max_connections=None
    )


def test_exactly_what_the_database_takes_fits() -> None:
    checked_connections(LOCAL, max_connections=83)


@pytest.mark.parametrize(
    ("demand", "takes", "message"),
    [
        (
            LOCAL,
            82,
            "the deployment may open 78 connections to the database, which takes 82 less 5 that RDS keeps "
            "for administrators: webserver 2 x (2 x 5 + 10) + scheduler 2 x 3 + dag-processor 2 x 3 + "
            "triggerer 2 x 3 + metrics 2 x 1 + workers of worker 6 x (2 + 1), old and new side by side "
            "during a deployment; choose a larger instance_class, fewer workers, less concurrency, a smaller "
            "database_pool_overflow, or proxy = true",
        ),
        (
            ConnectionDemand(
                airflow_tasks=1,
                pools={"gpu": PoolDemand(max_count=1, concurrency=4)},
                webserver_workers=2,
                pool_size=4,
                pool_overflow=0,
            ),
            0,
            "webserver 2 x (1 + 2 x (2 x 4 + 0)) + scheduler",
        ),
    ],
    ids=["all of it", "several processes"],
)
def test_more_than_the_database_takes_is_refused_with_the_sum(
    demand: ConnectionDemand, takes: int, message: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        checked_connections(demand, max_connections=takes)
