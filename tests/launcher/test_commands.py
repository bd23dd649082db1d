"""The commands, and what they say when something goes wrong."""

import json
import sys
from pathlib import Path

import pytest
from docker.errors import DockerException

from kf_airflow_local import aws, cdktf_cli, cli, synthesis
from kf_airflow_local.errors import LauncherError
from kf_airflow_local.record import Record
from kf_airflow_local.workspace import Workspace


def run(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> int | str | None:
    """Run a command that fails; returns the exit code."""

    def fail() -> None:
        raise error

    monkeypatch.setattr(cli, "app", fail)
    with pytest.raises(SystemExit) as caught:
        cli.main()
    return caught.value.code


def test_what_goes_wrong_is_one_sentence_and_a_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, LauncherError("Port 4566 is taken.")) == 1
    assert capsys.readouterr().err == "Port 4566 is taken.\n"


def test_a_refusal_of_the_engine_is_told_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, DockerException("no space left")) == 1
    assert capsys.readouterr().err == "The container engine refused: no space left\n"


def test_an_interruption_has_the_code_that_shells_give_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, KeyboardInterrupt()) == 130


def test_nothing_of_a_real_account_is_used() -> None:
    environment = {
        "AWS_PROFILE": "production",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_ENDPOINT_URL": "https://aws",
        "AWS_CA_BUNDLE": "/bundle",
        "HOME": "/home",
    }

    aws.isolate(environment)

    assert {"AWS_CA_BUNDLE", "HOME", "NO_PROXY", "no_proxy"} == set(environment)


def test_this_machine_is_reached_without_a_proxy() -> None:
    environment = {"NO_PROXY": "example.org"}

    aws.isolate(environment)

    assert environment["NO_PROXY"] == "example.org,localhost,127.0.0.1"


def test_cdktf_runs_the_launcher_as_its_app() -> None:
    command = cdktf_cli.cdktf_command("deploy", "airflow-local")

    assert command[command.index("--app") + 1] == f"{sys.executable} -m kf_airflow_local cdktf-app"


def test_cdktf_does_not_ask_the_registry_for_hashes() -> None:
    assert "--skip-provider-lock" in cdktf_cli.cdktf_command("deploy", "airflow-local")


def test_cdktf_is_given_only_what_a_command_knows() -> None:
    assert "--skip-provider-lock" not in cdktf_cli.cdktf_command("synth")


def test_cdktf_writes_below_the_local_state() -> None:
    command = cdktf_cli.cdktf_command("deploy", "airflow-local")

    assert command[command.index("--output") + 1] == "build/local/cdktf"


def test_cdktf_calls_nobody(tmp_path: Path) -> None:
    environment = cdktf_cli.cdktf_environment(Workspace(tmp_path))

    assert (environment["CHECKPOINT_DISABLE"], environment["DISABLE_VERSION_CHECK"]) == ("1", "1")


def test_cdktf_is_not_given_a_real_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")

    assert "AWS_PROFILE" not in cdktf_cli.cdktf_environment(Workspace(tmp_path))


def test_without_a_local_system_the_app_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(LauncherError, match="nox -s up brings it up"):
        cdktf_cli.write_app(Workspace(tmp_path), "cdktf.out")


def test_the_app_is_adapted_as_up_found_it_has_to_be(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    Record("id", "kf-airflow:1", old_provider=True).write(workspace)
    document = {"terraform": {}, "resource": {"aws_eip": {"one": {"domain": "vpc"}}}}
    monkeypatch.setattr(synthesis, "synthesize", lambda *_: document)

    cdktf_cli.write_app(workspace, "out")

    written = json.loads((tmp_path / "out/stacks/airflow-local/cdk.tf.json").read_text())
    assert written["resource"] == {"aws_eip": {"one": {"vpc": True}}}


def test_the_app_shares_its_state_with_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    Record("id", "kf-airflow:1").write(workspace)
    monkeypatch.setattr(synthesis, "synthesize", lambda *_: {"terraform": {}})

    cdktf_cli.write_app(workspace, "out")

    written = json.loads((tmp_path / "out/stacks/airflow-local/cdk.tf.json").read_text())
    assert written["terraform"]["backend"] == {"local": {"path": str(workspace.state)}}
