"""`nox -s drift`: what differs from what is deployed, and how it is told."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tfc_server import TOKEN, TfcServer
from tiny_project import TinyProject

from kf_airflow_deploy.command_line import main
from kf_airflow_deploy.drift_command import report
from kf_airflow_deploy.plan_changes import AttributeChange, Change

Output = Callable[[], str]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TinyProject:
    """A project whose state is a file, and which is deployed."""
    made = TinyProject.make(tmp_path / "project", state='path = "terraform.tfstate"')
    monkeypatch.chdir(made.root)
    made.stack(terraform=state_in(made.root), words={"input": {"greeting": "hello", "api_token": "hunter2"}})
    made.apply()
    return made


def state_in(root: Path) -> dict[str, object]:
    return {"backend": {"local": {"path": str(root / "terraform.tfstate")}}}


def test_what_is_deployed_as_it_should_be_does_not_differ(
    here: TinyProject, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["drift"]) == 0
    assert "dev is deployed as its settings say." in capfd.readouterr().out


def test_what_differs_is_named_without_its_secrets(
    here: TinyProject, capfd: pytest.CaptureFixture[str]
) -> None:
    here.stack(
        terraform=state_in(here.root),
        words={"input": {"greeting": "good day", "api_token": "hunter3"}},
        more={"input": "x"},
    )

    assert main(["drift"]) == 2

    said = capfd.readouterr().out
    assert "dev differs from its settings in 2 places" in said
    assert "  terraform_data.more: not deployed yet" in said
    assert "  terraform_data.words: deployed with other settings" in said
    assert '    input.greeting: "hello" -> "good day"' in said
    assert "    input.api_token: (secret)" in said
    assert "hunter" not in said


def test_a_comparison_changes_nothing(here: TinyProject) -> None:
    before = (here.root / "terraform.tfstate").read_bytes()
    here.stack(terraform=state_in(here.root), other={"input": "x"})

    assert main(["drift"]) == 2
    assert (here.root / "terraform.tfstate").read_bytes() == before
    # A plan has the state's secrets in it.
    assert list((here.root / "build/drift").rglob("*.tfplan")) == []


def test_a_stack_that_cannot_be_planned_is_an_error(
    here: TinyProject, capfd: pytest.CaptureFixture[str]
) -> None:
    here.stack(terraform=state_in(here.root), words={"input": "${terraform_data.nobody.output}"})

    assert main(["drift"]) == 1
    assert (
        "Terraform cannot plan the stack: Error: Reference to undeclared resource" in capfd.readouterr().err
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--environment", "moon"], "KF_AIRFLOW_ENVIRONMENT is 'moon': allowed are dev."),
        (["--app", "no-such-program"], "The app 'no-such-program' cannot be run"),
        (["--app", "true"], "There is no synthesized stack in"),
        (["--stack", "airflow-moon"], "--stack is 'airflow-moon': the app synthesized airflow-dev."),
    ],
)
def test_bad_input_is_an_error_and_no_difference(
    here: TinyProject, capfd: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main(["drift", *arguments]) == 1

    said = capfd.readouterr().err
    assert message in said
    assert said.count("\n") == 1


def test_an_argument_that_is_none_is_no_difference(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["drift", "--enviroment", "dev"])

    assert ended.value.code == 1


def test_drift_of_a_state_in_terraform_cloud_is_planned_there(
    project: TinyProject, server: TfcServer, capfd: pytest.CaptureFixture[str]
) -> None:
    cloud = {"cloud": {"organization": "kf-strides", "workspaces": {"name": "etl-dev"}}, "backend": None}
    project.stack(terraform=cloud, words={"input": "one"})
    assert main(["tfc", "apply", "--auto-approve"]) == 0

    assert main(["drift"]) == 0
    project.stack(terraform=cloud, words={"input": "two"})
    assert main(["drift"]) == 2

    captured = capfd.readouterr()
    assert '    input: "one" -> "two"' in captured.out
    assert TOKEN not in captured.out + captured.err
    state = json.loads(server.workspaces["etl-dev"].state.read_text())
    assert state["resources"][0]["instances"][0]["attributes"]["input"]["value"] == "one"


def test_a_plan_that_the_token_may_not_read_is_an_error(
    project: TinyProject, server: TfcServer, capfd: pytest.CaptureFixture[str]
) -> None:
    cloud = {"cloud": {"organization": "kf-strides", "workspaces": {"name": "etl-dev"}}, "backend": None}
    project.stack(terraform=cloud, words={"input": "one"})
    server.json_output_allowed = False

    assert main(["drift"]) == 1
    assert "does not let the token in TFE_TOKEN read the plan" in capfd.readouterr().err


def test_what_was_changed_outside_of_terraform_is_told_apart() -> None:
    found = [
        Change("aws_lb.a", "aws_lb", "change", (AttributeChange("tags.Owner", '"b" -> "a"'),), outside=True),
        Change("aws_sqs_queue.jobs", "aws_sqs_queue", "create", outside=True),
        Change("aws_vpc.v", "aws_vpc", "change"),
    ]

    assert list(report("prd", found)) == [
        "prd differs from its settings in 3 places (what is deployed -> what the settings say):",
        "  aws_lb.a: changed outside of Terraform",
        '    tags.Owner: "b" -> "a"',
        "  aws_sqs_queue.jobs: removed outside of Terraform",
        "  aws_vpc.v: deployed with other settings",
    ]
