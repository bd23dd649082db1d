"""What the worker does from SIGTERM, which deployments, scale-in, StopTask and Spot send, to its end."""

import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

from celery import bootsteps
from celery.worker import state as celery_state

from kf_airflow_runtime import task_runners
from kf_airflow_runtime.last_steps import DEFAULT_STOP_TIMEOUT_SECONDS, give_up_after, last_steps
from kf_airflow_runtime.plain_log import say
from kf_airflow_runtime.task_events import ids_of_requests
from kf_airflow_runtime.unsent_logs import unsent_logs
from kf_airflow_runtime.work import Work, work
from kf_airflow_runtime.worker_health import state as consumer_state

STOP_TIMEOUT = "KF_AIRFLOW_STOP_TIMEOUT_SECONDS"
_PAUSE_SECONDS = 0.5


class TerminationStep(bootsteps.StartStopStep):  # type: ignore[misc]
    """A step of Celery's worker that takes SIGTERM over from Celery.

    The signal wakes a thread by way of a pipe that Python's C code writes to: the thread works also while the
    main thread is stuck, in a call that does not return or in Python code that never ends.
    """

    requires = ("celery.worker.components:Pool",)

    def start(self, _worker: Any) -> None:
        """Called in the main thread, after Celery has set its own handler."""
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        # Python writes only of signals that have a handler; what there is to do the thread does.
        signal.signal(signal.SIGTERM, lambda _number, _frame: None)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        # A process of the pool shares the pipe: its own signals would look like the worker's.
        os.register_at_fork(after_in_child=lambda: signal.set_wakeup_fd(-1))
        seconds = stop_timeout_seconds(os.environ.get(STOP_TIMEOUT))
        threading.Thread(
            target=wait_and_end, args=(reader, work, seconds), name="termination", daemon=True
        ).start()


def stop_timeout_seconds(value: str | None) -> float:
    """Seconds from SIGTERM to SIGKILL; ECS's default if nobody said."""
    try:
        return max(1.0, float(value or DEFAULT_STOP_TIMEOUT_SECONDS))
    except ValueError:
        say(
            f"{STOP_TIMEOUT} is {value!r}: it must be seconds; {DEFAULT_STOP_TIMEOUT_SECONDS:.0f} are taken",
            event="setting-ignored",
            level="warning",
        )
        return DEFAULT_STOP_TIMEOUT_SECONDS


def wait_and_end(reader: int, work: Work, seconds: float) -> None:
    """The thread: sleeps until SIGTERM, then sees to it that the worker ends in time."""
    while signal.SIGTERM not in os.read(reader, 512):
        pass
    began = time.monotonic()
    work.terminated = True
    work.changed.set()
    end(work, seconds, lambda: time.monotonic() - began)


def end(work: Work, seconds: float, elapsed: Callable[[], float]) -> None:
    """Takes the last steps, as far as tasks still run when they are due.

    Args:
        work: What runs; the event loop, if it turns, ends the worker as soon as nothing does.
        seconds: From SIGTERM to SIGKILL.
        elapsed: Seconds since SIGTERM.
    """
    for step in last_steps(seconds):
        while elapsed() < step.after_seconds:
            _end_if_nobody_else_does(work)
            time.sleep(_PAUSE_SECONDS)
        found = task_runners.runners(os.getpid())
        if found:
            left = seconds - elapsed()
            say(
                f"{len(found)} tasks run {left:.0f} s before this worker is killed: {step.meaning}",
                event="tasks-cut-short",
                level="warning",
                tasks=len(found),
                signal=step.signal.name,
                running=ids_of_requests(celery_state.active_requests),
            )
            task_runners.send(found, step.signal)
    while elapsed() < give_up_after(seconds):
        _end_if_nobody_else_does(work)
        time.sleep(_PAUSE_SECONDS)
    if work.unsent:
        say(
            f"{work.unsent} logs are lost with this worker: S3 has not taken them",
            event="logs-lost",
            level="warning",
            logs=work.unsent,
        )
    celery_state.should_stop = 0


def _end_if_nobody_else_does(work: Work) -> None:
    """Without a broker there is no event loop that would do it."""
    if not consumer_state.looping:
        work.unsent = unsent_logs(os.environ).awaited()
    if not work.busy and not consumer_state.looping:
        celery_state.should_stop = 0
