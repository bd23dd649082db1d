"""An event when a worker's slot begins and ends a task, with the ids that Airflow knows it by."""

import json
import time
from collections.abc import Iterable, Sequence
from typing import Any

from celery import signals

from kf_airflow_runtime.plain_log import say

_IDS = ("dag_id", "task_id", "run_id", "map_index", "try_number")
_MOST_LISTED = 20


class TaskEvents:
    """Says when the task of this process of the pool begins and ends.

    Args:
        clock: Seconds that never go back. `time.monotonic` if left out.
    """

    def __init__(self, clock: Any = time.monotonic) -> None:
        self._clock = clock
        self._began = 0.0

    def began(self, args: Sequence[Any] = (), **_: Any) -> None:
        """Celery's signal `task_prerun`."""
        self._began = self._clock()
        ids = ids_of(args)
        if ids:
            say("a task begins", event="task-began", **ids)

    def ended(self, args: Sequence[Any] = (), state: str | None = None, **_: Any) -> None:
        """Celery's signal `task_postrun`.

        Its state is the message's: a task that fails is told to the scheduler by its supervisor, and the
        message has been dealt with all the same.
        """
        seconds = self._clock() - self._began
        ids = ids_of(args)
        if ids:
            say(
                f"a task has ended after {seconds:.1f} s",
                event="task-ended",
                **ids,
                seconds=round(seconds, 1),
                message_state=state,
            )

    def connect(self) -> None:
        """Takes part from now on, in all processes that are forked from this one."""
        # Not weakly: nobody else holds on to these.
        signals.task_prerun.connect(self.began, weak=False)
        signals.task_postrun.connect(self.ended, weak=False)


def ids_of(args: Sequence[Any]) -> dict[str, Any]:
    """The ids of the task instance in the arguments of a message; empty if it is about something else.

    Args:
        args: What Celery calls its task with: the JSON of one of Airflow's workloads.
    """
    try:
        instance = json.loads(args[0])["ti"]
        return {
            "task_instance_id": instance["id"],
            **{name: instance[name] for name in _IDS if name in instance},
        }
    except (IndexError, KeyError, TypeError, ValueError):
        return {}


def ids_of_requests(requests: Iterable[Any]) -> list[dict[str, Any]]:
    """The ids of the first tasks among Celery's requests."""
    found = [ids_of(getattr(request, "args", None) or ()) for request in requests]
    return [ids for ids in found if ids][:_MOST_LISTED]
