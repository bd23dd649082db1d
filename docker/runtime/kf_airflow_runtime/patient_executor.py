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
    ExceptionWithTraceback,
    send_workload_to_executor,
)
from airflow.providers.common.compat.sdk import AirflowTaskTimeout
from kombu.exceptions import OperationalError

_AWAY = (AirflowTaskTimeout, OperationalError, OSError)
"""How Celery says that the broker did not take a message. What else goes wrong is the message's own fault."""

log = logging.getLogger(__name__)


class PatientCeleryExecutor(CeleryExecutor):  # type: ignore[misc]
    """Sends one message after the other, and leaves the rest for the scheduler's next turn when one is refused.

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
