"""What `nox -s tfc` refuses: in one sentence, with nothing begun in Terraform Cloud."""

import socket
from collections.abc import Callable
from typing import Any

import pytest
from tfc_server import TOKEN, TfcServer
from tiny_project import TinyProject

from kf_airflow_deploy import cloud_configuration
from kf_airflow_deploy.command_line import main

pytestmark = pytest.mark.usefixtures("project")


@pytest.fixture
def refused(server: TfcServer, capfd: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Calls `tfc` and returns the one sentence with which it ended, after which nothing is there."""

    def call(*arguments: str) -> str:
        assert main(["tfc", *arguments]) == 2
        captured = capfd.readouterr()
        assert TOKEN not in captured.out + captured.err
        assert captured.err.count("\n") == 1
        assert captured.err.endswith(".\n")
        assert (server.versions, server.runs.found) == ({}, {})
        assert all(workspace.variables == {} for workspace in server.workspaces.values())
        return captured.err.strip().replace(server.url.removeprefix("http://"), "HOST")

    return call


def test_a_wrong_token(refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TFE_TOKEN", "token.atlasv1.stolen")

    assert refused("plan") == (
        "HOST does not accept the token in TFE_TOKEN: make a new one (`terraform login HOST`)."
    )


def test_no_token(refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TFE_TOKEN")

    assert refused("plan") == (
        "There is no token for HOST: set TF_TOKEN_127_0_0_1 or TFE_TOKEN, or run `terraform login HOST`."
    )


def test_a_token_that_no_header_can_carry(
    refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TFE_TOKEN", f"{TOKEN}\r\nX-Evil: 1")

    assert "has spaces, line breaks or other characters that no token has" in refused("plan")


def test_an_unknown_workspace_with_those_that_are_like_it(
    refused: Callable[..., str], server: TfcServer
) -> None:
    for name in ("billing", "web-prd", "etl-prd"):  # two pages, with the one that is there
        server.add_workspace(name)

    assert refused("plan", "--workspace", "etl-pdr") == (
        "The organization kf-strides on HOST has no workspace 'etl-pdr' that the token in TFE_TOKEN may "
        "read; similar are etl-prd, etl-dev."
    )


def test_an_unknown_organization(refused: Callable[..., str]) -> None:
    assert refused("plan", "--organization", "moon", "--workspace", "etl-dev") == (
        "HOST has no organization 'moon' that the token in TFE_TOKEN may read: correct --organization, or "
        "use another token."
    )


@pytest.mark.parametrize(
    ("holder", "words"),
    [
        ({"type": "users", "id": "user-ada"}, "the user ada"),
        ({"type": "runs", "id": "run-77"}, "the run run-77"),
        ({"type": "teams", "id": "team-9"}, "the team team-9"),
    ],
)
def test_a_lock_held_by_somebody_else(
    refused: Callable[..., str], server: TfcServer, holder: dict[str, str], words: str
) -> None:
    server.workspaces["etl-dev"].locked_by = holder

    assert refused("apply", "--auto-approve", "--env", "A=1") == (
        f"The workspace etl-dev is locked by {words}: wait, or have it unlocked there."
    )


def test_a_locked_workspace_can_still_be_planned(server: TfcServer) -> None:
    server.workspaces["etl-dev"].locked_by = {"type": "users", "id": "user-ada"}

    assert main(["tfc", "plan"]) == 0


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        (
            {"execution-mode": "local"},
            "has the execution mode 'local', in which Terraform Cloud runs nothing",
        ),
        ({"terraform-version": "1.9.8"}, "uses Terraform 1.9.8: allowed is 1.11 or newer"),
        ({"vcs-repo": {"identifier": "kf/etl"}}, "is bound to the repository kf/etl, which alone may change"),
        ({"permissions": {"can-queue-run": False}}, "The token may not start runs in the workspace etl-dev"),
        ({"permissions": {"can-queue-run": True}}, "The token may not apply runs in the workspace etl-dev"),
        (
            {"permissions": {"can-queue-run": True, "can-queue-apply": True}},
            "The token may not set variables of the workspace etl-dev",
        ),
    ],
)
def test_a_workspace_that_cannot_do_it(
    refused: Callable[..., str], server: TfcServer, attributes: dict[str, Any], message: str
) -> None:
    server.workspaces["etl-dev"].attributes = attributes

    assert message in refused("apply", "--auto-approve", "--env", "A=1")


def test_a_host_that_cannot_be_reached(refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("TFE_ADDRESS", f"http://127.0.0.1:{free.getsockname()[1]}")

        assert "cannot be reached to read the workspace (" in refused("plan")


@pytest.mark.parametrize(
    "address",
    ["http://tfe.example.org", "https://tfe.example.org/api", "https://ada:hunter2@tfe.example.org", "tfe"],
)
def test_an_address_that_gets_no_token(
    refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("TFE_ADDRESS", address)

    said = refused("plan")

    assert "allowed is https:// and a host, as the token is sent there" in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    "body", ["<html>", "[]", '{"data": {}}', '{"data": {"attributes": 1, "id": "ws-1"}}']
)
def test_an_answer_of_something_else(refused: Callable[..., str], server: TfcServer, body: str) -> None:
    server.broken["/api/v2/organizations/kf-strides/workspaces/etl-dev"] = (200, body)

    assert (
        "HOST gave an answer that is none of Terraform Cloud's when asked to read the workspace"
        in refused("plan")
    )


def test_no_synthesized_stack(refused: Callable[..., str]) -> None:
    assert "There is no synthesized stack in" in refused("plan", "--app", "true", "--env", "A=1")


def test_an_app_that_fails(refused: Callable[..., str]) -> None:
    assert refused("plan", "--app", "false") == (
        "The stack could not be synthesized by 'false': it ended with 1 and said nothing."
    )


def test_an_apply_with_nobody_to_ask(refused: Callable[..., str]) -> None:
    assert "give --auto-approve" in refused("apply")


def test_settings_that_cannot_be_used(refused: Callable[..., str], project: TinyProject) -> None:
    assert refused("plan", "--environment", "moon") == ("KF_AIRFLOW_ENVIRONMENT is 'moon': allowed are dev.")


def test_a_workspace_that_nobody_names(refused: Callable[..., str], project: TinyProject) -> None:
    settings = project.root / "config/dev.toml"
    settings.write_text(
        settings.read_text()
        .replace('organization = "kf-strides"', 'account = "a"')
        .replace('workspace = "etl-dev"', "")
    )

    assert "No organization is named: give --organization, or set organization in [state]" in refused("plan")
    assert "No workspace is named" in refused("plan", "--organization", "kf-strides")


def test_a_configuration_that_cannot_be_unpacked(
    server: TfcServer, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloud_configuration, "UPLOAD_SECONDS", 0.3)
    server.unpacking_looks = 1000

    assert main(["tfc", "plan"]) == 1
    assert "cannot use the uploaded configuration (it is pending after 0.3 s)" in capfd.readouterr().err
    assert server.runs.found == {}


def test_a_run_that_the_api_refuses_leaves_no_configuration(
    server: TfcServer, capfd: pytest.CaptureFixture[str]
) -> None:
    server.broken["/api/v2/runs"] = (422, '{"errors": [{"detail": "no more runs today"}]}')

    assert main(["tfc", "plan"]) == 2
    assert "refused to start a run" in capfd.readouterr().err
    assert [version["status"] for version in server.versions.values()] == ["archived"]
    assert server.runs.found == {}
