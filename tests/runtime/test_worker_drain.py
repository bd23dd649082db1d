import importlib
from collections import deque
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kf_airflow_runtime.unsent_logs import UnsentLogs
from kf_airflow_runtime.work import Work


class Request:
    """One of Celery's."""

    def __init__(self, job: object = None) -> None:
        self._apply_result = (lambda: job) if job else None
        self.rejected: list[bool] = []

    def reject(self, *, requeue: bool) -> None:
        self.rejected.append(requeue)


class TaskConsumer:
    """kombu's, that says what was asked of it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.channel = SimpleNamespace(_in_poll=None)

    def cancel(self) -> None:
        self.asked.append("cancel")

    def consume(self) -> None:
        self.asked.append("consume")


@pytest.fixture
def drain(celery: Any) -> Any:
    """A drain over a consumer of which nothing is real but the places in which it keeps requests."""
    module = importlib.import_module("kf_airflow_runtime.worker_drain")
    semaphore = SimpleNamespace(_waiting=deque(), released=0)
    semaphore.release = lambda: setattr(semaphore, "released", semaphore.released + 1)
    consumer = SimpleNamespace(
        task_consumer=TaskConsumer(),
        controller=SimpleNamespace(semaphore=semaphore),
        pool=SimpleNamespace(_pool=SimpleNamespace(outbound_buffer=deque())),
    )
    made = module.Drain(consumer, Work())
    made.celery, made.consumer = celery.state, consumer
    return made


def waiting_for_a_slot(drain: Any) -> Request:
    request = Request()
    drain.celery.reserved_requests.append(request)
    drain.consumer.controller.semaphore._waiting.append((print, (request,), {}))
    return request


def in_the_buffer(drain: Any) -> Request:
    job = SimpleNamespace(discarded=False)
    job.discard = lambda: setattr(job, "discarded", True)
    request = Request(job)
    drain.celery.reserved_requests.append(request)
    drain.consumer.pool._pool.outbound_buffer.append(job)
    return request


def running(drain: Any) -> Request:
    request = Request(SimpleNamespace())
    drain.celery.reserved_requests.append(request)
    drain.celery.active_requests.append(request)
    return request


def test_while_nothing_is_asked_of_it_it_counts_and_consumes(drain: Any) -> None:
    running(drain)
    waiting_for_a_slot(drain)
    drain.turn()
    assert (drain._work.running, drain._work.waiting, drain.consumer.task_consumer.asked) == (1, 1, [])


@pytest.mark.parametrize("reason", [{"terminated": True}, {"replaced": "kf-worker:9"}])
def test_it_stops_to_consume_once(drain: Any, reason: dict[str, Any]) -> None:
    running(drain)
    vars(drain._work).update(reason)
    drain.turn()
    drain.turn()
    assert drain.consumer.task_consumer.asked == ["cancel"]


@pytest.mark.parametrize("place", [waiting_for_a_slot, in_the_buffer])
def test_what_has_not_begun_is_handed_back(drain: Any, place: Any) -> None:
    request = place(drain)
    drain._work.terminated = True
    drain.turn()
    assert request.rejected == [True]
    assert not drain.consumer.controller.semaphore._waiting
    assert not drain.consumer.pool._pool.outbound_buffer


def test_the_slot_of_what_was_in_the_buffer_is_free_again(drain: Any) -> None:
    in_the_buffer(drain)
    drain._work.terminated = True
    drain.turn()
    assert drain.consumer.controller.semaphore.released == 1


def test_what_runs_is_not_handed_back(drain: Any) -> None:
    request = running(drain)
    drain._work.terminated = True
    drain.turn()
    assert request.rejected == []


def test_what_a_process_is_just_getting_is_not_handed_back(drain: Any) -> None:
    request = Request(SimpleNamespace())
    drain.celery.reserved_requests.append(request)
    drain._work.terminated = True
    drain.turn()
    assert request.rejected == []


def test_a_worker_that_is_to_end_ends_when_nothing_runs(drain: Any) -> None:
    request = running(drain)
    drain._work.terminated = True
    drain.turn()
    drain.turn()
    assert drain.celery.should_stop is None
    drain.celery.active_requests.remove(request)
    drain.celery.reserved_requests.remove(request)
    drain.turn()
    assert drain.celery.should_stop == 0


def test_it_does_not_end_while_redis_may_still_answer_with_a_message(drain: Any) -> None:
    drain._work.terminated = True
    drain.consumer.task_consumer.channel._in_poll = "a connection"
    drain.turn()
    drain.turn()
    assert drain.celery.should_stop is None


def test_a_replaced_worker_leaves_it_to_ecs_to_end_it(drain: Any) -> None:
    drain._work.replaced = "kf-worker:9"
    drain.turn()
    drain.turn()
    assert drain.celery.should_stop is None


def test_after_a_rollback_it_consumes_again(drain: Any) -> None:
    drain._work.replaced = "kf-worker:9"
    drain.turn()
    drain._work.replaced = ""
    drain.turn()
    drain.turn()
    assert drain.consumer.task_consumer.asked == ["cancel", "consume"]


def test_a_new_connection_of_a_replaced_worker_stops_to_consume_again(drain: Any) -> None:
    drain._work.replaced = "kf-worker:9"
    drain.turn()
    drain.consuming = True
    drain.turn()
    assert drain.consumer.task_consumer.asked == ["cancel", "cancel"]


def test_a_worker_that_is_told_to_end_does_so_once_its_logs_are_sent(
    drain: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unsent = UnsentLogs(tmp_path)
    monkeypatch.setattr(drain, "_unsent", unsent)
    unsent.note("a.log")
    drain._work.terminated = True
    for _ in range(3):
        drain.turn()
    assert (drain._work.unsent, drain.celery.should_stop) == (1, None)
    unsent.sent(unsent.all()[0])
    drain.turn()
    assert drain.celery.should_stop == 0
