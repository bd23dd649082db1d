"""Which code a task has on a worker whose own DAGs are newer, and what becomes of it if there is none.

All of Airflow is real, S3 and ECS are moto's; tests/e2e has a whole deployment. Each test goes on from the
last.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from docker.models.containers import Container
from versioned_airflow import BUCKET, DAG, TASK, Versions, versioned_airflow
from waiting import wait_for

A, B = "version_a helper_a", "version_b helper_b"


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Versions]:
    dags = Path(__file__).parent / "versions"
    with versioned_airflow(dags, tmp_path_factory.mktemp("ca")) as found:
        yield found


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
    airflow.change_dags(version_a="version_b", helper_a="helper_b")
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

    assert ["version_a" in code[0], "version_b" in code[1]] == [True, True]


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


@dataclass(frozen=True)
class Processors:
    """Two DAG processors that run side by side.

    Attributes:
        old: The one of the first revision.
        new: The one of the second.
        before: The newest version of the DAG when the second one came, and its number.
    """

    old: Container
    new: Container
    before: tuple[str, int]


@pytest.fixture(scope="module")
def processors(versions: Versions, run_of_b: str) -> Processors:
    airflow = versions.airflow
    airflow.kill(airflow.dag_processor)
    versions.deploy(1)
    old = versions.new_dag_processor(1)
    airflow.change_dags(version_b="version_c")
    before = versions.known()
    return Processors(old, versions.new_dag_processor(2), before)


def says(container: Container, what: str) -> None:
    """Waits until a container has written something."""
    wait_for(
        f"{container.name} says {what!r}",
        lambda: container.logs(tail=200).decode(errors="replace"),
        lambda log: what in log,
        timeout_seconds=90,
    )


def test_a_dag_processor_that_ecs_does_not_want_writes_nothing(
    versions: Versions, processors: Processors
) -> None:
    says(processors.new, "nothing is parsed here")

    assert versions.watched(15) == {processors.before[0]}


def test_the_newer_one_takes_its_turn_and_the_older_one_writes_no_more(
    versions: Versions, processors: Processors
) -> None:
    versions.deploy(2)
    wait_for("the new version", versions.known, lambda known: known != processors.before, timeout_seconds=60)
    version, number = versions.known()
    says(processors.old, "nothing is parsed here")

    assert versions.watched(20) == {version}
    assert versions.known() == (version, number) == (version, processors.before[1] + 1)


def test_the_older_one_takes_its_turn_when_the_deployment_is_rolled_back(
    versions: Versions, processors: Processors
) -> None:
    new = versions.known()
    run = versions.airflow.api.trigger(DAG)
    versions.finished(run)
    versions.deploy(1)
    wait_for("the old version", versions.known, lambda known: known != new, timeout_seconds=60)

    assert versions.watched(20) == {processors.before[0]}
    assert versions.known() == (processors.before[0], new[1] + 1)
