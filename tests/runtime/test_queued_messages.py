import json
from typing import Any

from kf_airflow_runtime import queued_messages


class Lists:
    """As much of a Redis client as lists take, the oldest entry last."""

    def __init__(self, *entries: bytes) -> None:
        self.entries = list(entries)

    def lrange(self, _queue: str, start: int, end: int) -> list[bytes]:
        size = len(self.entries)
        first, last = (max(0, size + start), size + end) if start < 0 else (start, end)
        return self.entries[first : last + 1]

    def lrem(self, _queue: str, count: int, entry: bytes) -> int:
        assert count == -1
        before = len(self.entries)
        if entry in self.entries:
            self.entries.reverse()
            self.entries.remove(entry)
            self.entries.reverse()
        return before - len(self.entries)


def message(name: Any) -> bytes:
    return json.dumps({"body": "x", "headers": {"id": f"id-{name}"}}).encode()


def test_a_message_that_waits_is_taken_back_and_no_other() -> None:
    queue = Lists(*(message(number) for number in range(5)))

    assert queued_messages.take_back(queue, "default", "id-3")
    assert queue.entries == [message(number) for number in (0, 1, 2, 4)]


def test_a_message_is_found_wherever_it_is_in_a_long_queue() -> None:
    for wanted in (0, 1, 99, 100, 101, 249):
        queue = Lists(*(message(number) for number in range(250)))

        assert queued_messages.take_back(queue, "default", f"id-{wanted}"), wanted
        assert message(wanted) not in queue.entries


def test_a_message_that_is_not_there_is_not_taken_back() -> None:
    for size in (0, 1, 100, 200):
        queue = Lists(*(message(number) for number in range(size)))

        assert not queued_messages.take_back(queue, "default", "id-none")
        assert len(queue.entries) == size


def test_what_is_not_celery_s_is_left_alone() -> None:
    strange = json.dumps({"body": "x", "headers": {}}).encode()
    queue = Lists(message(0), strange)

    assert queued_messages.take_back(queue, "default", "id-0")
    assert queue.entries == [strange]
