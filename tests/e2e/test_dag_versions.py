"""A deployment of other DAGs while a run is half done: the run ends as it began, the next one is new."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from airflow_api import AirflowApi
from availability import Availability, watched
from figures import figures
from local_system import LocalSystem
from project import REPORTS, ROOT
from waiting import wait_for

pytestmark = pytest.mark.e2e

DAG, GO = "versions", "versions_go"
DAGS = ROOT / "tests/e2e/dags"
# Two tries of `second_try`, and a look of `gate` at least before and after the deployment.
TASKS = ["before", "gate", "mapped", "mapped", "mapped", "second_try"]


def deploy(folder: Path) -> float:
    """Deploys as a user does; returns how many seconds it took."""
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "kf_airflow_local", "up", "--dags", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=1200,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return time.monotonic() - begun


def newest_version(airflow: AirflowApi) -> dict[str, Any]:
    """The newest version of the DAG."""
    found: dict[str, Any] = airflow.get(f"dags/{DAG}/dagVersions", order_by="-version_number")[
        "dag_versions"
    ][0]
    return found


def said(airflow: AirflowApi, run_id: str) -> set[str]:
    """What all tries of all tasks of a run said of their version."""
    lines: set[str] = set()
    for task in airflow.task_instances(DAG, run_id):
        for attempt in range(1, task["try_number"] + 1):
            log = airflow.log_text(task, try_number=attempt)
            found = {line.partition("VERSIONS ")[2] for line in log.splitlines() if "VERSIONS " in line}
            assert found, f"{task['task_id']} try {attempt} said nothing: {log}"
            lines |= found
    return lines


@dataclass(frozen=True)
class Deployed:
    """What was seen of a deployment.

    Attributes:
        old_run: The run that was half done when it began.
        new_run: A run that began after it.
        before: The version of the DAG before it.
        after: The version after it.
        old_workers: The task definition of the workers before it.
        availability: What the load balancer answered all along.
        states: The states of both runs at their end.
    """

    old_run: str
    new_run: str
    before: dict[str, Any]
    after: dict[str, Any]
    old_workers: str
    availability: Availability
    states: tuple[str, str]


@pytest.fixture(scope="module")
def other_dags(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The DAGs of the tests, of which one has other code and imports something with other code."""
    folder = tmp_path_factory.mktemp("b") / "dags"
    shutil.copytree(DAGS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name, old, new in (
        ("versions.py", 'VERSION = "A"', 'VERSION = "B"'),
        ("versions_helper.py", 'HELPER = "A"', 'HELPER = "B"'),
    ):
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new))
    return folder


@pytest.fixture(scope="module")
def deployed(system: LocalSystem, airflow: AirflowApi, other_dags: Path) -> Iterator[Deployed]:
    """Deploys other DAGs while a run waits, lets it go on, starts another; and the first DAGs at the end."""
    airflow.delete_variable(GO)
    system.wait_until_whole()
    before, old_workers = newest_version(airflow), system.service("worker")["taskDefinition"]
    old_run = airflow.trigger(DAG)
    wait_for(
        "the run waits",
        lambda: {task["task_id"]: task["state"] for task in airflow.task_instances(DAG, old_run)},
        lambda states: states.get("gate") == "up_for_reschedule",
        timeout_seconds=90,
    )
    pages = [f"{airflow.url}{path}" for path in ("/", f"/api/v2/dags/{DAG}/dagRuns", "/api/v2/version")]
    try:
        with watched(pages, airflow.headers) as availability:
            seconds = deploy(other_dags)
            after = wait_for(
                "the new version of the DAG",
                lambda: newest_version(airflow),
                lambda version: version["bundle_version"] != before["bundle_version"],
                timeout_seconds=120,
            )
            airflow.set_variable(GO, "on")
            new_run = airflow.trigger(DAG)
            states = tuple(airflow.wait_for_run(DAG, run)["state"] for run in (old_run, new_run))
            system.wait_until_whole()
        _report(availability, seconds)
        yield Deployed(old_run, new_run, before, after, old_workers, availability, (states[0], states[1]))
    finally:
        airflow.delete_variable(GO)
        deploy(DAGS)
        system.wait_until_whole()


def _report(availability: Availability, seconds: float) -> None:
    with figures(REPORTS / "e2e.json") as report:
        report["deployment"] = {
            "seconds": round(seconds),
            "requests": availability.answers.total(),
            "answers": dict(availability.answers),
            "answers_5xx_or_none": len(availability.bad),
            "longest_answer_seconds": round(availability.longest_seconds, 1),
        }


def test_nothing_fails(deployed: Deployed) -> None:
    assert deployed.states == ("success", "success")


def test_a_run_that_was_half_done_ends_with_the_code_it_began_with(
    airflow: AirflowApi, deployed: Deployed
) -> None:
    tasks = airflow.task_instances(DAG, deployed.old_run)

    assert sorted(task["task_id"] for task in tasks) == TASKS
    assert said(airflow, deployed.old_run) == {"code A, helper A"}


def test_it_does_so_on_workers_of_the_new_image(
    system: LocalSystem, airflow: AirflowApi, deployed: Deployed
) -> None:
    workers = {system.task_address(task): task["taskDefinitionArn"] for task in system.tasks("worker")}
    later = [
        workers[task["hostname"]]
        for task in airflow.task_instances(DAG, deployed.old_run)
        if task["task_id"] in {"mapped", "second_try"}
    ]

    assert len(later) == 4
    assert deployed.old_workers not in later


def test_a_run_that_begins_afterwards_has_the_new_code(airflow: AirflowApi, deployed: Deployed) -> None:
    assert said(airflow, deployed.new_run) == {"code B, helper B"}


def test_each_version_shows_its_own_code(airflow: AirflowApi, deployed: Deployed) -> None:
    code = [
        airflow.get(f"dagSources/{DAG}", version_number=version["version_number"])["content"]
        for version in (deployed.before, deployed.after)
    ]

    assert ['VERSION = "A"' in code[0], 'VERSION = "B"' in code[1]] == [True, True]


def test_each_run_refers_to_its_version(airflow: AirflowApi, deployed: Deployed) -> None:
    for run_id, version in ((deployed.old_run, deployed.before), (deployed.new_run, deployed.after)):
        run = airflow.run(DAG, run_id)
        assert run["bundle_version"] == version["bundle_version"]
        assert [found["version_number"] for found in run["dag_versions"]] == [version["version_number"]]


def test_a_deployment_makes_one_version(airflow: AirflowApi, deployed: Deployed) -> None:
    assert newest_version(airflow)["version_number"] == deployed.before["version_number"] + 1


def test_a_dag_that_has_not_changed_keeps_its_version(airflow: AirflowApi, deployed: Deployed) -> None:
    assert airflow.get("dags/patience/dagVersions")["total_entries"] == 1


def test_both_archives_are_in_the_bucket(system: LocalSystem, deployed: Deployed) -> None:
    for version in (deployed.before, deployed.after):
        key = f"dags/{version['bundle_version']}.tar.gz"
        found = system.aws("s3").head_object(Bucket=system.outputs["log_bucket_name"], Key=key)
        assert found["ContentLength"] > 0


def test_the_load_balancer_answers_all_along_without_a_5xx(deployed: Deployed) -> None:
    assert deployed.availability.bad == []
    assert deployed.availability.answers.total() > 100
