"""Size of the image, and what its entrypoint costs before Airflow starts."""

import statistics
from typing import Any

import pytest
from docker import DockerClient
from project import ROOT

from kf_airflow_local import engine, images

ROUNDS = 5
IMPORT_SECONDS = (
    "import time; started = time.perf_counter(); import kf_airflow_runtime.entrypoint; "
    "print(time.perf_counter() - started)"
)
AIRFLOW_IMPORT_SECONDS = IMPORT_SECONDS.replace("kf_airflow_runtime.entrypoint", "airflow.models")
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def client() -> DockerClient:
    return engine.client()


@pytest.fixture(scope="module")
def image(client: DockerClient) -> str:
    """The image of what is in the working tree."""
    return images.ensure(client, ROOT, print)[images.AIRFLOW]


def test_size_of_the_image(client: DockerClient, image: str, report: dict[str, Any]) -> None:
    size = client.images.get(image).attrs["Size"]

    report["image"] = {"megabytes": round(size / MEGABYTE), "aim_megabytes": 700}


def test_import_time_of_the_entrypoint_against_that_of_airflow(
    client: DockerClient, image: str, report: dict[str, Any]
) -> None:
    def median_seconds(code: str) -> float:
        return statistics.median(
            float(client.containers.run(image, ["-c", code], entrypoint="python3", remove=True))
            for _ in range(ROUNDS)
        )

    ours, airflow = median_seconds(IMPORT_SECONDS), median_seconds(AIRFLOW_IMPORT_SECONDS)
    report["entrypoint_import"] = {
        "seconds": round(ours, 4),
        "airflow_models_import_seconds": round(airflow, 2),
        "share_of_airflow": round(ours / airflow, 4),
        "aim_seconds": 0.1,
        "rounds": ROUNDS,
    }
