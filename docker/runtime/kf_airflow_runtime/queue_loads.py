"""The load of each Celery queue, read from Airflow's table `task_instance`."""

from kf_airflow_runtime.metadata_database import MetadataDatabase
from kf_airflow_runtime.worker_demand import QueueLoad

# By the index `ti_state` alone the rows are found, which are those of tasks that are under way.
_LOADS = """
    SELECT queue, count(*) FILTER (WHERE state = 'queued'), count(*) FILTER (WHERE state = 'running'),
        coalesce(extract(epoch FROM now() - min(queued_dttm) FILTER (WHERE state = 'queued')), 0)
    FROM task_instance WHERE state IN ('queued', 'running') GROUP BY queue
"""


def queue_loads(database: MetadataDatabase) -> dict[str, QueueLoad]:
    """The load of each queue that has one.

    Args:
        database: Airflow's.

    Raises:
        UnreadableError: It cannot be read.
    """
    return {
        queue: QueueLoad(queued, running, max(0.0, round(float(oldest), 1)))
        for queue, queued, running, oldest in database.rows(_LOADS)
    }
