"""The tasks that are queued or run, as the scheduler finds them in Airflow's database."""

from typing import Any

from airflow.models.taskinstance import TaskInstance
from airflow.utils.session import create_session
from airflow.utils.state import State, TaskInstanceState
from sqlalchemy import select
from sqlalchemy.orm import object_session


def celery_ids() -> set[str]:
    """Celery's id of each: Airflow gives it to the task when it queues it."""
    query = select(TaskInstance.external_executor_id).where(TaskInstance.state.in_(State.adoptable_states))
    with create_session() as session:
        return {str(found) for found in session.scalars(query)}


def still_queued(task: Any) -> bool:
    """Whether no worker has begun a task since the scheduler read it, or can until its transaction ends.

    Args:
        task: An instance of Airflow's `TaskInstance`, of a session.
    """
    object_session(task).refresh(task, ["state"], with_for_update=True)
    return bool(task.state == TaskInstanceState.QUEUED)
