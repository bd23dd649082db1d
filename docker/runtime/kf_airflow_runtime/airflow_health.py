"""How Airflow itself is: heartbeats, import errors and stuck tasks, read from its tables by their indexes."""

from dataclasses import dataclass

from kf_airflow_runtime.metadata_database import MetadataDatabase
from kf_airflow_runtime.worker_demand import Measurement

_HEARTBEATS = {
    "SchedulerJob": "SchedulerHeartbeatSeconds",
    "DagProcessorJob": "DagProcessorHeartbeatSeconds",
    "TriggererJob": "TriggererHeartbeatSeconds",
}

# How much longer than the scheduler waits, which looks every ten seconds and may be busy.
_PATIENCE_SECONDS = 60
# Longer than the ten minutes after which a queued task is sent again, so that one that stays stuck counts all
# the time.
_SENT_AGAIN_MINUTES = 15

_AGES = """
    SELECT job_type, extract(epoch FROM now() - max(latest_heartbeat))
    FROM job WHERE state = 'running' AND job_type = ANY(%s) GROUP BY job_type
"""
_COUNTS = """
    SELECT (SELECT count(*) FROM import_error),
        (SELECT count(*) FROM task_instance
            WHERE state = 'running' AND last_heartbeat_at < now() - make_interval(secs => %s)),
        (SELECT count(DISTINCT (dag_id, task_id, run_id, map_index)) FROM log
            WHERE event = 'stuck in queued reschedule' AND dttm > now() - make_interval(mins => %s))
"""


@dataclass(frozen=True)
class AirflowHealth:
    """How Airflow is.

    Args:
        heartbeat_seconds: By the name of the metric: how long ago the newest heartbeat of a process of a kind
            was. A kind of which none runs is not in it.
        import_errors: How many DAG files cannot be imported.
        stuck_tasks: How many tasks were sent again within 15 min since no worker took them, or run without a
            heartbeat that the scheduler should have missed.
    """

    heartbeat_seconds: dict[str, float]
    import_errors: int
    stuck_tasks: int


def airflow_health(database: MetadataDatabase, heartbeat_timeout_seconds: float) -> AirflowHealth:
    """How Airflow is at the moment.

    Args:
        database: Airflow's.
        heartbeat_timeout_seconds: After how long without a heartbeat the scheduler gives up a task.

    Raises:
        UnreadableError: The database cannot be read.
    """
    ages = database.rows(_AGES, (list(_HEARTBEATS),))
    silent = heartbeat_timeout_seconds + _PATIENCE_SECONDS
    ((import_errors, silent_tasks, sent_again),) = database.rows(_COUNTS, (silent, _SENT_AGAIN_MINUTES))
    return AirflowHealth(
        heartbeat_seconds={_HEARTBEATS[kind]: max(0.0, round(float(age), 1)) for kind, age in ages},
        import_errors=import_errors,
        stuck_tasks=silent_tasks + sent_again,
    )


def of_health(cluster: str, service: str, health: AirflowHealth) -> Measurement:
    """What is published of it.

    Args:
        cluster: The ECS cluster's name.
        service: The name of the ECS service that Airflow's own processes run in.
        health: How Airflow is.
    """
    return Measurement(
        {"ClusterName": cluster, "ServiceName": service},
        {
            **health.heartbeat_seconds,
            "ImportErrors": float(health.import_errors),
            "StuckTasks": float(health.stuck_tasks),
        },
    )
