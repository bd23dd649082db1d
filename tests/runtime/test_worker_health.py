import importlib
import time
from types import SimpleNamespace
from typing import Any

import pytest

from kf_airflow_runtime.work import Work


@pytest.fixture
def worker_health(celery: Any) -> Any:
    """The module."""
    return importlib.import_module("kf_airflow_runtime.worker_health")


def consumer(**changes: Any) -> Any:
    """As much of Celery's consumer as is looked at: one that waits for messages."""
    qos = SimpleNamespace(can_consume=lambda: True)
    channel = SimpleNamespace(active_queues={"default"}, qos=qos, _brpop_sent_at=time.monotonic())
    return SimpleNamespace(
        task_consumer=SimpleNamespace(channel=channel), pool=SimpleNamespace(num_processes=2), **changes
    )


def test_the_loop_looks_at_its_start_and_every_second(worker_health: Any) -> None:
    timers: list[tuple[float, Any]] = []
    soon: list[Any] = []
    hub = SimpleNamespace(call_repeatedly=lambda *timer: timers.append(timer), call_soon=soon.append)
    worker_health.LoopStep().register_with_event_loop(consumer(), hub)
    ((seconds, tick),) = timers
    assert (seconds, soon) == (1.0, [tick])
    tick()
    assert worker_health.state.verdict() == (True, "the event loop turned 0 s ago, 60 s allowed")


def test_it_sees_when_redis_was_asked_and_what_runs(worker_health: Any) -> None:
    asked = consumer()
    asked.task_consumer.channel._brpop_sent_at -= 30
    seen = worker_health.sight(asked, Work(running=1, waiting=2, terminated=True))
    assert (seen.wanted, seen.queues, seen.room, seen.running, seen.waiting, seen.slots) == (
        *(False, 1, True),
        *(1, 2, 2),
    )
    assert 30 <= seen.asked < 31


@pytest.mark.parametrize(("blueprint", "said"), [(1, "no broker"), (2, "stopping"), (3, "stopping")])
def test_leaving_the_loop_is_for_good_only_when_the_consumer_closes(
    worker_health: Any, blueprint: int, said: str
) -> None:
    left = consumer(blueprint=SimpleNamespace(state=blueprint), broker_connection_retry_attempt=0)
    worker_health.LoopStep().stop(left)
    healthy, reason = worker_health.state.verdict()
    assert (healthy, reason.startswith(said)) == (True, True)
