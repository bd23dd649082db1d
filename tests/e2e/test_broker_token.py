"""The broker's token is changed as docs/operations.md describes it, while Airflow runs."""

from dataclasses import dataclass

import pytest
from airflow_api import AirflowApi
from local_system import LocalSystem
from python_terraform import IsFlagged

pytestmark = pytest.mark.e2e


@dataclass(frozen=True)
class Change:
    """What there was before it."""

    token: str
    workers: frozenset[str]


def workers(system: LocalSystem) -> frozenset[str]:
    return frozenset(task["taskArn"] for task in system.tasks("worker"))


@pytest.fixture(scope="module")
def change(system: LocalSystem) -> Change:
    before = Change(system.secret("broker_secret_arn")["password"], workers(system))
    _, listed, _ = system.terraform.cmd("state", "list")
    (seed,) = (address for address in listed.splitlines() if "token-seed" in address)
    code, output, errors = system.terraform.apply(skip_plan=True, replace=seed, no_color=IsFlagged)
    assert code == 0, output + errors
    return before


def test_the_secret_has_a_token_that_the_broker_takes(system: LocalSystem, change: Change) -> None:
    assert system.secret("broker_secret_arn")["password"] != change.token
    assert system.redis("PING") == ["PONG"]


def test_what_runs_goes_on_with_the_token_of_before(
    system: LocalSystem, airflow: AirflowApi, change: Change
) -> None:
    run_id = airflow.trigger("smoke")

    assert airflow.wait_for_run("smoke", run_id)["state"] == "success"
    assert workers(system) == change.workers


def test_a_new_worker_has_the_new_token_and_takes_messages_with_it(
    change: Change, two_workers: LocalSystem
) -> None:
    two_workers.wait_until_whole()  # who takes none is not healthy

    (new,) = workers(two_workers) - change.workers
    (container,) = two_workers.containers(kind="ecs-container", container="worker", resource=new)
    token = two_workers.secret("broker_secret_arn")["password"]
    assert f"KF_AIRFLOW_BROKER_PASSWORD={token}" in container.attrs["Config"]["Env"]
