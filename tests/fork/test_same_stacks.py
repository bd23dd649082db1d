"""CDKTF and its fork, each in an environment without the other, say the same of every stack."""

import copy
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import stacks
from project import ROOT

FORK = ROOT / ".nox/fork/bin/python"


@pytest.fixture(scope="session")
def cdktf() -> dict[str, Any]:
    return synthesized_by(Path(sys.executable))


@pytest.fixture(scope="session")
def cdktn() -> dict[str, Any]:
    return synthesized_by(FORK)


def synthesized_by(python: Path) -> dict[str, Any]:
    """Returns what an environment makes of the stacks; what the developer has set decides nothing there."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KF_AIRFLOW_")}
    done = subprocess.run(
        [str(python), str(ROOT / "tests/support/fork_program.py")],
        env={**kept, "PYTHONPATH": f"{ROOT / 'modules'}{os.pathsep}{ROOT / 'tests/support'}"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def apart_from_versions(document: dict[str, Any]) -> dict[str, Any]:
    """Returns a stack without what has to differ: the engine's version and that of its bindings."""
    document = copy.deepcopy(document)
    del document["//"]["metadata"]["version"]
    del document["terraform"]["required_providers"]["aws"]["version"]
    # Both mean registry.terraform.io/hashicorp/aws.
    source = document["terraform"]["required_providers"]["aws"].pop("source")
    assert source in {"aws", "hashicorp/aws"}
    local = document["terraform"].get("backend", {}).get("local", {})
    if "path" in local:
        local["path"] = Path(local["path"]).name  # in a temporary folder of the run's
    return document


def test_each_environment_has_one_engine(cdktf: dict[str, Any], cdktn: dict[str, Any]) -> None:
    assert (cdktf["engine"], cdktf["bindings"]) == ("cdktf", "cdktf_cdktf_provider_aws.vpc")
    assert (cdktn["engine"], cdktn["bindings"]) == ("cdktn", "cdktn_provider_aws.vpc")
    assert "cdktn" not in cdktf["modules"]


def test_every_stack_is_looked_at(cdktf: dict[str, Any], cdktn: dict[str, Any]) -> None:
    assert set(cdktf["stacks"]) == set(cdktn["stacks"]) == set(stacks.names())


@pytest.mark.parametrize("name", stacks.names())
def test_a_stack_is_the_same_but_for_the_versions(
    name: str, cdktf: dict[str, Any], cdktn: dict[str, Any]
) -> None:
    assert apart_from_versions(cdktn["stacks"][name]) == apart_from_versions(cdktf["stacks"][name])
