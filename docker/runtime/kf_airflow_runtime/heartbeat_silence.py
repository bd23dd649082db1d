"""The scheduler gives a task up that it hears nothing of, but not for a time in which it could hear nothing.

Heartbeats reach the database by way of the webserver. Airflow counts from the last one of a task, so that a
webserver which is away for longer than the limit makes it run every task again whose first run is well.
"""

import http.client
import time
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 2.0
"""The scheduler does nothing else meanwhile, once in ten seconds."""


class Hearing:
    """For how long heartbeats have been able to arrive without a break.

    Args:
        answers: Whether the webserver answers now.
        clock: Seconds that only grow.
    """

    def __init__(self, answers: Callable[[], bool], clock: Callable[[], float] = time.monotonic) -> None:
        self._answers = answers
        self._clock = clock
        # Before this process, nobody knows: the webserver may have been replaced with the scheduler.
        self._since: float | None = clock()

    def seconds(self) -> float:
        """Asks the webserver; 0 if it does not answer."""
        if not self._answers():
            self._since = None
        elif self._since is None:
            self._since = self._clock()
        return 0.0 if self._since is None else self._clock() - self._since


def count_what_could_be_heard(runner: type, hearing: Hearing) -> None:
    """Makes a scheduler give no task up until heartbeats could arrive for as long as it waits for one.

    Args:
        runner: Airflow's `SchedulerJobRunner`.
        hearing: For how long they could.
    """
    find: Callable[..., Sequence[Any]] = runner._find_task_instances_without_heartbeats  # type: ignore[attr-defined]  # noqa: SLF001

    @wraps(find)
    def find_unheard(self: Any, **named: Any) -> Sequence[Any]:
        heard_enough = hearing.seconds() >= self._task_instance_heartbeat_timeout_secs
        return find(self, **named) if heard_enough else []

    runner._find_task_instances_without_heartbeats = find_unheard  # type: ignore[attr-defined]  # noqa: SLF001


def answers(execution_api_url: str) -> bool:
    """Whether the webserver takes heartbeats now.

    Args:
        execution_api_url: Where workers send them, over plain HTTP.
    """
    address = urlsplit(execution_api_url)
    connection = http.client.HTTPConnection(address.netloc, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", f"{address.path.rstrip('/')}/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
