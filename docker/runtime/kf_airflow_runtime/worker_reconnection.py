"""What becomes of a worker's messages and processes when its connection to Redis breaks and is made anew.

Celery and kombu on their own do three things then that lose or repeat work; each was seen with Celery 5.6.3
and kombu 5.7.0:

- The messages of running tasks go back on the queue. Whoever gets one asks Airflow to run a task that runs;
  once the message's token has expired that counts as a failure, and Airflow ends the task that runs.
- A message that was received and not started stays away for as long as the visibility timeout.
- The pool forgets which of its processes are busy, and gives one of them the next task, which then waits for
  the task before it, for hours, while other processes are idle.
"""

from typing import Any

from celery import bootsteps, signals

from kf_airflow_runtime.worker_internals import held_tags, mark_busy_processes


class ReconnectionStep(bootsteps.StartStopStep):  # type: ignore[misc]
    """A step of Celery's consumer that carries messages over from the old connection to the new one."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **arguments: Any) -> None:
        super().__init__(consumer, **arguments)
        self._carried = Messages()
        signals.task_received.connect(self._carried.received, weak=False)

    def register_with_event_loop(self, consumer: Any, hub: Any) -> None:
        """Called at each start of the loop, before the new connection begins to consume."""
        channel = consumer.task_consumer.channel
        # kombu's own way puts back every message that is not acknowledged.
        channel.do_restore = False
        mark_busy_processes(consumer)
        self._carried.carry_over(channel)
        hub.call_repeatedly(1.0, self._carried.forget_settled, channel)


class Messages:
    """The messages that were received and are not settled, by their tags, with Celery's requests for them."""

    def __init__(self) -> None:
        self._requests: dict[str, Any] = {}

    def received(self, request: Any, **_: Any) -> None:
        """Called by Celery for each message."""
        self._requests[request.message.delivery_tag] = request

    def forget_settled(self, channel: Any) -> None:
        """Forgets those that Redis no longer holds for this worker."""
        held = held_tags(channel)
        self._requests = {tag: request for tag, request in self._requests.items() if tag in held}

    def carry_over(self, channel: Any) -> None:
        """Settles on a new channel what was received on the one before, or keeps it for when its task ends.

        A task that runs is acknowledged when it ends, and its message counts until then; of one that ended
        meanwhile the acknowledgement was lost; one that has not begun is handed back.
        """
        for tag, request in list(self._requests.items()):
            message = request.message
            message.channel = channel
            channel.qos.append(message, tag)
            if request.acknowledged:
                channel.basic_ack(tag)
            elif request.time_start is None:
                channel.basic_reject(tag, requeue=True)
            else:
                continue
            del self._requests[tag]
