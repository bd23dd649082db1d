"""The tokens in the messages of tasks, with which a worker may start its task and nothing else."""

from collections.abc import Mapping
from typing import Any


class WorkloadTokens:
    """Airflow's generator of tokens, whose tokens for messages are good for as long as these may come back.

    Airflow ends them with `task_queued_timeout`, after which it sends a task again, but at its next look:
    who takes the message in between is refused, and the task fails. A message may also be handed out again
    while its task runs. With a good token the repetition is told so and dropped; when it is refused, Celery
    records a failure, and Airflow ends the task.

    Args:
        generator: Airflow's own.
        seconds: How long after it was sent a message may come back.
    """

    def __init__(self, generator: Any, seconds: float) -> None:
        self._generator = generator
        self._seconds = seconds

    def generate(
        self,
        extras: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        valid_for: float | None = None,
    ) -> str:
        """A token, as of Airflow's `JWTGenerator`."""
        if extras and extras.get("scope") == "workload":
            valid_for = max(self._seconds, valid_for or 0)
        token: str = self._generator.generate(extras=extras, headers=headers, valid_for=valid_for)
        return token
