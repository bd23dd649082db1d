"""What the documentation tells to type and needs no system is typed, as it stands there."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from command_checks import ELSEWHERE
from project import ROOT
from sessions import sessions
from shell_commands import PAGES, SHELLS, ShellCommand, blocks, typed

TOKEN_SEED = "airflow_broker_token-seed_366D01D8"
TYPED = {command.text: command for page in PAGES for command in typed(page)}

# What is not typed here, by what it begins with, each with the file that does so or its like; or that says
# why nobody can.
SHOWN: Mapping[str, str] = {
    "nox -s up": "tests/e2e/conftest.py",
    "nox -s status": "tests/launcher/test_commands.py",
    "nox -s doctor": "tests/launcher/test_doctor.py",
    "nox -s logs": "tests/launcher/test_commands.py",
    "nox -s shell": "tests/launcher/test_commands.py",
    "nox -s publish": "tests/release/test_release.py",
    "nox -s release": "tests/release/test_release.py",
    "nox -s released": "tests/deploy/test_released.py",
    "nox -s tfc": "tests/e2e/test_terraform_cloud.py",
    "nox -s drift": "tests/e2e/test_drift.py",
    "nox -t ci": ".github/workflows/checks.yml",
    "npm ci": "noxfile.py",
    "npx cdktf deploy": "tests/e2e/test_terraform.py",
    "npx cdktf destroy": "tests/e2e/test_terraform.py",
    "pip install nox": ".github/workflows/checks.yml",
    "pip install -e .": "noxfile.py",
    "pip install kf-airflow @ git+": "tests/packaging",
    "pip install kf_airflow-": "tests/packaging",
    "npx cdktf synth --hcl": "tests/unit/test_main.py",
    "uv pip compile": "noxfile.py",
    "terraform force-unlock": "tests/deploy/test_s3_state.py",
    "curl -X PUT localhost:4566/_dataplane/faults": "tests/support/faults.py",
    "curl -X POST http://localhost:4566/_dataplane/spot-interruption": "tests/extension",
    "curl -X POST http://localhost:4566/_dataplane/maintenance-window": "tests/extension",
    # Parsed by the model of AWS's services alone: they ask AWS, of a deployment in it.
    "aws": "tests/support/aws_commands.py",
}
PARTS_OF_OTHERS = ("cd ", ". ", "grep ", "export ", "python -m venv")


def shell(script: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Types a script, with the programs of this environment first."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("KF_AIRFLOW_")}
    path = os.pathsep.join([str(Path(sys.executable).parent), inherited["PATH"]])
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=cwd,
        env={**inherited, "PATH": path, "CHECKPOINT_DISABLE": "1", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def script(beginning: str) -> str:
    """The lines of the one block that has a line with that beginning, from there to the block's end."""
    found = {
        block.text[block.text.index(beginning) :]
        for page in PAGES
        for block in blocks(page)
        if block.language in SHELLS and beginning in block.text
    }
    assert len(found) == 1, f"{len(found)} blocks have {beginning!r}, and they differ"
    return found.pop()


@pytest.fixture
def deployed(tmp_path: Path) -> Path:
    """A folder whose Terraform has made what the broker's token is made of."""
    resource = {"terraform_data": {TOKEN_SEED: {"triggers_replace": "seed"}}}
    (tmp_path / "stack.tf.json").write_text(json.dumps({"resource": resource}))
    done = shell("terraform init && terraform apply -auto-approve", tmp_path)
    assert done.returncode == 0, done.stderr
    (tmp_path / "build").mkdir()
    return tmp_path


HERE: Mapping[str, str] = {
    "nox -s cost -- --environment prd": "prd: USD a month",
    "nox -s cost -- --environment dev --json": '"currency": "USD"',
    "nox -s cost -- --environment dev": "dev: USD a month",
}
"""What is typed in the repository, writing below build alone, with what is printed then."""
IN_TERRAFORM = (
    "terraform state list",
    "terraform apply",
    "terraform plan",
    "terraform show",
    "python -m kf_airflow.",
)
IN_GIT = ("git switch", "git tag", "KF_AIRFLOW_IMAGE=$(git")


@pytest.mark.parametrize("text", HERE)
def test_it_does_what_is_said(text: str) -> None:
    assert text in TYPED

    done = shell(text, ROOT)

    assert done.returncode == 0, done.stderr
    assert HERE[text] in done.stdout


def test_the_broker_s_token_is_replaced_by_the_address_that_terraform_lists(deployed: Path) -> None:
    lines = script("terraform state list").split("\n")
    before = (deployed / "terraform.tfstate").read_text()

    listed = shell(lines[0], deployed)
    assert f"terraform_data.{TOKEN_SEED}" in listed.stdout
    replaced = shell(f"echo yes | {lines[1]}", deployed)

    assert "1 added, 0 changed, 1 destroyed" in replaced.stdout, replaced.stderr
    assert (deployed / "terraform.tfstate").read_text() != before


def test_a_plan_that_would_lose_something_is_refused(deployed: Path) -> None:
    (deployed / "stack.tf.json").write_text(json.dumps({"terraform": {}}))

    done = shell(script("terraform plan -out"), deployed, PYTHONPATH=str(ROOT / "modules"))

    assert done.returncode == 3, done.stderr
    assert TOKEN_SEED in done.stdout + done.stderr


def test_the_image_of_a_release_is_read_from_its_tag(tmp_path: Path) -> None:
    image = "registry.example.org/kf-airflow:1.1.0@sha256:" + "0" * 64
    made = shell(
        "git init --quiet . && git config user.name t && git config user.email t@example.org"
        " && git commit --quiet --allow-empty -m one"
        f" && git tag --annotate 1.1.0 -m 'Version 1.1.0' -m '{image}'"
        " && git commit --quiet --allow-empty -m two",
        tmp_path,
    )
    assert made.returncode == 0, made.stderr
    first, second = script("git switch --detach 1.1.0").replace("\\\n ", "").split("\n")
    assignment, _, _ = second.partition(" nox ")

    done = shell(f"{first}\n{assignment}\necho $KF_AIRFLOW_IMAGE\ngit log -1 --format=%s", tmp_path)

    assert done.stdout.split() == [image, "one"], done.stderr


def test_a_new_fernet_key_is_one() -> None:
    from cryptography.fernet import Fernet

    page = (ROOT / "docker/README.md").read_text()
    (typed_,) = [part for part in page.split("`") if part.startswith('python -c "from cryptography')]

    Fernet(shell(typed_, ROOT).stdout.strip())


def is_shown(command: ShellCommand) -> bool:
    plain = " ".join(command.words)
    return (
        command.text in HERE
        or command.text.startswith((*IN_TERRAFORM, *IN_GIT))
        or plain.startswith((*SHOWN, *PARTS_OF_OTHERS))
        or any(command.words[: len(words)] == words for words in ELSEWHERE)
        or (command.words[:2] == ("nox", "-s") and "ci" in sessions()[command.words[2]])
    )


@pytest.mark.parametrize("text", TYPED)
def test_somebody_types_it_or_says_why_not(text: str) -> None:
    assert is_shown(TYPED[text])


@pytest.mark.parametrize("beginning", SHOWN)
def test_what_is_shown_elsewhere_is_still_typed_and_shown(beginning: str) -> None:
    assert (ROOT / SHOWN[beginning]).exists()
    assert any(" ".join(command.words).startswith(beginning) for command in TYPED.values())
