import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import cached_property
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest


class AirflowTaskTimeout(BaseException):
    pass


class OperationalError(Exception):
    pass


class ExceptionWithTraceback:
    def __init__(self, exception: BaseException, traceback: str) -> None:
        self.exception, self.traceback = exception, traceback


class Base:
    """As much of Airflow's executor as ours calls."""

    def __init__(self, parallelism: int = 32) -> None:
        self.revoked: list[Any] = []
        self.running: set[Any] = set()
        self.workloads: dict[Any, Any] = {}
        self.synced = 0
        self.started = False

    def start(self) -> None:
        self.started = True

    @cached_property
    def jwt_generator(self) -> Any:
        return SimpleNamespace(generate=lambda **asked: asked)

    def revoke_task(self, *, ti: Any) -> None:
        self.revoked.append(ti)

    def sync(self) -> None:
        self.synced += 1


@pytest.fixture
def answers() -> dict[str, BaseException | str]:
    """What sending a task leads to, by its key."""
    return {}


@pytest.fixture
def tried() -> list[str]:
    """The keys of the tasks that were sent."""
    return []


@pytest.fixture
def unfinished() -> set[str]:
    """Celery's ids of the tasks that Airflow's database has as queued or running."""
    return set()


@pytest.fixture
def module(
    monkeypatch: pytest.MonkeyPatch,
    answers: dict[str, BaseException | str],
    tried: list[str],
    unfinished: set[str],
) -> Iterator[Any]:
    """The module, over as much of Airflow and Celery as it names: they are only in the image."""

    def send(workload: tuple[str, str]) -> tuple[str, str, Any]:
        key, arguments = workload
        tried.append(key)
        answer = answers.get(key, "sent")
        return key, arguments, answer if isinstance(answer, str) else ExceptionWithTraceback(answer, "trace")

    class SchedulerJobRunner:
        _task_instance_heartbeat_timeout_secs = 300

        def _find_task_instances_without_heartbeats(self, *, session: str) -> list[str]:
            return [session]

    names: dict[str, dict[str, Any]] = {
        "airflow.models.taskinstancekey": {"TaskInstanceKey": str},
        "airflow.configuration": {"conf": SimpleNamespace(get=lambda *_: "http://127.0.0.1:1/execution/")},
        "airflow.jobs.scheduler_job_runner": {"SchedulerJobRunner": SchedulerJobRunner},
        "airflow.providers.celery.executors.celery_executor": {"CeleryExecutor": Base},
        "airflow.providers.celery.executors.celery_executor_utils": {
            "ExceptionWithTraceback": ExceptionWithTraceback,
            "OPERATION_TIMEOUT": 5.0,
            "send_workload_to_executor": send,
        },
        "airflow.providers.common.compat.sdk": {
            "AirflowTaskTimeout": AirflowTaskTimeout,
            "timeout": lambda seconds: nullcontext(),
        },
        "kombu.exceptions": {"OperationalError": OperationalError},
        "kf_airflow_runtime.unfinished_tasks": {
            "celery_ids": lambda: unfinished,
            "still_queued": lambda task: task.state == "queued",
        },
    }
    for name, members in names.items():
        made = ModuleType(name)
        made.__dict__.update(members)
        monkeypatch.setitem(sys.modules, name, made)
    found = importlib.import_module("kf_airflow_runtime.patient_executor")
    yield found
    del sys.modules[found.__name__]


@pytest.fixture
def app() -> Any:
    """As much of Celery's application as the executor uses: one connection."""
    client = SimpleNamespace(lrange=lambda *_: [])
    closed: list[str] = []
    connection = SimpleNamespace(
        default_channel=SimpleNamespace(client=client),
        collect=lambda: closed.append("closed"),
        ensure_connection=lambda max_retries: None,
    )
    pool = SimpleNamespace(acquire=lambda block: nullcontext(connection))
    conf = SimpleNamespace(broker_transport_options={"visibility_timeout": 604800})
    return SimpleNamespace(pool=pool, client=client, closed=closed, conf=conf)


@pytest.fixture
def send(module: Any, app: Any) -> Callable[..., dict[str, Any]]:
    """Sends tasks and returns what Airflow is told of each."""
    executor = module.PatientCeleryExecutor()
    executor.celery_app = app
    return lambda *keys: {
        key: result for key, _, result in executor._send_workloads_to_celery([(key, "{}") for key in keys])
    }


def test_a_scheduler_that_starts_it_gives_no_task_up_while_the_webserver_is_away(module: Any) -> None:
    executor = module.PatientCeleryExecutor()
    executor.start()

    assert executor.started
    assert module.SchedulerJobRunner()._find_task_instances_without_heartbeats(session="task") == []


def test_tasks_that_the_broker_takes_are_told_of_as_by_airflow_itself(
    send: Callable[..., dict[str, Any]],
) -> None:
    assert send("a", "b") == {"a": "sent", "b": "sent"}


@pytest.mark.parametrize(
    "error", [OperationalError("refused"), ConnectionRefusedError("refused"), AirflowTaskTimeout("late")]
)
def test_a_task_that_the_broker_refuses_is_told_of_as_one_that_airflow_tries_again(
    send: Callable[..., dict[str, Any]], answers: dict[str, BaseException | str], error: BaseException
) -> None:
    answers["a"] = error

    assert isinstance(send("a")["a"].exception, AirflowTaskTimeout)


def test_after_a_refusal_no_other_task_is_tried_in_the_same_turn(
    send: Callable[..., dict[str, Any]], answers: dict[str, BaseException | str], tried: list[str]
) -> None:
    answers["b"] = OperationalError("refused")

    assert list(send("a", "b", "c", "d")) == ["a", "b"]
    assert tried == ["a", "b"]


def test_after_a_refusal_the_connection_is_made_anew(
    send: Callable[..., dict[str, Any]], answers: dict[str, BaseException | str], app: Any
) -> None:
    send("a")
    before = list(app.closed)
    answers["a"] = OperationalError("read only")
    send("a")

    assert (before, app.closed) == ([], ["closed"])


def test_a_task_that_cannot_be_sent_by_its_own_fault_fails_and_the_others_are_sent(
    send: Callable[..., dict[str, Any]], answers: dict[str, BaseException | str]
) -> None:
    answers["a"] = ValueError("not JSON")

    told = send("a", "b")

    assert (type(told["a"].exception), told["b"]) == (ValueError, "sent")


@pytest.fixture
def executor(module: Any, app: Any) -> Any:
    """An executor with a broker, whose queue a test may let fail."""
    executor = module.PatientCeleryExecutor()
    executor.celery_app = app
    return executor


@pytest.mark.parametrize(("scope", "seconds"), [("workload", 604800), ("execution", 20), (None, 20)])
def test_only_the_token_in_a_message_is_good_for_as_long_as_the_message(
    executor: Any, scope: str | None, seconds: int
) -> None:
    extras = {"sub": "task", **({"scope": scope} if scope else {})}

    assert executor.jwt_generator.generate(extras=extras, valid_for=20)["valid_for"] == seconds


def test_a_task_is_taken_back_although_its_message_is_gone(executor: Any) -> None:
    task = SimpleNamespace(queue="default", external_executor_id="id", state="queued")

    executor.revoke_task(ti=task)

    assert executor.revoked == [task]


def test_a_task_that_a_worker_has_begun_meanwhile_is_not_taken_back(executor: Any) -> None:
    with pytest.raises(NotImplementedError):
        executor.revoke_task(ti=SimpleNamespace(queue="default", external_executor_id="id", state="running"))
    assert executor.revoked == []


def test_nothing_is_taken_back_while_the_broker_is_away(executor: Any) -> None:
    def refuse(*_: Any) -> None:
        raise ConnectionResetError

    executor.celery_app.client.lrange = refuse

    with pytest.raises(NotImplementedError):
        executor.revoke_task(ti=SimpleNamespace(queue="default", external_executor_id="id", state="queued"))
    assert executor.revoked == []


@pytest.fixture
def look(executor: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[], set[Any]]:
    """Lets the executor look at its slots, and returns which are held afterwards."""

    def look() -> set[Any]:
        monkeypatch.setattr(executor._slots, "_due_at", 0)
        executor.sync()
        assert set(executor.workloads) == executor.running
        return set(executor.running)

    return look


def hold(executor: Any, **ids: str) -> None:
    """Gives tasks slots, by key and Celery's id."""
    executor.running |= set(ids)
    executor.workloads |= {key: SimpleNamespace(task_id=id_) for key, id_ in ids.items()}


def test_the_slot_of_a_task_that_has_ended_without_a_result_is_freed(
    executor: Any, look: Callable[[], set[Any]], unfinished: set[str]
) -> None:
    hold(executor, runs="1", ended="2")
    unfinished.add("1")

    assert (look(), look()) == ({"runs", "ended"}, {"runs"})


def test_what_is_no_task_keeps_its_slot(executor: Any, look: Callable[[], set[Any]]) -> None:
    callback = 7
    executor.running.add(callback)
    executor.workloads[callback] = SimpleNamespace(task_id="3")

    assert (look(), look()) == ({callback}, {callback})


def test_results_are_read_at_every_turn_and_slots_looked_at_now_and_then(executor: Any) -> None:
    hold(executor, ended="2")
    for _ in range(3):
        executor.sync()

    assert (executor.synced, executor.running) == (3, {"ended"})
