"""Size of the image, and what its entrypoint costs before Airflow starts."""

import statistics
from typing import Any

import docker

from kf_airflow_local.images import current_image

ROUNDS = 5
IMPORT_SECONDS = (
    "import time; started = time.perf_counter(); import kf_airflow_runtime.entrypoint; "
    "print(time.perf_counter() - started)"
)
AIRFLOW_IMPORT_SECONDS = IMPORT_SECONDS.replace("kf_airflow_runtime.entrypoint", "airflow.models")
MEGABYTE = 1_000_000


def test_size_of_the_image(report: dict[str, Any]) -> None:
    image = docker.from_env().images.get(current_image())

    report["image"] = {"megabytes": round(image.attrs["Size"] / MEGABYTE), "aim_megabytes": 700}


def test_import_time_of_the_entrypoint_against_that_of_airflow(report: dict[str, Any]) -> None:
    client = docker.from_env()

    def median_seconds(code: str) -> float:
        return statistics.median(
            float(client.containers.run(current_image(), ["-c", code], entrypoint="python3", remove=True))
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
