"""Runs in the image: what a version of many DAG files costs a task that needs it. Prints seconds as JSON."""

import json
import logging
import os
import shutil
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

FILES, ROUNDS, BUCKET = 500, 5, "archives"
DAG = """import datetime

from airflow.sdk import dag, task


@dag(dag_id="dag_{number}", schedule=None, start_date=datetime.datetime(2026, 1, 1))
def dag_{number}() -> None:
    @task
    def work() -> int:
        return {number}

    work()


dag_{number}()
"""


def main() -> None:
    """Measures in turns, so that whatever else the machine does meets all alike."""
    logging.disable(logging.INFO)
    old, image = folder("old"), folder("image", "# another version\n")
    os.environ["AIRFLOW__CORE__DAGS_FOLDER"] = str(image)
    from kf_airflow_runtime.dag_bundle import ArchivedDagBundle, folder_version

    def bundle(version: str | None) -> ArchivedDagBundle:
        return ArchivedDagBundle(
            name="dags", version=version, bucket=BUCKET, prefix="dags", retention_days=30, cache_mib=1024
        )

    version = folder_version(old)
    begun = time.perf_counter()
    bundle(None).store.publish(version, old, fresh_days=1)
    publish = time.perf_counter() - begun
    seconds: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        folder_version.cache_clear()
        shutil.rmtree(bundle(version).versions_dir, ignore_errors=True)
        for name, asked in (("hash", None), ("image", None), ("cold", version), ("cached", version)):
            found = bundle(asked)
            work: Callable[[], object] = (lambda: found.own_version) if name == "hash" else found.initialize  # noqa: B023
            begun = time.perf_counter()
            work()
            seconds.setdefault(name, []).append(time.perf_counter() - begun)
            assert len(list(found.path.iterdir())) == FILES
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    sys.stdout.write(json.dumps({**medians, "publish": publish}) + "\n")


def folder(name: str, beginning: str = "") -> Path:
    """A folder with many DAGs."""
    made = Path("/tmp") / name
    made.mkdir()
    for number in range(FILES):
        (made / f"dag_{number}.py").write_text(beginning + DAG.format(number=number))
    return made


main()
