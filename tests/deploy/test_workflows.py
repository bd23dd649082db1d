"""What the workflows of GitHub Actions may do, and what they call."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from project import ROOT
from sessions import WORKFLOWS, calls, deploy_commands, sessions

from kf_airflow_deploy import command_line

FILES = [path for path in WORKFLOWS if path.parent.name == "workflows"]
SECRETS = {"TERRAFORM_CLOUD_TOKEN"}
"""All that is stored: Terraform Cloud takes no token of OpenID Connect for its API."""
WRITES = {
    ("deploy.yml", "image", "id-token"),
    ("drift.yml", "qa", "id-token"),
    ("drift.yml", "prd", "id-token"),
    ("pull-request.yml", "comment", "pull-requests"),
    ("release.yml", "release", "contents"),
    ("release.yml", "release", "id-token"),
}
ENVIRONMENTS = ("dev", "qa", "prd")


def parsed(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(path.read_text())
    return document


def jobs() -> Iterator[tuple[Path, str, dict[str, Any]]]:
    for path in FILES:
        for name, job in parsed(path)["jobs"].items():
            yield path, name, job


def steps() -> Iterator[tuple[Path, dict[str, Any]]]:
    for path, _, job in jobs():
        yield from ((path, step) for step in job.get("steps", []))
    for path in set(WORKFLOWS) - set(FILES):
        yield from ((path, step) for step in parsed(path)["runs"]["steps"])


def used() -> set[str]:
    text = "\n".join(path.read_text() for path in WORKFLOWS)
    return {line.strip() for line in re.findall(r"uses: (.*)", text)}


def deployments() -> dict[str, list[tuple[Path, dict[str, Any]]]]:
    """The jobs that change an environment."""
    return {
        name: [(path, job) for path, _, job in jobs() if job.get("environment") == name]
        for name in ENVIRONMENTS
    }


def test_there_are_workflows() -> None:
    assert len(FILES) == 6


def test_every_action_is_pinned_to_a_commit_and_tells_its_version() -> None:
    pinned = re.compile(r"\$/\.github/\S+|[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")

    assert [found for found in used() if not pinned.fullmatch(found)] == []


def test_every_pin_is_in_the_table_of_where_it_was_seen() -> None:
    page = (ROOT / "docs/releasing.md").read_text()
    table = set(re.findall(r"^\| `([\w./-]+)` \| (v[\d.]+) \| `([0-9a-f]{40})` \|", page, re.MULTILINE))
    pins = {
        (action, version, commit)
        for action, commit, version in re.findall(r"(\S+)@([0-9a-f]{40}) # (v\S+)", "\n".join(used()))
    }

    assert pins == table


def test_nothing_is_granted_that_no_job_asks_for() -> None:
    assert {path.name: parsed(path)["permissions"] for path in FILES} == {path.name: {} for path in FILES}


def test_each_job_says_what_it_may_do_and_few_may_write() -> None:
    granted = {
        (path.name, name, scope)
        for path, name, job in jobs()
        for scope, level in job["permissions"].items()
        if level == "write"
    }

    assert granted == WRITES


def test_no_key_is_stored_but_the_token_of_terraform_cloud() -> None:
    text = "\n".join(path.read_text() for path in WORKFLOWS)

    assert set(re.findall(r"secrets\.(\w+)", text)) == SECRETS
    assert "access-key" not in text
    assert "secrets: inherit" not in text


def test_aws_is_entered_by_a_role_that_openid_connect_grants() -> None:
    entering = [step for _, step in steps() if "configure-aws-credentials" in step.get("uses", "")]

    assert len(entering) == 4
    assert all(set(step["with"]) == {"role-to-assume", "aws-region"} for step in entering)


def test_nothing_runs_for_a_pull_request_with_the_rights_of_the_target() -> None:
    assert {
        event for path in FILES for event in _events(parsed(path)) if event.startswith("pull_request")
    } == {"pull_request"}


def test_the_secret_of_an_environment_is_read_only_in_its_jobs() -> None:
    readers = [job for _, _, job in jobs() if "secrets." in str(job)]

    assert readers
    assert all("environment" in job for job in readers)


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_an_environment_is_changed_by_one_job_at_a_time(name: str) -> None:
    found = deployments()[name]

    assert found
    assert all(
        job["concurrency"] == {"group": f"deploy-{name}", "cancel-in-progress": False} for _, job in found
    )


def test_a_version_is_rolled_back_in_turn_with_deployments() -> None:
    job = parsed(ROOT / ".github/workflows/roll-back.yml")["jobs"]["roll-back"]

    assert job["concurrency"]["group"] == "deploy-${{ inputs.environment }}"
    assert job["environment"] == "${{ inputs.environment }}"


def test_only_a_release_and_a_roll_back_change_prd() -> None:
    assert [path.name for path, _ in deployments()["prd"]] == ["release.yml"]


@pytest.mark.parametrize(("workflow", "job"), [("deploy.yml", "image"), ("release.yml", "release")])
def test_no_image_is_pushed_before_everything_has_passed_on_its_commit(workflow: str, job: str) -> None:
    found = parsed(ROOT / ".github/workflows" / workflow)["jobs"]
    checks = parsed(ROOT / ".github/workflows/checks.yml")["jobs"]

    assert found[job]["needs"] == "checks"
    assert found["checks"]["uses"] == "$/.github/workflows/checks.yml"
    assert "nox -t ci" in [step.get("run") for step in checks["ci"]["steps"]]
    # What started the workflow is what is checked, released and built: no job takes another commit.
    checkouts = [step for one in (checks["ci"], found[job]) for step in _checkouts(one)]
    assert [step.get("with", {}).get("ref") for step in checkouts] == [None, None]


def test_prd_gets_what_qa_got_before() -> None:
    release = parsed(ROOT / ".github/workflows/release.yml")["jobs"]

    assert set(release["prd"]["needs"]) == {"release", "qa"}
    assert _image(release["prd"]) == _image(release["qa"]) == "${{ needs.release.outputs.image }}"


def test_every_job_has_a_limit_of_its_own() -> None:
    assert [name for _, name, job in jobs() if "uses" not in job and "timeout-minutes" not in job] == []


def test_every_step_that_runs_something_runs_one_session() -> None:
    commands = [step["run"] for path, step in steps() if "run" in step and path in FILES]

    assert commands
    assert [command for command in commands if not re.fullmatch(r"nox -[st] [^\n|;&<>`]+", command)] == []


def test_nox_itself_is_installed_by_its_hashes() -> None:
    commands = [step["run"] for path, step in steps() if "run" in step and path not in FILES]

    assert commands == ["pip install --quiet --require-hashes --requirement requirements/nox.lock"]


def test_no_expression_is_pasted_into_a_command() -> None:
    assert [step["run"] for _, step in steps() if "${{" in step.get("run", "")] == []


def test_every_session_a_workflow_calls_is_there() -> None:
    found = list(calls(FILES))

    assert {name for call in found for name in call.sessions} <= set(sessions())
    assert {tag for call in found for tag in call.tags} <= set().union(*sessions().values())


def test_every_call_of_a_command_has_arguments_it_takes() -> None:
    parser = command_line.parser()
    found = [call for call in calls(FILES) if set(call.sessions) & deploy_commands()]

    assert len(found) > 7
    for call in found:
        parser.parse_args([*call.sessions, *call.arguments])


def test_what_a_job_hands_on_a_session_has_written() -> None:
    outputs = {
        (path.name, reference)
        for path, _, job in jobs()
        for reference in re.findall(r"steps\.(\w+)\.outputs", str(job))
    }
    writers = {
        (path.name, step["id"])
        for path, step in steps()
        if '--output "$GITHUB_OUTPUT"' in step.get("run", "")
    }

    assert outputs == writers


def test_what_a_comment_says_a_session_has_written() -> None:
    text = (ROOT / ".github/workflows/pull-request.yml").read_text()

    assert "--report build/reports/plan.md" in text
    assert "path: build/reports/plan.md" in text


def _checkouts(job: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]


def _image(job: dict[str, Any]) -> str:
    return next(
        str(step["env"]["KF_AIRFLOW_IMAGE"])
        for step in job["steps"]
        if "KF_AIRFLOW_IMAGE" in step.get("env", {})
    )


def _events(document: dict[Any, Any]) -> list[str]:
    events = document[True]  # YAML's `on`
    return [events] if isinstance(events, str) else list(events)
