"""The written modules in an HCL root, wired to each other: applied, planned again, destroyed."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from contract import ENDPOINT, IN_AWS, Cloud
from module_roots import BUILT, Root, by_name, wired
from project import ROOT
from waiting import wait_for

from kf_airflow_modules.generation import generate

pytestmark = pytest.mark.skipif(IN_AWS, reason="it would make all of this in the account")

NAME = "kf-modules"


@pytest.fixture(scope="module")
def root(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Root]:
    """The modules, applied; whatever a test leaves of them goes at the end."""
    if not (BUILT / "ingress").is_dir():
        # As `nox -s modules` does, which comes before this in CI.
        subprocess.run([sys.executable, "-m", "kf_airflow_modules"], cwd=ROOT, check=True)
    service = generate(by_name()["service"], {"command": ["serve"]}).document
    calls = wired(NAME, image=cloud.image, service=service)
    root = Root(tmp_path_factory.mktemp("modules"), url=ENDPOINT, calls=calls)
    try:
        root.apply()
        yield root
    finally:
        root.destroy()


def test_every_module_is_applied(root: Root) -> None:
    found = root.state()

    assert set(found) == {"network", "storage", "database", "broker", "cluster", "service", "ingress"}
    assert "aws_db_instance" in found["database"]
    assert "aws_elasticache_replication_group" in found["broker"]
    assert "aws_ecs_service" in found["service"]


def test_the_service_runs_a_task(root: Root, cloud: Cloud) -> None:
    wait_for(
        "the service runs one task",
        lambda: cloud.client("ecs").describe_services(cluster=NAME, services=[f"{NAME}-web"])["services"][0],
        lambda service: service["runningCount"] == 1,
        timeout_seconds=60,
    )


def test_a_second_plan_has_no_change(root: Root) -> None:
    assert not root.plans_changes()


def test_destroy_leaves_nothing(root: Root) -> None:
    root.destroy()

    assert root.state() == {}
