"""The parts serve what is no Airflow: the API service of `tests/examples` has nothing of it."""

import subprocess
import sys

import pytest
import stacks
from project import ROOT
from synthesis import Synthesized

EXAMPLE = "examples/api_service"
# What decides how Airflow runs, and what composes it.
AIRFLOW = ("airflow", "components", "configuration", "environment", "pools", "settings", "stack", "wiring")


@pytest.fixture(scope="module")
def stack() -> Synthesized:
    return stacks.synthesized(EXAMPLE)


@pytest.mark.parametrize("word", ["airflow", "celery", "flower"])
def test_what_is_synthesized_does_not_know_the_word(word: str, stack: Synthesized) -> None:
    assert word not in stack.text.lower()


def test_nothing_that_is_about_airflow_is_imported() -> None:
    program = (
        "import runpy, sys; runpy.run_path(sys.argv[1]); "
        "print(*(name for name in sys.modules if name.startswith('kf_airflow.')))"
    )
    path = ROOT / "tests/examples/api_service/stack.py"
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )

    imported = set(done.stdout.split())
    assert "kf_airflow.service" in imported
    assert imported & {f"kf_airflow.{module}" for module in AIRFLOW} == set()


def test_all_containers_run_one_image(stack: Synthesized) -> None:
    services = {"web": ["web"], "workers": ["worker"], "scheduler": ["migrate", "scheduler"]}
    containers = {service: stack.containers(f"{service}/task-definition") for service in services}

    assert {service: list(found) for service, found in containers.items()} == services
    assert len({one["image"] for found in containers.values() for one in found.values()}) == 1


def test_only_what_migrates_has_the_master_login(stack: Synthesized) -> None:
    logins = {
        name: "aws_db_instance" in str(container["secrets"])
        for service in ("web", "workers", "scheduler")
        for name, container in stack.containers(f"{service}/task-definition").items()
    }

    assert logins == {"web": False, "worker": False, "migrate": True, "scheduler": False}
