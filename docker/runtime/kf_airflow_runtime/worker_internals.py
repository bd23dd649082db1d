# ruff: noqa: SLF001 - what this is about has no public name.
"""The places where the worker reaches into Celery and kombu, whose versions `requirements.lock` pins."""

import time
from typing import Any


def asked_seconds_ago(channel: Any) -> float | None:
    """How long ago kombu asked Redis for a message (BRPOP); None if it has not yet."""
    sent_at = channel._brpop_sent_at
    return None if sent_at is None else time.monotonic() - sent_at


def awaits_message(channel: Any) -> bool:
    """Whether Redis may still answer a question: the message would be gone from its list, and from here."""
    return bool(channel._in_poll)


def held_tags(channel: Any) -> set[str]:
    """The tags of the messages that Redis keeps for this worker until they are acknowledged."""
    held: set[str] = set(channel.qos._delivered) - channel.qos._dirty
    return held


def withdraw(consumer: Any, request: Any) -> bool:
    """Takes a request away from the pool; False if one of its processes is just getting it.

    Celery holds a request in one of two places before it runs: among those that wait for a slot, or, for the
    moment until a process can be written to, in the pool's buffer.
    """
    slots, pool = consumer.controller.semaphore, consumer.pool._pool
    waiter = next((entry for entry in slots._waiting if request in entry[1]), None)
    if waiter is not None:
        slots._waiting.remove(waiter)
        return True
    job = request._apply_result() if request._apply_result else None
    if job is None or job not in pool.outbound_buffer:
        return False
    pool.outbound_buffer.remove(job)
    job.discard()
    slots.release()
    return True


def mark_busy_processes(consumer: Any) -> None:
    """Tells the pool which of its processes run a task, which it forgets when the connection breaks."""
    pool = consumer.pool._pool
    for job in pool._cache.values():
        process = job._write_to
        if job._accepted and process is not None and process._is_alive():
            pool._busy_workers.add(process.inqW_fd)
