"""`metrics`: how many workers the tasks need, and how Airflow is, every ten seconds.

For CloudWatch, and for a local port.

It takes psycopg2 and botocore alone: a process with Airflow in it has four times the memory.
"""

import faulthandler
import os
import sys
import time
from collections.abc import Callable
from functools import cached_property
from typing import Any, NoReturn

from kf_airflow_runtime import cloudwatch, variables
from kf_airflow_runtime.airflow_health import airflow_health
from kf_airflow_runtime.metadata_database import MetadataDatabase
from kf_airflow_runtime.metrics_cycle import MetricsCycle
from kf_airflow_runtime.metrics_server import PORT, serve, server
from kf_airflow_runtime.plain_log import say
from kf_airflow_runtime.queue_loads import queue_loads
from kf_airflow_runtime.refusal import RefusalError
from kf_airflow_runtime.source_states import SourceStates
from kf_airflow_runtime.worker_counts import worker_counts
from kf_airflow_runtime.worker_pools import worker_pools
from kf_airflow_runtime.worker_protections import WorkerProtections

CYCLE_SECONDS = 10.0

# ECS restarts a container that ended, and never one that is merely unhealthy and not essential.
_STUCK_SECONDS = 120.0


class Clients:
    """Clients of AWS, made when they are first used: to find the credentials can fail, and be tried again."""

    @cached_property
    def ecs(self) -> Any:
        """That of ECS."""
        return _client("ecs")

    @cached_property
    def cloudwatch(self) -> Any:
        """That of CloudWatch."""
        return _client("cloudwatch")


def main() -> None:
    """Measures until the process is ended, or says in a sentence why it cannot."""
    try:
        pools = worker_pools(os.environ)
        silent_seconds = variables.seconds(os.environ, "KF_AIRFLOW_HEARTBEAT_TIMEOUT_SECONDS")
    except RefusalError as refusal:
        say(str(refusal), event="refused", level="warning", exit_code=refusal.exit_code)
        sys.exit(refusal.exit_code)
    cluster = os.environ["KF_AIRFLOW_CLUSTER"]
    clients, services = Clients(), [pool.service for pool in pools]
    database = MetadataDatabase(os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
    protections = WorkerProtections(lambda: clients.ecs, cluster, services, time.monotonic)
    cycle = MetricsCycle(
        cluster=cluster,
        service=os.environ["KF_AIRFLOW_SERVICE"],
        pools=pools,
        read_loads=lambda: queue_loads(database),
        read_health=lambda: airflow_health(database, silent_seconds),
        count_workers=lambda: worker_counts(clients.ecs, cluster, services),
        read_protections=protections.read,
        publish=lambda entries: cloudwatch.publish(clients.cloudwatch, entries),
        states=SourceStates(say, time.monotonic),
        clock=time.monotonic,
    )
    serve(server(cycle))
    say(
        f"measures {', '.join(services)} every {CYCLE_SECONDS:.0f} s, for CloudWatch ({cloudwatch.NAMESPACE})"
        f" and for GET 127.0.0.1:{PORT}/metrics",
        event="began",
    )
    for_ever(cycle.turn)


def for_ever(
    turn: Callable[[], None],
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> NoReturn:
    """Turns every `CYCLE_SECONDS`, from start to start; after a turn that took longer, at once.

    Ends the process, with a traceback of each thread, when a turn does not come back.
    """
    due = clock()
    while True:
        faulthandler.dump_traceback_later(_STUCK_SECONDS, exit=True)
        turn()
        now = clock()
        due = max(due + CYCLE_SECONDS, now)
        sleep(due - now)


def _client(service: str) -> Any:
    from botocore.config import Config
    from botocore.session import get_session

    # What fails is tried again in the next cycle anyway.
    limits = Config(connect_timeout=2, read_timeout=4, retries={"mode": "standard", "total_max_attempts": 2})
    return get_session().create_client(service, config=limits)


if __name__ == "__main__":
    main()
