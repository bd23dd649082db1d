"""One release of this repository, made against an ECR and a remote that are here."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from docker import DockerClient
from release_registry import LocalEcr, local_ecr
from release_repository import copied_repository
from releases import Released

from kf_airflow_deploy import ecr, release_checks, release_image, release_steps, release_version
from kf_airflow_deploy.image_publication import ImagePublication

NAME = "kf-airflow"


@pytest.fixture(scope="session")
def engine() -> Iterator[DockerClient]:
    client = release_image.client()
    yield client
    client.close()


@pytest.fixture(scope="session")
def local(engine: DockerClient) -> Iterator[LocalEcr]:
    with local_ecr(engine) as found:
        yield found


@pytest.fixture(scope="session")
def released(
    engine: DockerClient, local: LocalEcr, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Released]:
    folder = tmp_path_factory.mktemp("release")
    repository = copied_repository(folder)
    present = release_version.read(repository.read("pyproject.toml"))
    version = f"{int(present.partition('.')[0]) + 1}.0.0"
    plan = release_checks.plan(repository, version, branch="main", day=datetime.now(UTC).date())
    publication = ImagePublication(
        repository, engine, ecr.repository(NAME, local.client), folder / "build", print
    )
    reference = release_steps.carry_out(plan, publication, release_steps.begun(plan, publication))
    yield Released(version, reference, repository, local, publication)
    engine.images.remove(reference.replace(f":{version}@", "@"), force=True)
