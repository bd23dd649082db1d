"""What becomes of tasks that still run when a worker has been told to end, second by second."""

import signal
from dataclasses import dataclass

DEFAULT_STOP_TIMEOUT_SECONDS = 30.0
"""What ECS gives a container on Fargate that does not ask for more.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
"""

_RESERVE_SECONDS = 25.0
"""Before SIGKILL. Eight interrupted tasks were reported within 0.3 s, and the worker ended 4 s later, on two
busy cores; `on_kill` gets a fifth, and what is left over is for a slow S3, where the logs go."""


@dataclass(frozen=True)
class Step:
    """A signal to every task that still runs.

    Args:
        after_seconds: When, counted from the SIGTERM that the worker got.
        signal: Which.
        meaning: What it is for, in words.
    """

    after_seconds: float
    signal: signal.Signals
    meaning: str


def last_steps(stop_timeout_seconds: float) -> tuple[Step, ...]:
    """The steps in their order; all come before SIGKILL.

    A task's process takes SIGTERM as "call `on_kill`" and nothing else: what was started elsewhere is
    stopped, but Python code runs on. SIGINT ends that; Airflow's supervisor, which is not the process that
    gets it, then tells the scheduler at once that the task is up for retry, and uploads its log. SIGKILL does
    the same for code that catches even SIGINT or never comes back from C.

    Args:
        stop_timeout_seconds: From SIGTERM to SIGKILL, as the container definition says.
    """
    reserve = min(_RESERVE_SECONDS, stop_timeout_seconds / 2)
    begin = stop_timeout_seconds - reserve
    return (
        Step(begin, signal.SIGTERM, "their on_kill is called"),
        Step(begin + reserve / 5, signal.SIGINT, "they are interrupted"),
        Step(begin + reserve * 3 / 5, signal.SIGKILL, "they are killed"),
    )


def give_up_after(stop_timeout_seconds: float) -> float:
    """Seconds after SIGTERM from which the worker ends even if it thinks that tasks run."""
    return stop_timeout_seconds - min(_RESERVE_SECONDS, stop_timeout_seconds / 2) / 5
