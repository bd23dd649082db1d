"""How long the message of a queued task is good."""

GRACE_SECONDS = 90.0
"""Beyond the time after which the scheduler sends a task again. It looks every 30 s, and its turn may be a
long one; until then the old message is the only one and must work. The webserver takes the token in it for
120 s longer (`AIRFLOW__API_AUTH__JWT_LEEWAY`), as clocks may differ."""


def expire_after(task_queued_timeout_seconds: float) -> float:
    """Seconds from sending a message until workers drop it.

    Args:
        task_queued_timeout_seconds: When the scheduler sends a task again that no worker has taken.
    """
    return task_queued_timeout_seconds + GRACE_SECONDS
