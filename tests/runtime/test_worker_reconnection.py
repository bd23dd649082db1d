import importlib
from types import SimpleNamespace
from typing import Any

import pytest


class Channel:
    """A channel of kombu's that says what became of messages."""

    def __init__(self) -> None:
        self.acknowledged: list[str] = []
        self.handed_back: list[str] = []
        self.qos = SimpleNamespace(_delivered={}, _dirty=set())
        self.qos.append = lambda message, tag: self.qos._delivered.update({tag: message})

    def basic_ack(self, tag: str) -> None:
        self.acknowledged.append(tag)
        self.qos._dirty.add(tag)

    def basic_reject(self, tag: str, *, requeue: bool) -> None:
        assert requeue
        self.handed_back.append(tag)
        self.qos._dirty.add(tag)


def request(tag: str, *, began: bool = False, ended: bool = False) -> Any:
    return SimpleNamespace(
        message=SimpleNamespace(delivery_tag=tag, channel=None),
        acknowledged=ended,
        time_start=1.0 if began else None,
    )


@pytest.fixture
def messages(celery: Any) -> Any:
    """Three messages of a connection that broke: not begun, running, and ended meanwhile."""
    made = importlib.import_module("kf_airflow_runtime.worker_reconnection").Messages()
    made.received(request=request("waits"))
    made.received(request=request("runs", began=True))
    made.received(request=request("ended", began=True, ended=True))
    return made


def test_each_message_is_settled_or_kept_as_its_task_stands(messages: Any) -> None:
    channel = Channel()
    messages.carry_over(channel)
    assert (channel.handed_back, channel.acknowledged) == (["waits"], ["ended"])


def test_the_message_of_a_running_task_is_acknowledged_on_the_new_connection(messages: Any) -> None:
    channel = Channel()
    messages.carry_over(channel)
    assert set(channel.qos._delivered) - channel.qos._dirty == {"runs"}
    assert channel.qos._delivered["runs"].channel is channel


def test_when_the_connection_breaks_again_nothing_is_settled_twice(messages: Any) -> None:
    messages.carry_over(Channel())
    second = Channel()
    messages.carry_over(second)
    assert (second.handed_back, second.acknowledged, list(second.qos._delivered)) == ([], [], ["runs"])


def test_what_was_settled_meanwhile_is_forgotten(messages: Any) -> None:
    first, second = Channel(), Channel()
    messages.carry_over(first)
    first.basic_ack("runs")
    messages.forget_settled(first)
    messages.carry_over(second)
    assert second.qos._delivered == {}


def test_the_pool_is_told_which_processes_run_tasks(celery: Any) -> None:
    internals = importlib.import_module("kf_airflow_runtime.worker_internals")

    def job(fd: int, *, accepted: bool = True, alive: bool = True) -> Any:
        process = SimpleNamespace(inqW_fd=fd, _is_alive=lambda: alive)
        return SimpleNamespace(_accepted=accepted, _write_to=process)

    jobs = [
        job(1),
        job(2, accepted=False),
        job(3, alive=False),
        SimpleNamespace(_accepted=True, _write_to=None),
    ]
    pool = SimpleNamespace(_cache=dict(enumerate(jobs)), _busy_workers=set())
    internals.mark_busy_processes(SimpleNamespace(pool=SimpleNamespace(_pool=pool)))
    assert pool._busy_workers == {1}
