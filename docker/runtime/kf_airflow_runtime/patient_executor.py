"""The scheduler's Celery executor: Airflow's own, but a broker that is away, or comes back, fails no task.

No setting does either. Airflow tries a task again whose message was not taken in time, and fails one whose
message was refused. A policy of retries that turns the one into the other makes each task of a turn wait for
a timeout of its own, and the scheduler sends no heartbeat meanwhile. `workload_tokens` and `held_slots` tell
the rest.
"""

import contextlib
import logging
import time
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from airflow.configuration import conf
from airflow.jobs.scheduler_job_runner import SchedulerJobRunner
from airflow.models.taskinstancekey import TaskInstanceKey
from airflow.providers.celery.executors.celery_executor import CeleryExecutor
from airflow.providers.celery.executors.celery_executor_utils import (
    OPERATION_TIMEOUT,
    ExceptionWithTraceback,
    send_workload_to_executor,
)
from airflow.providers.common.compat.sdk import AirflowTaskTimeout, timeout
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from kf_airflow_runtime import queued_messages, unfinished_tasks
from kf_airflow_runtime.heartbeat_silence import Hearing, answers, count_what_could_be_heard
from kf_airflow_runtime.held_slots import HeldSlots
from kf_airflow_runtime.workload_tokens import WorkloadTokens

_AWAY = (AirflowTaskTimeout, OperationalError, RedisError, OSError)
"""How Celery says that the broker did not take a message. What else goes wrong is the message's own fault."""

log = logging.getLogger(__name__)


class PatientCeleryExecutor(CeleryExecutor):  # type: ignore[misc]
    """Sends one message after the other, and leaves the rest for the scheduler's next turn if one is refused.

    What is left keeps its place in the executor's queue. A turn so costs one attempt, whatever waits.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._slots = HeldSlots(time.monotonic)

    def start(self) -> None:
        """What the scheduler, and it alone, calls."""
        url = conf.get("core", "execution_api_server_url")
        count_what_could_be_heard(SchedulerJobRunner, Hearing(lambda: answers(url)))
        super().start()

    @cached_property
    def jwt_generator(self) -> WorkloadTokens:
        """What makes the tokens in messages."""
        options = self.celery_app.conf.broker_transport_options
        return WorkloadTokens(super().jwt_generator, options["visibility_timeout"])

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
                self._connect_anew()
                # What Airflow tries again.
                later = ExceptionWithTraceback(AirflowTaskTimeout(str(result.exception)), result.traceback)
                return [*sent, (key, arguments, later)]
            sent.append((key, arguments, result))
        return sent

    def revoke_task(self, *, ti: Any) -> None:
        """Takes a task back that is about to be sent again, its message too if it is still in the queue.

        Airflow only tells the workers that are there to drop it. One that comes later would run it, drop
        the new message as a repetition, and the executor would wait for that one's result for good. And it
        would send a task again that a worker has begun since it looked, over whatever state that has now.

        Raises:
            NotImplementedError: The broker is away, or a worker has begun the task. It is the one error after
                which the scheduler leaves the task as it is and asks again later.
        """
        if not unfinished_tasks.still_queued(ti):
            raise NotImplementedError
        try:
            with timeout(seconds=OPERATION_TIMEOUT), self.celery_app.pool.acquire(block=True) as connection:
                connection.ensure_connection(max_retries=1)  # else it tries until the timeout
                queue = connection.default_channel.client
                queued_messages.take_back(queue, ti.queue, str(ti.external_executor_id))
        except _AWAY as away:
            log.warning("The broker gives no task back (%s: %s)", type(away).__name__, away)
            self._connect_anew()
            raise NotImplementedError from away
        super().revoke_task(ti=ti)

    def sync(self) -> None:
        """Reads the results that are there, and now and then frees the slots whose results will never be."""
        super().sync()
        if self._slots.due:
            self._free_slots()

    def _free_slots(self) -> None:
        # What else has a slot, a callback, is not in Airflow's table of tasks.
        held = {one.task_id: key for key, one in self.workloads.items() if isinstance(key, TaskInstanceKey)}
        for celery_id in self._slots.to_free(held, unfinished_tasks.celery_ids()):
            key = held[celery_id]
            log.warning("%s has ended and no worker will say so: its slot is free again", key)
            self.running.discard(key)
            del self.workloads[key]

    def _connect_anew(self) -> None:
        """Drops the connection: its other end may be what was the primary, and goes on to refuse."""
        with contextlib.suppress(*_AWAY), self.celery_app.pool.acquire(block=True) as connection:
            connection.collect()
