"""How many connections to PostgreSQL a deployment may open, compared with how many the database takes.

A database that is full refuses whoever comes next: a scheduler ends then, and a worker cannot report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kf_airflow.configuration import AirflowConfiguration
from kf_airflow.options import ServiceOptions
from kf_airflow.pools import WorkerPool

# Airflow's own [database] sql_alchemy_pool_size and sql_alchemy_max_overflow.
# https://airflow.apache.org/docs/apache-airflow/3.3.2/configurations-ref.html#database
POOL_SIZE, POOL_OVERFLOW = 5, 10

# The processes of a task of `airflow` that have a connection for each of their few threads, however large
# their pools; what they open was read off pg_stat_activity under load, with Airflow 3.3.2.
_EACH: Mapping[str, int] = {
    # Its loop, the server that answers its health check, and Celery's results, which it asks for without a
    # pool (celery.backends.database.session: NullPool unless forked).
    "scheduler": 3,
    # Its loop, the execution API within it that files are parsed against, one request at a time, and the
    # health check of the container (kf_airflow_runtime.job_row). What parses has no connection.
    "dag-processor": 3,
    # The same, with triggers in place of files.
    "triggerer": 3,
    # It has one, and makes another only in place of it.
    "metrics": 1,
}

# RDS keeps 3 for itself and 2 for its administrators (superuser_reserved_connections and
# rds.rds_superuser_reserved_connections), the master login among them.
# https://aws.amazon.com/premiumsupport/knowledge-center/rds-postgresql-error-connection-slots/
_KEPT = 5


@dataclass(frozen=True, kw_only=True)
class PoolDemand:
    """A pool of workers, as far as it connects.

    Args:
        max_count: How many workers run at most, deployments aside.
        concurrency: How many tasks each runs at once.
        maximum_percent: How much of them may run during a deployment. 200 if left out.
    """

    max_count: int
    concurrency: int
    maximum_percent: int = 200


@dataclass(frozen=True, kw_only=True)
class ConnectionDemand:
    """What of a deployment connects to the database.

    `migrate` is not among it: it ends before the others of its task begin, and needs fewer than they. Flower
    and the code of tasks have no login.

    Args:
        airflow_tasks: How many tasks of the service `airflow` run at most, deployments aside.
        pools: The pools of workers by name.
        webserver_workers: How many processes a webserver has. One if left out.
        pool_size: How many connections each of its engines keeps. 5 if left out.
        pool_overflow: How many more it opens under load. 10 if left out.
        maximum_percent: How much of the tasks of `airflow` may run during a deployment. 200 if left out: old
            and new side by side.
    """

    airflow_tasks: int
    pools: Mapping[str, PoolDemand]
    webserver_workers: int = 1
    pool_size: int = POOL_SIZE
    pool_overflow: int = POOL_OVERFLOW
    maximum_percent: int = 200

    @property
    def breakdown(self) -> dict[str, int]:
        """How many connections are opened at most, deployments included, by what opens them."""
        return {term.name: term.count * term.each for term in self._terms()}

    @property
    def total(self) -> int:
        """The sum of the breakdown."""
        return sum(self.breakdown.values())

    @property
    def sum_in_words(self) -> str:
        """How the total comes about."""
        return " + ".join(f"{term.name} {term.count} x {term.text}" for term in self._terms())

    def _terms(self) -> list[_Term]:
        tasks = _at_once(self.airflow_tasks, self.maximum_percent)
        return [
            self._webserver(tasks),
            *(_Term(name, tasks, each, str(each)) for name, each in _EACH.items()),
            *(_workers(name, pool) for name, pool in self.pools.items()),
        ]

    def _webserver(self, tasks: int) -> _Term:
        # Two engines in a process (airflow/settings.py). That of requests is used up to its limit by their 40
        # threads. That of `/wait`, where clients wait for the end of a run, is counted with what it keeps: it
        # has one short query a client and interval, and opens more only for a crowd of them at one moment.
        each = 2 * self.pool_size + self.pool_overflow
        text = f"(2 x {self.pool_size} + {self.pool_overflow})"
        if self.webserver_workers == 1:
            return _Term("webserver", tasks, each, text)
        # The process that starts the others has noted in the database that it did.
        return _Term(
            "webserver",
            tasks,
            1 + self.webserver_workers * each,
            f"(1 + {self.webserver_workers} x {text})",
        )


@dataclass(frozen=True)
class _Term:
    name: str
    count: int
    each: int
    text: str


def demand_of(
    airflow: ServiceOptions, worker_pools: Mapping[str, WorkerPool], configuration: AirflowConfiguration
) -> ConnectionDemand:
    """Returns what of a deployment connects to the database.

    Args:
        airflow: How the service `airflow` is made.
        worker_pools: The pools of workers by name.
        configuration: Airflow's own settings.
    """
    size, overflow = configuration.database_pool_size, configuration.database_pool_overflow
    return ConnectionDemand(
        airflow_tasks=airflow.highest_count,
        pools={
            name: PoolDemand(
                max_count=pool.highest_count,
                concurrency=pool.tasks_at_once,
                maximum_percent=pool.maximum_percent,
            )
            for name, pool in worker_pools.items()
        },
        webserver_workers=configuration.webserver_workers or 1,
        pool_size=POOL_SIZE if size is None else size,
        pool_overflow=POOL_OVERFLOW if overflow is None else overflow,
        maximum_percent=airflow.maximum_percent,
    )


def checked_connections(demand: ConnectionDemand, *, max_connections: int | None) -> None:
    """Refuses a deployment that may open more connections than its database takes.

    Args:
        demand: What connects.
        max_connections: How many the database takes, as in `DatabaseRef`; None if that is not known, or a
            proxy stands before it. Nothing is compared then.

    Raises:
        ValueError: if it may open more.
    """
    if max_connections is None or demand.total + _KEPT <= max_connections:
        return
    raise ValueError(
        f"the deployment may open {demand.total} connections to the database, which takes {max_connections} "
        f"less {_KEPT} that RDS keeps for administrators: {demand.sum_in_words}, old and new side by side "
        "during a deployment; choose a larger instance_class, fewer workers, less concurrency, a smaller "
        "database_pool_overflow, or proxy = true"
    )


def _workers(name: str, pool: PoolDemand) -> _Term:
    # Each process of Celery's that runs tasks keeps one to the results, and the one above them opens one to
    # say that such a process was lost.
    return _Term(
        f"workers of {name}",
        _at_once(pool.max_count, pool.maximum_percent),
        pool.concurrency + 1,
        f"({pool.concurrency} + 1)",
    )


def _at_once(count: int, maximum_percent: int) -> int:
    """Returns how many run at most during a deployment, which ECS rounds down."""
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
    return count * maximum_percent // 100
