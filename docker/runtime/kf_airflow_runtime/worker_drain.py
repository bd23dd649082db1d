"""How the worker's consumer stops to take messages, hands back what it has not started, and takes them again.

All of it runs in Celery's event loop. The loop goes on as long as tasks run, so that results,
acknowledgements, events and health are as ever; Celery's own shutdown, warm or soft, leaves it at once.
"""

import os
from typing import Any

from celery import bootsteps
from celery.worker import state as celery_state

from kf_airflow_runtime.plain_log import say
from kf_airflow_runtime.task_events import ids_of_requests
from kf_airflow_runtime.unsent_logs import unsent_logs
from kf_airflow_runtime.work import Work, work
from kf_airflow_runtime.worker_internals import awaits_message, withdraw

TURN_SECONDS = 0.5


class DrainStep(bootsteps.StartStopStep):  # type: ignore[misc]
    """A step of Celery's consumer that does what `work` says, twice a second."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **arguments: Any) -> None:
        super().__init__(consumer, **arguments)
        self._drain = Drain(consumer, work)

    def register_with_event_loop(self, _consumer: Any, hub: Any) -> None:
        """Called at each start of the loop, just before the new connection begins to consume."""
        self._drain.consuming = True
        # A message that arrives all the same finds no consumer and is handed back by kombu.
        hub.call_soon(self._drain.turn)
        hub.call_repeatedly(TURN_SECONDS, self._drain.turn)


class Drain:
    """Makes the consumer follow `work`.

    Args:
        consumer: Celery's consumer.
        work: What there is to do.
    """

    def __init__(self, consumer: Any, work: Work) -> None:
        self._consumer, self._work = consumer, work
        self._unsent = unsent_logs(os.environ)
        self.consuming = True

    def turn(self) -> None:
        """Looks at what there is and does what it asks for."""
        running, waiting = running_and_waiting()
        self._work.count(running=len(running), waiting=len(waiting), unsent=self._unsent.awaited())
        if self.consuming and not self._work.takes_messages:
            self._stop(waiting)
        elif not self.consuming and self._work.takes_messages:
            say(
                "the deployment that was to replace this worker is gone: it takes messages again",
                event="worker-takes-messages-again",
            )
            self._consumer.task_consumer.consume()
            self.consuming = True
        elif self._may_end():
            celery_state.should_stop = 0

    def _may_end(self) -> bool:
        if not self._work.terminated or self._work.busy:
            return False
        return not awaits_message(self._consumer.task_consumer.channel)

    def _stop(self, waiting: list[Any]) -> None:
        self._consumer.task_consumer.cancel()
        self.consuming = False
        handed_back = sum(hand_back(self._consumer, request) for request in waiting)
        why = "this worker was told to end" if self._work.terminated else f"replaced by {self._work.replaced}"
        say(
            f"{why}: it takes no more messages, handed back {handed_back}, {self._work.running} tasks run",
            event="worker-takes-no-messages",
            handed_back=handed_back,
            running=ids_of_requests(celery_state.active_requests),
        )


def running_and_waiting() -> tuple[list[Any], list[Any]]:
    """The requests of Celery that a process of the pool has begun, and those that none has."""
    running = list(celery_state.active_requests)
    return running, [request for request in celery_state.reserved_requests if request not in running]


def hand_back(consumer: Any, request: Any) -> bool:
    """Puts a message back on its queue at once, unless a process of the pool is just getting it."""
    if not withdraw(consumer, request):
        return False
    request.reject(requeue=True)
    celery_state.task_ready(request)
    return True
