"""The scheduler's Celery executor: Airflow's own, but a broker that is away fails no task.

No setting does it. Airflow tries a task again whose message was not taken in time, and fails one whose
message was refused. A policy of retries that turns the one into the other makes each task of a turn wait for
a timeout of its own, and the scheduler sends no heartbeat meanwhile.
"""

import logging
from collections.abc import Sequence
from typing import Any

from airflow.providers.celery.executors.celery_executor import CeleryExecutor
from airflow.providers.celery.executors.celery_executor_utils import (
    OPERATION_TIMEOUT,
    ExceptionWithTraceback,
    send_workload_to_executor,
)
from airflow.providers.common.compat.sdk import AirflowTaskTimeout, timeout
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from kf_airflow_runtime import queued_messages

_AWAY = (AirflowTaskTimeout, OperationalError, RedisError, OSError)
"""How Celery says that the broker did not take a message. What else goes wrong is the message's own fault."""

log = logging.getLogger(__name__)


class PatientCeleryExecutor(CeleryExecutor):  # type: ignore[misc]
    """Sends one message after the other, and leaves the rest for the scheduler's next turn if one is refused.

    What is left keeps its place in the executor's queue. A turn so costs one attempt, whatever waits.
    """

    def _send_workloads_to_celery(self, workload_tuples_to_send: Sequence[Any]) -> list[Any]:
        sent: list[Any] = []
        for workload in workload_tuples_to_send:
            key, arguments, result = send_workload_to_executor(workload)
            if isinstance(result, ExceptionWithTraceback) and isinstance(result.exception, _AWAY):
                log.warning(
                    "The broker takes no tasks (%s: %s): %d wait for the next turn",
                    type(result.exception).__name__,
                    result.exception,
                    len(workload_tuples_to_send) - len(sent),
                )
                # What Airflow tries again.
                later = ExceptionWithTraceback(AirflowTaskTimeout(str(result.exception)), result.traceback)
                return [*sent, (key, arguments, later)]
            sent.append((key, arguments, result))
        return sent

    def revoke_task(self, *, ti: Any) -> None:
        """Takes a task back that is about to be sent again, its message too if it is still in the queue.

        Airflow only tells the workers that are there to drop it. One that comes later would run it, drop
        the new message as a repetition, and the executor would wait for that one's result for good.

        Raises:
            NotImplementedError: The broker is away. The scheduler goes on then and asks again later.
        """
        try:
            with timeout(seconds=OPERATION_TIMEOUT), self.celery_app.pool.acquire(block=True) as connection:
                queue = connection.default_channel.client
                queued_messages.take_back(queue, ti.queue, str(ti.external_executor_id))
        except _AWAY as away:
            log.warning("The broker gives no task back (%s: %s)", type(away).__name__, away)
            raise NotImplementedError from away
        super().revoke_task(ti=ti)
