"""`nox -s tfc` against a local server that runs Terraform on what it uploads."""

import json

import pytest
from tfc_server import TOKEN, TfcServer
from tiny_project import TinyProject

from kf_airflow_deploy import cloud_client
from kf_airflow_deploy.command_line import main

pytestmark = pytest.mark.usefixtures("project")


@pytest.fixture
def output(server: TfcServer, capfd: pytest.CaptureFixture[str]):
    """What was printed so far; never the token."""

    def read() -> str:
        found = capfd.readouterr()
        assert TOKEN not in found.out + found.err
        return " ".join((found.out + found.err).split())

    return read


def test_a_plan_is_shown_and_changes_nothing(server: TfcServer, output) -> None:
    assert main(["tfc", "plan"]) == 0

    said = output()
    assert "terraform_data.words will be created" in said
    assert "Plan: 1 to add, 0 to change, 0 to destroy." in said
    assert "The run is planned and finished." in said
    assert not server.workspaces["etl-dev"].state.exists()
    assert server.versions["cv-1"]["speculative"] is True


def test_an_approved_plan_is_applied(server: TfcServer, output) -> None:
    assert main(["tfc", "apply", "--auto-approve"]) == 0

    said = output()
    assert "terraform_data.words: Creation complete" in said
    assert "Apply complete! Resources: 1 added" in said
    assert "The run is applied." in said
    state = json.loads(server.workspaces["etl-dev"].state.read_text())
    assert state["resources"][0]["instances"][0]["attributes"]["input"]["value"] == "one"


def test_nothing_to_change_is_no_apply(server: TfcServer, output) -> None:
    main(["tfc", "apply", "--auto-approve"])
    output()

    assert main(["tfc", "apply", "--auto-approve", "--detailed-exitcode"]) == 0
    assert "Plan: 0 to add, 0 to change, 0 to destroy." in output()
    assert server.last_run
    assert "applying" not in server.last_run.statuses


def test_a_plan_that_changes_something_may_have_an_exit_code_of_its_own(server: TfcServer) -> None:
    assert main(["tfc", "plan", "--detailed-exitcode"]) == 4


def test_a_json_log_is_shown_as_its_messages(server: TfcServer, output) -> None:
    server.workspaces["etl-dev"].structured = True

    assert main(["tfc", "apply", "--auto-approve"]) == 0
    said = output()
    assert "terraform_data.words: Creation complete" in said
    assert "@message" not in said


def test_assets_are_uploaded_with_the_stack(server: TfcServer, project: TinyProject, output) -> None:
    project.stack(
        words={"input": '${file("assets/greeting.txt")}'},
        output={"said": {"value": "${terraform_data.words.output}"}},
    )

    assert main(["tfc", "apply", "--auto-approve"]) == 0
    assert 'said = "hello from an asset"' in output()


def test_the_state_is_the_workspace_s_whatever_the_settings_have(server: TfcServer, output) -> None:
    assert main(["tfc", "plan", "--organization", "kf-strides", "--workspace", "etl-dev"]) == 0

    assert "not that of the settings' backend s3" in output()
    document = json.loads((server.folder / "etl-dev/run-1/cdk.tf.json").read_text())
    assert document["terraform"] == {
        "cloud": {
            "hostname": server.url.removeprefix("http://"),
            "organization": "kf-strides",
            "workspaces": {"name": "etl-dev"},
        }
    }


def test_variables_reach_the_run_and_are_not_printed(
    server: TfcServer, project: TinyProject, output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("hidden", "hunter2")
    project.stack(
        variable={"size": {}, "hidden": {"sensitive": True}},
        words={"input": "${var.size} ${nonsensitive(sha1(var.hidden))}"},
        output={"said": {"value": "${terraform_data.words.output}"}},
    )

    assert main(["tfc", "apply", "--auto-approve", "--var", "size=quite-big", "--var", "hidden"]) == 0

    said = output()
    assert "Variables set: size, hidden." in said
    assert "hunter2" not in said
    assert 'said = "quite-big f3bbbd66a63d4bf1747940578ec3d0103530e21d"' in said
    kept = {each["key"]: each["sensitive"] for each in server.workspaces["etl-dev"].variables.values()}
    assert kept == {"size": False, "hidden": True}


def test_not_even_a_debug_log_has_a_secret(
    server: TfcServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTFE_LOG_HEADERS", "1")
    for logger in ("pytfe", "httpx"):
        caplog.set_level("DEBUG", logger=logger)

    assert main(["tfc", "plan", "--env", "KEY=hunter2", "--sensitive", "KEY"]) == 0

    assert server.workspaces["etl-dev"].variables["var-1"]["value"] == "hunter2"
    assert [text for text in ("hunter2", TOKEN, "signature") if text in caplog.text] == []


def test_variables_of_the_environment_come_from_the_settings_too(
    server: TfcServer, project: TinyProject, output
) -> None:
    settings = project.root / "config/dev.toml"
    settings.write_text(settings.read_text() + 'variables = { TF_VAR_size = "small" }\n')
    project.stack(variable={"size": {}}, words={"input": "${var.size}"})

    assert main(["tfc", "plan"]) == 0
    assert '+ input = "small"' in output()


def test_variables_that_are_as_they_should_be_are_left_alone(server: TfcServer, output) -> None:
    for _ in range(2):
        assert main(["tfc", "plan", "--env", "A=1", "--env", "B=2", "--sensitive", "B"]) == 0

    sent = [
        request for request in server.requests if request.startswith(("POST", "PATCH")) and "vars" in request
    ]
    # Nobody can read whether a sensitive one is still what it was.
    assert len(sent) == 3
    assert server.workspaces["etl-dev"].variables["var-2"]["sensitive"] is True


def test_a_plan_that_fails_ends_with_1(server: TfcServer, project: TinyProject, output) -> None:
    project.stack(words={"input": "${terraform_data.nobody.output}"})

    assert main(["tfc", "plan"]) == 1
    said = output()
    assert "Reference to undeclared resource" in said
    assert "The run is errored." in said


def test_an_apply_that_fails_ends_with_1(server: TfcServer, project: TinyProject, output) -> None:
    project.stack(words={"provisioner": {"local-exec": {"command": "exit 3"}}})

    assert main(["tfc", "apply", "--auto-approve"]) == 1
    assert "exit status 3" in output()


def test_the_log_of_an_apply_is_shown_though_nobody_saw_it_run(
    server: TfcServer, project: TinyProject, output, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.stack(words={"provisioner": {"local-exec": {"command": "exit 3"}}})
    monkeypatch.setattr(cloud_client, "INTERVAL_SECONDS", 3)

    assert main(["tfc", "apply", "--auto-approve"]) == 1
    assert "exit status 3" in output()


def test_cost_and_every_policy_are_shown(server: TfcServer, output) -> None:
    workspace = server.workspaces["etl-dev"]
    workspace.cost = {
        "status": "finished",
        "prior-monthly-cost": "1.00",
        "proposed-monthly-cost": "31.50",
    }
    workspace.policy_checks = [
        {"status": "passed", "result": {"passed": number, "total-failed": 0}} for number in range(1, 6)
    ]

    assert main(["tfc", "apply", "--auto-approve"]) == 0
    said = output()
    assert "Cost: $31.50 a month ($1.00 before)." in said
    # The list has three pages.
    assert all(f"Policies passed: {number} passed, 0 failed." in said for number in range(1, 6))


def test_a_policy_that_somebody_has_to_override_gives_the_run_up(server: TfcServer, output) -> None:
    server.workspaces["etl-dev"].policy_checks = [
        {"status": "soft_failed", "result": {"passed": 0, "total-failed": 1}}
    ]

    assert main(["tfc", "apply", "--auto-approve"]) == 3
    assert "somebody has to override that" in output()
    assert server.last_run
    assert server.last_run.status == "discarded"


def test_a_policy_that_fails_fails_the_plan(server: TfcServer, output) -> None:
    server.workspaces["etl-dev"].policy_checks = [
        {"status": "soft_failed", "result": {"passed": 0, "total-failed": 1}}
    ]

    assert main(["tfc", "plan"]) == 1
    assert "The run is policy soft failed." in output()


def test_a_log_that_is_not_there_yet_is_waited_for(server: TfcServer, output) -> None:
    server.broken["/storage/logs/run-1/plan"] = (404, "")

    assert main(["tfc", "plan"]) == 0
    assert "terraform_data.words will be created" in output()


def test_the_token_goes_to_the_api_alone(server: TfcServer, monkeypatch: pytest.MonkeyPatch) -> None:
    main(["tfc", "apply", "--auto-approve"])

    assert server.sent_tokens
    assert [path for path in server.sent_tokens if path.startswith("/storage")] == []
