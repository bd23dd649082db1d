import importlib
import json
from types import SimpleNamespace
from typing import Any

import pytest
from fake_clock import FakeClock

INSTANCE = {
    "id": "0199",
    "dag_id": "smoke",
    "task_id": "say",
    "run_id": "manual__1",
    "map_index": -1,
    "try_number": 2,
    "queue": "default",
}
WORKLOAD = json.dumps({"token": "secret", "ti": INSTANCE, "type": "ExecuteTask"})
IDS = {
    "task_instance_id": "0199",
    **{name: INSTANCE[name] for name in ("dag_id", "task_id", "run_id", "map_index", "try_number")},
}


@pytest.fixture
def task_events(celery: Any) -> Any:
    return importlib.import_module("kf_airflow_runtime.task_events")


def events(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capfd.readouterr().out.splitlines()]


def test_a_task_is_told_at_its_begin_and_at_its_end_with_its_ids(
    task_events: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    clock = FakeClock(100)
    told = task_events.TaskEvents(clock)
    told.began(sender=None, task_id="celery's", args=(WORKLOAD,), kwargs={})
    clock.now += 12.34
    told.ended(sender=None, task_id="celery's", args=(WORKLOAD,), state="SUCCESS", retval=None)

    began, ended = events(capfd)
    assert began["event"] == "task-began"
    assert began.items() >= IDS.items()
    assert (
        ended.items() >= {**IDS, "event": "task-ended", "seconds": 12.3, "message_state": "SUCCESS"}.items()
    )


def test_a_token_is_in_no_event(task_events: Any, capfd: pytest.CaptureFixture[str]) -> None:
    told = task_events.TaskEvents()
    told.began(args=(WORKLOAD,))
    told.ended(args=(WORKLOAD,), state="FAILURE")

    assert "secret" not in capfd.readouterr().out


@pytest.mark.parametrize(
    "args", [(), (None,), ("no json",), ('{"callback": {}}',), ("[]",), ('{"ti": 1}',)], ids=repr
)
def test_messages_about_something_else_are_no_tasks(
    task_events: Any, capfd: pytest.CaptureFixture[str], args: Any
) -> None:
    told = task_events.TaskEvents()
    told.began(args=args)
    told.ended(args=args, state="SUCCESS")

    assert capfd.readouterr().out == ""


def test_of_requests_the_ids_of_the_first_twenty_are_told(task_events: Any) -> None:
    requests = [SimpleNamespace(args=[WORKLOAD]) for _ in range(30)]

    assert task_events.ids_of_requests([object(), *requests]) == [IDS] * 20
