"""The tasks that are queued or run, as the scheduler finds them in Airflow's database."""

from airflow.models.taskinstance import TaskInstance
from airflow.utils.session import create_session
from airflow.utils.state import State
from sqlalchemy import select


def celery_ids() -> set[str]:
    """Celery's id of each: Airflow gives it to the task when it queues it."""
    query = select(TaskInstance.external_executor_id).where(TaskInstance.state.in_(State.adoptable_states))
    with create_session() as session:
        return {str(found) for found in session.scalars(query)}
