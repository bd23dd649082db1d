"""What the states of a run mean."""

import pytest
from pytfe.models import RunStatus

from kf_airflow_deploy.run_states import APPLYING, FINAL, QUEUED, STUCK, PlanSummary, Run, exit_code


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("applied", 0),
        ("planned_and_finished", 0),
        ("errored", 1),
        ("policy_soft_failed", 1),
        ("discarded", 3),
        ("canceled", 3),
        ("force_canceled", 3),
    ],
)
def test_the_exit_code_says_how_a_run_ended(status: str, code: int) -> None:
    assert Run("run-1", status).ended
    assert exit_code(status) == code


def test_no_state_means_two_things() -> None:
    groups = [APPLYING, FINAL, QUEUED, STUCK]

    assert len(frozenset().union(*groups)) == sum(map(len, groups))


def test_the_states_are_those_of_terraform_cloud() -> None:
    known = {status.value for status in RunStatus}

    # pytfe does not know it, Terraform Cloud's documentation does.
    assert known | {"force_canceled"} >= APPLYING | FINAL | QUEUED | STUCK


def test_a_run_is_read_whatever_its_state_is_called() -> None:
    resource = {
        "id": "run-1",
        "attributes": {"status": "dreaming", "actions": {"is-confirmable": True}, "has-changes": True},
        "relationships": {
            "plan": {"data": {"type": "plans", "id": "plan-1"}},
            "apply": {"data": None},
            "policy-checks": {"data": []},
            "comments": {"links": {}},
        },
    }

    assert Run.of(resource) == Run("run-1", "dreaming", confirmable=True, plan_id="plan-1", has_changes=True)


def test_a_run_that_waits_for_its_turn_says_for_how_many() -> None:
    assert Run("run-1", "pending", position=2).words == "pending, 2 before it"
    assert Run("run-1", "policy_checked").words == "policy checked"


def test_a_plan_says_what_it_imports_if_it_does() -> None:
    assert str(PlanSummary(1, 2, 3)) == "1 to add, 2 to change, 3 to destroy"
    assert str(PlanSummary(1, 2, 3, imports=4)) == "4 to import, 1 to add, 2 to change, 3 to destroy"
