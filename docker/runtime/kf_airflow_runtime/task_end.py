"""A task's supervisor sees at once that the task's process has ended.

Airflow's waits for something to read from the process, or for the time of the next heartbeat (5 s). A process
that ends closes all it could be read from a moment before the kernel says that it has ended. A supervisor
that looks in between has nothing left to be woken by, and keeps its slot for 5 s more.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

POLL_SECONDS = 0.02


def notice_at_once(supervisor: type) -> None:
    """Makes a supervisor whose task can say nothing more look often whether it has ended.

    Args:
        supervisor: Airflow's `WatchedSubprocess`. Heartbeats keep their own pace.
    """
    watch: Callable[..., Any] = supervisor._service_subprocess  # type: ignore[attr-defined]  # noqa: SLF001

    @wraps(watch)
    def watch_closely(self: Any, max_wait_time: float, *arguments: Any, **named: Any) -> Any:
        silent = not self._open_sockets
        seconds = min(max_wait_time, POLL_SECONDS) if silent else max_wait_time
        return watch(self, seconds, *arguments, **named)

    supervisor._service_subprocess = watch_closely  # type: ignore[attr-defined]  # noqa: SLF001
