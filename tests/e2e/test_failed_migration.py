"""A migration that fails stops the deployment, and what served before serves on."""

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from airflow_api import AirflowApi
from local_system import LocalSystem
from project import ROOT
from steady_polling import polled
from waiting import wait_for

pytestmark = pytest.mark.e2e

UP_SECONDS = 600
UNKNOWN_REVISION = "000000000000"
ANOTHER = {"environment": {"DEPLOYMENT": "fails"}}
ANOTHER_VARIABLE = {"KF_AIRFLOW_EXTRAS": json.dumps({"airflow": ANOTHER, "worker": ANOTHER})}


@dataclass(frozen=True)
class Deployments:
    """One that failed, with another variable for workers and `airflow`, and one after the repair.

    Args:
        failed: What `up` did with the first.
        serving: The tasks of `airflow` before, after the first, and after the second.
        workers: Those of the workers before, and after the first.
        run: How a run ended that was started between the two.
        repaired: What `up` did with the second.
        through: When ECS called the workers of the second deployment through.
        begun: When `airflow` of the second deployment began.
        answers: What the webserver answered through the load balancer from the beginning to the end.
    """

    failed: subprocess.CompletedProcess[str]
    serving: tuple[set[str], set[str], set[str]]
    workers: tuple[set[str], set[str]]
    run: str
    repaired: subprocess.CompletedProcess[str]
    through: datetime
    begun: datetime
    answers: Counter[str]


def up(**settings: str) -> subprocess.CompletedProcess[str]:
    """Deploys the working tree as `nox -s up` does, with these settings besides."""
    return subprocess.run(
        [sys.executable, "-m", "kf_airflow_local", "up", "--dags", "tests/e2e/dags"],
        cwd=ROOT,
        env={**os.environ, "KF_AIRFLOW_WAIT_FOR_STEADY_STATE": "true", **settings},
        capture_output=True,
        text=True,
        timeout=UP_SECONDS,
        check=False,
    )


def serving(system: LocalSystem, component: str = "airflow") -> set[str]:
    """The tasks of a service."""
    return {task["taskArn"] for task in system.tasks(component)}


def newest_deployment(system: LocalSystem, component: str) -> dict[str, Any]:
    """The newest deployment of a service, once it has ended well."""

    def look() -> dict[str, Any]:
        found = system.aws("ecs").list_service_deployments(
            cluster=system.outputs["cluster_name"], service=system.outputs[f"{component}_service_name"]
        )["serviceDeployments"]
        newest: dict[str, Any] = max(found, key=lambda deployment: deployment["createdAt"])
        return newest

    return wait_for(
        f"the deployment of {component}",
        look,
        lambda newest: newest["status"] == "SUCCESSFUL",
        timeout_seconds=60,
    )


@pytest.fixture(scope="module")
def deployments(system: LocalSystem, airflow: AirflowApi) -> Deployments:
    (revision,) = system.psql("SELECT version_num FROM alembic_version")
    before, workers = serving(system), serving(system, "worker")
    with polled(f"{airflow.url}/api/v2/version") as answers:
        # As after a newer Airflow was there: this one cannot know what to do.
        system.psql(f"UPDATE alembic_version SET version_num = '{UNKNOWN_REVISION}'")  # noqa: S608
        try:
            failed = up(**ANOTHER_VARIABLE)
            between, new_workers = serving(system), serving(system, "worker")
            run = airflow.wait_for_run("smoke", airflow.trigger("smoke"))
        finally:
            system.psql(f"UPDATE alembic_version SET version_num = '{revision}'")  # noqa: S608
        # Without the variable, as it was before: ECS has tasks of before the failure, Terraform does not.
        repaired = up()
        after = serving(system)
    return Deployments(
        failed=failed,
        serving=(before, between, after),
        workers=(workers, new_workers),
        run=run["state"],
        repaired=repaired,
        through=newest_deployment(system, "worker")["finishedAt"],
        begun=newest_deployment(system, "airflow")["startedAt"],
        answers=answers,
    )


def test_the_deployment_fails_and_names_the_migration(deployments: Deployments) -> None:
    said = deployments.failed.stderr

    assert deployments.failed.returncode == 1, deployments.failed.stdout + said
    assert "The deployment of airflow failed, and the tasks before it serve on: `migrate` ended with" in said
    assert "`airflow db migrate` failed with exit code 1" in said


def test_terraform_itself_says_that_ecs_took_it_back(deployments: Deployments) -> None:
    assert "ECS took the deployment of kf-airflow-local-airflow back" in deployments.failed.stderr


def test_the_task_of_before_serves_on(deployments: Deployments) -> None:
    before, between, _ = deployments.serving

    assert between == before


def test_the_workers_are_the_new_ones_and_a_run_succeeds_on_them(deployments: Deployments) -> None:
    before, between = deployments.workers

    assert between
    assert not between & before
    assert deployments.run == "success"


def test_airflow_is_deployed_once_the_workers_are_through(deployments: Deployments) -> None:
    assert deployments.through <= deployments.begun


def test_once_repaired_the_deployment_goes_through(deployments: Deployments) -> None:
    before, _, after = deployments.serving

    assert deployments.repaired.returncode == 0, deployments.repaired.stdout + deployments.repaired.stderr
    assert len(after) == len(before)
    assert not after & before


def test_the_webserver_answers_through_both(deployments: Deployments) -> None:
    assert set(deployments.answers) == {"200"}, deployments.answers
    assert deployments.answers["200"] > 100
