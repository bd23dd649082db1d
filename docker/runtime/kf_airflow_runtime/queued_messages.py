"""The messages of queued tasks: how long they are good, and how one is taken back."""

import json
from typing import Any

GRACE_SECONDS = 90.0
"""Beyond the time after which the scheduler sends a task again. It looks every 30 s, and its turn may be a
long one; until then the old message is the only one and must work. The webserver takes the token in it for
120 s longer (`AIRFLOW__API_AUTH__JWT_LEEWAY`), as clocks may differ."""

_CHUNK = 100


def expire_after(task_queued_timeout_seconds: float) -> float:
    """Seconds from sending a message until workers drop it.

    Args:
        task_queued_timeout_seconds: When the scheduler sends a task again that no worker has taken.
    """
    return task_queued_timeout_seconds + GRACE_SECONDS


def take_back(redis: Any, queue: str, task_id: str) -> bool:
    """Removes a message from a queue.

    Args:
        redis: A client of the broker.
        queue: The queue, which is a list in Redis with the oldest message last.
        task_id: Celery's id of the task.

    Returns:
        Whether it was there. If not, a worker has it, or it is lost.
    """
    end = -1
    # What is taken back has waited longest, so the search starts there.
    while chunk := redis.lrange(queue, end - _CHUNK + 1, end):
        for message in reversed(chunk):
            if json.loads(message)["headers"].get("id") == task_id:
                return bool(redis.lrem(queue, -1, message))
        if len(chunk) < _CHUNK:
            break
        end -= _CHUNK
    return False
