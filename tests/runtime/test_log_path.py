import pytest

from kf_airflow_runtime.log_path import ids_in

RUN = "dag_id=d/run_id=scheduled__2026-11-24T00:00:00+00:00/task_id=group.t"


@pytest.mark.parametrize(
    "name", ["attempt=2.log", "attempt=2.log.trigger.7.log", "attempt=2.log.1732-ab.log"]
)
def test_the_place_of_a_log_names_its_task(name: str) -> None:
    assert ids_in(f"{RUN}/{name}") == {
        "dag_id": "d",
        "run_id": "scheduled__2026-11-24T00:00:00+00:00",
        "task_id": "group.t",
        "try_number": 2,
    }


def test_a_mapped_task_has_its_index() -> None:
    assert ids_in(f"{RUN}/map_index=3/attempt=1.log")["map_index"] == 3


def test_an_id_may_have_an_equals_sign() -> None:
    assert ids_in("dag_id=d/run_id=a=b/attempt=1.log")["run_id"] == "a=b"


@pytest.mark.parametrize("path", ["d/t/2026-11-24/1.log", "dag/attempt=.log", "map_index=x/1.log"])
def test_a_place_of_another_form_names_none(path: str) -> None:
    assert ids_in(path) == {}
