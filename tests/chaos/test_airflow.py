"""Airflow's own processes, killed one by one and all together while tasks run."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from chaos_load import Survive
from local_system import LocalSystem

PROCESSES = ("scheduler", "webserver", "dag-processor")
ALL = (*PROCESSES, "triggerer", "metrics")


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_that_is_killed_loses_no_task(process: str, system: LocalSystem, survive: Survive) -> None:
    verdict = survive(f"kill -9 of the {process}", lambda _: system.kill(process))

    assert verdict.good, verdict


def test_all_of_airflow_killed_at_once_loses_no_task(system: LocalSystem, survive: Survive) -> None:
    (task,) = system.tasks("airflow")

    def kill_all(_: object) -> None:
        with ThreadPoolExecutor() as at_once:
            list(at_once.map(lambda process: system.kill(process, task=task["taskArn"]), ALL))

    verdict = survive("kill -9 of the whole airflow task", kill_all)

    assert verdict.good, verdict
    assert [found["taskArn"] for found in system.tasks("airflow")] != [task["taskArn"]]
