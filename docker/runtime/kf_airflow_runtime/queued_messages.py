"""The messages of queued tasks, in Redis."""

import json
from typing import Any

_CHUNK = 100


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
