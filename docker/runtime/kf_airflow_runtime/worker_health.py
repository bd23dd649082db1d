"""The worker's `GET /health`, served from the Celery main process: 200 while its consumer consumes.

`celery inspect ping`, the usual check, starts a second Celery for seconds each time and goes by the broker.
"""

import threading
import time
from typing import Any

from celery import bootsteps

from kf_airflow_runtime.consumer_state import ConsumerState, Sight
from kf_airflow_runtime.health_port import PORT, listen, serve
from kf_airflow_runtime.work import Work, work
from kf_airflow_runtime.worker_internals import asked_seconds_ago

TICK_SECONDS = 1.0

state = ConsumerState(time.monotonic)


class ServerStep(bootsteps.StartStopStep):  # type: ignore[misc]
    """A step of Celery's worker that answers on `PORT`.

    It starts after the pool, so that the first processes of the pool are forked before there is a thread.
    """

    requires = ("celery.worker.components:Pool",)

    def start(self, _worker: Any) -> None:
        """Begins to answer; the thread ends with the process, and so goes on while running tasks finish."""
        threading.Thread(target=serve, args=(listen(PORT), state), name="health", daemon=True).start()


class LoopStep(bootsteps.StartStopStep):  # type: ignore[misc]
    """A step of Celery's consumer that reports the turns of its event loop.

    Celery leaves and enters it at each loss and return of the broker.
    """

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def register_with_event_loop(self, consumer: Any, hub: Any) -> None:
        """Called at each start of the loop, as Celery drops all timers when the loop breaks."""

        def tick() -> None:
            state.tick(sight(consumer, work))

        hub.call_soon(tick)
        hub.call_repeatedly(TICK_SECONDS, tick)

    def stop(self, consumer: Any) -> None:
        """The loop was left: for good when the consumer closes, until the broker is back when it does not."""
        if consumer.blueprint.state in (bootsteps.CLOSE, bootsteps.TERMINATE):
            state.stopping()
        else:
            state.disconnected(lambda: int(consumer.broker_connection_retry_attempt))


def sight(consumer: Any, work: Work) -> Sight:
    """What the event loop sees of its consumer: a few attributes, and no question to the broker."""
    channel = consumer.task_consumer.channel
    return Sight(
        wanted=work.takes_messages,
        queues=len(channel.active_queues),
        room=channel.qos.can_consume(),
        asked=asked_seconds_ago(channel),
        running=work.running,
        waiting=work.waiting,
        slots=consumer.pool.num_processes,
    )
