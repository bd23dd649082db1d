"""What is made of what Terraform says."""

import io
from pathlib import Path
from typing import Any

import pytest

from kf_airflow_local import terraform
from kf_airflow_local.errors import LauncherError
from kf_airflow_local.provider import Source
from kf_airflow_local.workspace import Workspace

FAKE = """#!/bin/sh
echo "$@" >> {calls}
echo "TF_CLI_CONFIG_FILE=$TF_CLI_CONFIG_FILE" >> {calls}
{script}
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


@pytest.fixture
def fake(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts a program called terraform on the PATH that does what a script says; returns a driver of it."""

    def make(script: str) -> tuple[terraform.Terraform, list[str]]:
        program = tmp_path / "bin" / "terraform"
        program.parent.mkdir(exist_ok=True)
        program.write_text(FAKE.format(calls=tmp_path / "calls", script=script))
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
        said: list[str] = []
        return terraform.Terraform(workspace, said.append), said

    return make


@pytest.mark.parametrize(
    ("line", "event"),
    [
        ("aws_vpc.a: Creating...", "aws_vpc.a: creating"),
        ("aws_vpc.a: Creation complete after 1s [id=vpc]", "aws_vpc.a: creation complete"),
        ("aws_lb.a: Still creating... [1m0s elapsed]", "aws_lb.a: still creating... [1m0s elapsed]"),
        ("aws_lb.a: Still creating... [1m10s elapsed]", None),
        ("Plan: 3 to add", None),
    ],
)
def test_what_happens_to_a_resource_is_told(line: str, event: str | None) -> None:
    assert terraform.event_of(line) == event


def test_an_error_is_told_in_terraforms_words_without_its_frame() -> None:
    errors = "╷\n│ Error: Reference to undeclared resource\n│ \n│   on cdk.tf.json line 3\n╵\n"

    assert terraform.explain("", errors) == (
        "Error: Reference to undeclared resource\n\non cdk.tf.json line 3"
    )


def test_warnings_before_an_error_are_left_out() -> None:
    assert terraform.explain("", "Warning: old\n\nError: broken") == "Error: broken"


def test_a_command_is_logged_with_its_output(fake: Any, workspace: Workspace) -> None:
    driver, _ = fake("echo out; echo problem >&2")

    driver.cmd("version")

    log = workspace.log.read_text()
    assert log.startswith("$ terraform version\n")
    assert {"out", "problem"} <= set(log.splitlines())


def test_what_a_plan_would_lose_is_read_from_its_json_which_no_log_has(
    fake: Any, workspace: Workspace
) -> None:
    plan = """{"terraform_version": "1", "planned_values": {"secret": "swordfish"}, "resource_changes":
        [{"address": "aws_s3_bucket.it", "type": "aws_s3_bucket", "change": {"actions": ["delete"]}}]}"""
    driver, said = fake(f"cat <<'EOF'\n{plan}\nEOF")

    assert [loss.address for loss in terraform.losses(driver)] == ["aws_s3_bucket.it"]
    assert said == []
    assert not workspace.log.exists()


def test_a_plan_that_terraform_cannot_read_is_told_in_its_words(fake: Any) -> None:
    driver, _ = fake("echo 'Error: Failed to load plan.tfplan' >&2; exit 1")

    with pytest.raises(LauncherError, match=r"cannot read its own plan:\nError: Failed to load plan.tfplan"):
        terraform.losses(driver)


def test_the_outcome_of_a_command_is_returned(fake: Any) -> None:
    driver, _ = fake("echo out; echo problem >&2; exit 3")

    assert driver.cmd("version") == (3, "out\n", "problem\n")


def test_events_are_told_as_they_come(fake: Any) -> None:
    driver, said = fake("echo 'aws_vpc.a: Creating...'")

    driver.cmd("apply")

    assert said == ["aws_vpc.a: creating"]


@pytest.mark.parametrize(("code", "changes"), [(0, False), (2, True)])
def test_a_plan_tells_whether_there_is_anything_to_change(fake: Any, code: int, changes: bool) -> None:
    driver, _ = fake(f"exit {code}")

    assert terraform.plan(driver) is changes


def test_a_plan_that_fails_is_told_in_terraforms_words(fake: Any) -> None:
    driver, _ = fake("echo 'Error: no credentials' >&2; exit 1")

    with pytest.raises(LauncherError, match="cannot plan the stack:\nError: no credentials"):
        terraform.plan(driver)


def test_an_apply_returns_its_summary(fake: Any) -> None:
    driver, _ = fake("echo 'Apply complete! Resources: 3 added, 0 changed, 1 destroyed.'")

    assert terraform.apply(driver) == "3 added, 0 changed, 1 destroyed"


def test_an_apply_that_fails_is_told_in_terraforms_words(fake: Any) -> None:
    driver, _ = fake("echo 'Error: in use' >&2; exit 1")

    with pytest.raises(LauncherError, match="could not apply the stack:\nError: in use"):
        terraform.apply(driver)


def test_outputs_are_read_by_name(fake: Any) -> None:
    driver, _ = fake("""echo '{"url": {"value": "http://a", "sensitive": false}}'""")

    assert terraform.outputs(driver) == {"url": "http://a"}


def test_where_nothing_is_deployed_there_are_no_outputs(fake: Any) -> None:
    driver, _ = fake("exit 1")

    assert terraform.outputs(driver) == {}


def test_init_keeps_the_state_where_it_is(fake: Any, workspace: Workspace, tmp_path: Path) -> None:
    driver, _ = fake("exit 0")

    assert terraform.init(driver, workspace) is None
    assert "reconfigure" not in (tmp_path / "calls").read_text()


def test_init_that_fails_returns_terraforms_words(fake: Any, workspace: Workspace) -> None:
    driver, _ = fake("echo 'Error: no provider' >&2; exit 1")

    assert terraform.init(driver, workspace) == "Error: no provider"


def test_the_configuration_of_a_mirror_is_used(fake: Any, workspace: Workspace, tmp_path: Path) -> None:
    terraform.choose(workspace, Source("a mirror", mirror=tmp_path))
    driver, _ = fake("exit 0")

    driver.cmd("version")

    assert f"TF_CLI_CONFIG_FILE={workspace.local / 'terraform.tfrc'}" in (tmp_path / "calls").read_text()


def test_without_a_mirror_the_users_configuration_stays(workspace: Workspace, tmp_path: Path) -> None:
    terraform.choose(workspace, Source("a mirror", mirror=tmp_path))
    terraform.choose(workspace, Source("the registry"))
    configuration = tmp_path / "user.tfrc"
    configuration.touch()

    environment = terraform.environment({"TF_CLI_CONFIG_FILE": str(configuration)}, workspace)

    assert environment["TF_CLI_CONFIG_FILE"] == str(configuration)


def test_a_configuration_that_is_not_there_is_not_named(workspace: Workspace, tmp_path: Path) -> None:
    environment = terraform.environment({"TF_CLI_CONFIG_FILE": str(tmp_path / "gone")}, workspace)

    assert "TF_CLI_CONFIG_FILE" not in environment


def test_terraform_asks_nobody_for_a_newer_version(workspace: Workspace) -> None:
    assert terraform.environment({}, workspace)["CHECKPOINT_DISABLE"] == "1"


def test_an_output_is_no_event(workspace: Workspace) -> None:
    said: list[str] = []
    driver = terraform.Terraform(workspace, said.append)
    lines: list[str] = []

    driver._read(io.StringIO("aws_vpc.a: Creating...\n"), lines, io.StringIO(), None)

    assert (lines, said) == (["aws_vpc.a: Creating...\n"], [])
