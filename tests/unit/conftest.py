"""Stacks that many tests look at, synthesized once."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from project import ROOT
from synthesis import Synthesized, synthesize, synthesize_stack

from kf_airflow import Airflow, AirflowStack, NetworkRef, load_settings

IMAGE = "registry.example.org/kf-airflow:0000000"
NETWORK = NetworkRef(
    vpc_id="vpc-1",
    private_subnet_ids=("subnet-1", "subnet-2"),
    public_subnet_ids=("subnet-3", "subnet-4"),
    cidr_block="10.0.0.0/16",
)


@pytest.fixture(scope="session", autouse=True)
def _clean_environment() -> Iterator[None]:
    """What the developer has set for the library must not decide a test."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("KF_AIRFLOW_")]:
            patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def network() -> NetworkRef:
    return NETWORK


@pytest.fixture(scope="session")
def default() -> Synthesized:
    """Airflow with nothing but what has to be said."""
    return synthesize(lambda stack: Airflow(stack, "airflow", name="kf-airflow-dev", image=IMAGE))


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the project's settings, and the CA certificate the local ones ask for."""
    root = tmp_path_factory.mktemp("root")
    (root / "config").symlink_to(ROOT / "config")
    certificate = root / "build/local/ca/ca.pem"
    certificate.parent.mkdir(parents=True)
    certificate.write_text("-----BEGIN CERTIFICATE-----\nlocal\n-----END CERTIFICATE-----\n")
    return root


def _stack_of(environment: str, root: Path) -> Synthesized:
    settings = load_settings(environment, root=root)
    return synthesize_stack(lambda app: AirflowStack(app, f"airflow-{environment}", settings=settings))


@pytest.fixture(scope="session")
def local(root: Path) -> Synthesized:
    """The stack of config/local.toml."""
    return _stack_of("local", root)


@pytest.fixture(scope="session")
def prd(root: Path) -> Synthesized:
    """The stack of config/prd.toml."""
    return _stack_of("prd", root)
