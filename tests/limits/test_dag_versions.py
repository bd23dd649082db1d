"""Which code a task has on a worker whose own DAGs are newer, and what becomes of it if there is none.

All of Airflow is real, S3 is moto's. A whole deployment is in tests/e2e. Each test goes on from the last.
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3
import pytest
from moto.server import ThreadedMotoServer
from plain_airflow import PlainAirflow
from plain_containers import PlainContainers
from plain_stores import PlainStores
from project import ROOT
from waiting import wait_for

from kf_airflow.environment import of_dags
from kf_airflow.options import DagOptions
from kf_airflow.refs import BucketRef
from kf_airflow_local import engine, images

DAG, TASK = "versions", "say"
BUCKET = BucketRef(name="archives", arn="arn:aws:s3:::archives")
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
}
A, B = "A helper A", "B helper B"


class Versions:
    """An Airflow whose DAGs have archives.

    Args:
        airflow: The Airflow.
        s3: A client of its S3.
    """

    def __init__(self, airflow: PlainAirflow, s3: Any) -> None:
        self.airflow, self.s3 = airflow, s3

    def finished(self, run: str) -> tuple[str, str]:
        """Waits for the end of a run's one task; returns its state and what it said."""
        self.airflow.wait_for_states(DAG, run, "success", "failed", seconds=90)
        ((state, _),) = self.airflow.tasks(DAG, run).values()
        path = f"dags/{DAG}/dagRuns/{quote(run, safe='')}/taskInstances/{TASK}/xcomEntries/return_value"
        return state, str(self.airflow.api.get(path)["value"]) if state == "success" else ""

    def version_of(self, run: str) -> str:
        """The version of the DAGs that a run is of."""
        return str(self.airflow.api.run(DAG, run)["bundle_version"])

    def run_again(self, run: str) -> None:
        """Clears the task of a finished run, which stays of its version."""
        self.airflow.api.clear(DAG, run)

    def key(self, version: str) -> str:
        """Where an archive is."""
        return f"{BUCKET.archives.prefix}/{version}.tar.gz"

    def log(self, run: str) -> str:
        """What the last try of the task of a run has in its log."""
        (task,) = self.airflow.api.task_instances(DAG, run)
        return self.airflow.api.log_text(task, try_number=task["try_number"])

    def new_worker(self) -> None:
        """A worker with nothing on its disk in the place of the one there is."""
        self.airflow.kill(self.airflow.worker)
        self.airflow.worker = self.airflow.new_worker()


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Versions]:
    client = engine.client()
    references = images.ensure(client, ROOT, print)
    containers = PlainContainers(client)
    server = ThreadedMotoServer(ip_address=containers.gateway, port=0, verbose=False)
    server.start()
    try:
        url = "http://{}:{}".format(*server.get_host_and_port())
        s3 = boto3.client("s3", endpoint_url=url, aws_access_key_id="test", aws_secret_access_key="test")
        s3.create_bucket(Bucket=BUCKET.name)
        stores = PlainStores(containers, references[images.BACKING], tmp_path_factory.mktemp("ca"))
        changes = {**CREDENTIALS, "AWS_ENDPOINT_URL": url, **of_dags(BUCKET, DagOptions())}
        dags = Path(__file__).parent / "versions"
        with closing(
            PlainAirflow(containers, stores, references[images.AIRFLOW], dags, changes, awaited=[DAG])
        ) as airflow:
            yield Versions(airflow, s3)
    except AssertionError as error:
        error.add_note(containers.last_words())
        raise
    finally:
        containers.close()
        server.stop()
        client.close()


@pytest.fixture(scope="module")
def run_of_a(versions: Versions) -> str:
    """A run that has begun with the first version."""
    run = versions.airflow.api.trigger(DAG)
    assert versions.finished(run) == ("success", A)
    return run


@pytest.fixture(scope="module")
def run_of_b(versions: Versions, run_of_a: str) -> str:
    """A run of the second version, whose DAG processor and worker have come."""
    airflow = versions.airflow
    airflow.change_dags(b'"A"', b'"B"')
    airflow.change_dags(b"helper A", b"helper B")
    airflow.kill(airflow.dag_processor)
    airflow.dag_processor = airflow.new_dag_processor()
    versions.new_worker()
    before = versions.version_of(run_of_a)
    wait_for(
        "the new version of the DAG",
        lambda: airflow.api.get(f"dags/{DAG}")["bundle_version"],
        lambda found: found != before,
        timeout_seconds=90,
    )
    return airflow.api.trigger(DAG)


def test_the_archive_of_the_dags_is_put_before_anything_refers_to_it(
    versions: Versions, run_of_a: str
) -> None:
    version = versions.version_of(run_of_a)

    assert versions.s3.head_object(Bucket=BUCKET.name, Key=versions.key(version))["ContentLength"] > 0


def test_new_runs_have_the_new_code(versions: Versions, run_of_b: str) -> None:
    assert versions.finished(run_of_b) == ("success", B)


def test_a_run_of_the_old_version_has_the_old_code_on_a_new_worker(
    versions: Versions, run_of_a: str, run_of_b: str
) -> None:
    versions.run_again(run_of_a)

    assert versions.finished(run_of_a) == ("success", A)
    assert versions.version_of(run_of_a) != versions.version_of(run_of_b)


def test_each_version_shows_its_own_code(versions: Versions, run_of_b: str) -> None:
    code = [
        versions.airflow.api.get(f"dagSources/{DAG}", version_number=number)["content"] for number in (1, 2)
    ]

    assert ['VERSION = "A"' in code[0], 'VERSION = "B"' in code[1]] == [True, True]


def test_there_are_no_more_versions_than_deployments(versions: Versions, run_of_b: str) -> None:
    found = versions.airflow.api.get(f"dags/{DAG}/dagVersions")["dag_versions"]

    assert sorted(version["version_number"] for version in found) == [1, 2]


@pytest.mark.parametrize(("what", "said"), [("missing", "is missing"), ("damaged", "is damaged")])
def test_a_task_whose_archive_is_not_to_be_had_fails_after_its_retries_with_a_sentence(
    versions: Versions, run_of_a: str, run_of_b: str, what: str, said: str
) -> None:
    version = versions.version_of(run_of_a)
    key = versions.key(version)
    whole = versions.s3.get_object(Bucket=BUCKET.name, Key=key)["Body"].read()
    try:
        if what == "missing":
            versions.s3.delete_object(Bucket=BUCKET.name, Key=key)
        else:
            versions.s3.put_object(Bucket=BUCKET.name, Key=key, Body=whole[: len(whole) // 2])
        versions.new_worker()
        versions.run_again(run_of_a)
        tries = versions.airflow.tasks(DAG, run_of_a)[TASK][1]

        assert versions.finished(run_of_a) == ("failed", "")
        assert versions.airflow.tasks(DAG, run_of_a)[TASK][1] == tries + 2
        log = versions.log(run_of_a)
        assert f"The DAG archive {key} in the bucket archives {said}" in log, log
        assert f"no task of the version {version} can run here" in log, log
    finally:
        versions.s3.put_object(Bucket=BUCKET.name, Key=key, Body=whole)


def test_it_runs_once_the_archive_is_there_again(versions: Versions, run_of_a: str, run_of_b: str) -> None:
    versions.run_again(run_of_a)

    assert versions.finished(run_of_a) == ("success", A)
