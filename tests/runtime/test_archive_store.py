"""The archives of DAGs in S3, against moto."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from fake_clock import FakeClock
from moto import mock_aws

from kf_airflow_runtime.archive_store import ArchiveError, ArchiveStore, Patience, Stored, s3_client
from kf_airflow_runtime.dag_archive import version_of

BUCKET, PREFIX = "logs-of-kf", "dags"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        client = s3_client()
        client.create_bucket(Bucket=BUCKET)
        yield client


@pytest.fixture
def dags(tmp_path: Path) -> Path:
    folder = tmp_path / "dags"
    folder.mkdir()
    (folder / "one.py").write_text("print('A')\n")
    return folder


class Interrupted:
    """S3, but some calls of an operation fail first.

    Args:
        client: The real one.
        operation: Which.
        errors: What they raise, one after the other.
    """

    def __init__(self, client: Any, operation: str, errors: list[Exception]) -> None:
        self._client, self._operation, self._errors = client, operation, errors
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._client, name)
        if name != self._operation:
            return real

        def call(**arguments: Any) -> Any:
            self.calls += 1
            if self._errors:
                raise self._errors.pop(0)
            return real(**arguments)

        return call


def refused(code: str, status: int = 400) -> ClientError:
    response: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "any")


def away() -> EndpointConnectionError:
    return EndpointConnectionError(endpoint_url="s3")


def store(client: Any) -> ArchiveStore:
    clock = FakeClock()

    def sleep(seconds: float) -> None:
        clock.now += seconds

    return ArchiveStore(BUCKET, PREFIX, client=client, patience=Patience(clock=clock, sleep=sleep))


def keys(s3: Any) -> list[str]:
    return [item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def test_what_was_published_is_unpacked_elsewhere(s3: Any, dags: Path, tmp_path: Path) -> None:
    version = version_of(dags)
    assert store(s3).publish(version, dags, fresh_days=1)
    target = tmp_path / "cache"
    target.mkdir()
    store(s3).unpack(version, target)

    assert keys(s3) == [f"dags/{version}.tar.gz"]
    assert (target / "one.py").read_text() == "print('A')\n"


def test_an_archive_that_is_there_is_not_put_again(s3: Any, dags: Path) -> None:
    client = Interrupted(s3, "put_object", [])
    for _ in range(2):
        store(client).publish(version_of(dags), dags, fresh_days=1)

    assert client.calls == 1


def test_an_old_archive_is_put_again_so_that_nobody_deletes_it_now(s3: Any, dags: Path) -> None:
    client = Interrupted(s3, "put_object", [])
    for _ in range(2):
        assert store(client).publish(version_of(dags), dags, fresh_days=0)

    assert client.calls == 2


def test_the_faster_one_of_two_puts_it(s3: Any, dags: Path) -> None:
    version = version_of(dags)
    # Not there when it is looked for, and there when it is put.
    client = Interrupted(s3, "head_object", [refused("404", 404)])
    s3.put_object(Bucket=BUCKET, Key=f"dags/{version}.tar.gz", Body=b"the other's")

    assert not store(client).publish(version, dags, fresh_days=1)
    assert s3.get_object(Bucket=BUCKET, Key=f"dags/{version}.tar.gz")["Body"].read() == b"the other's"


def test_a_refusal_to_put_it_is_an_error(s3: Any, dags: Path) -> None:
    client = Interrupted(s3, "put_object", [refused("AccessDenied", 403)])

    with pytest.raises(ClientError, match="AccessDenied"):
        store(client).publish(version_of(dags), dags, fresh_days=1)


class Broken:
    """A body that ends before its time."""

    def read(self, *_: int) -> bytes:
        raise ReadTimeoutError(endpoint_url="s3")

    def close(self) -> None:
        pass


@pytest.mark.parametrize("error", [away(), refused("SlowDown", 503), refused("AccessDenied", 403)])
def test_a_fetch_that_fails_is_tried_again(s3: Any, dags: Path, tmp_path: Path, error: Exception) -> None:
    version = version_of(dags)
    store(s3).publish(version, dags, fresh_days=1)
    client = Interrupted(s3, "get_object", [error, error])
    store(client).unpack(version, tmp_path)

    assert client.calls == 3


def test_a_body_that_breaks_off_is_fetched_anew(
    s3: Any, dags: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = version_of(dags)
    store(s3).publish(version, dags, fresh_days=1)
    bodies = [Broken(), s3.get_object(Bucket=BUCKET, Key=f"dags/{version}.tar.gz")["Body"]]
    monkeypatch.setattr(s3, "get_object", lambda **_: {"Body": bodies.pop(0)})
    target = tmp_path / "cache"
    target.mkdir()
    store(s3).unpack(version, target)

    assert (target / "one.py").is_file()


def test_s3_that_stays_away_is_given_up_after_a_minute_and_a_half_with_a_sentence(
    s3: Any, tmp_path: Path
) -> None:
    client = Interrupted(s3, "get_object", [away() for _ in range(100)])

    with pytest.raises(
        ArchiveError,
        match=r"DAG archive dags/0{64}\.tar\.gz in the bucket logs-of-kf could not be fetched "
        r"\(EndpointConnectionError: .*\), so no task of the version 0{64} can run here: see to it",
    ):
        store(client).unpack("0" * 64, tmp_path)
    assert 8 < client.calls < 30


def test_a_missing_archive_is_said_at_once_with_what_to_do(s3: Any, tmp_path: Path) -> None:
    client = Interrupted(s3, "get_object", [])

    with pytest.raises(
        ArchiveError,
        match=r"DAG archive dags/0{64}\.tar\.gz in the bucket logs-of-kf is missing, .*: deploy the image "
        "with these DAGs once more",
    ):
        store(client).unpack("0" * 64, tmp_path)
    assert client.calls == 1


def test_a_damaged_archive_is_named_with_what_to_do(s3: Any, tmp_path: Path) -> None:
    s3.put_object(Bucket=BUCKET, Key=f"dags/{'0' * 64}.tar.gz", Body=io.BytesIO(b"rubbish"))

    with pytest.raises(ArchiveError, match=r"dags/0{64}\.tar\.gz in .* is damaged, it cannot .*: delete it"):
        store(s3).unpack("0" * 64, tmp_path)


def test_only_archives_are_listed(s3: Any, dags: Path) -> None:
    version = version_of(dags)
    store(s3).publish(version, dags, fresh_days=1)
    for key in ("dags/readme", "dags/old/" + "0" * 64 + ".tar.gz", "dags-of-others/" + "0" * 64 + ".tar.gz"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"")

    (found,) = store(s3).stored()
    assert (found.version, found.put_at.tzinfo is not None) == (version, True)


def test_an_archive_that_was_found_is_deleted(s3: Any, dags: Path) -> None:
    store(s3).publish(version_of(dags), dags, fresh_days=1)
    (found,) = store(s3).stored()

    assert store(s3).delete(found)
    assert keys(s3) == []


def test_an_archive_that_was_put_again_meanwhile_is_kept(s3: Any, dags: Path) -> None:
    version = version_of(dags)
    store(s3).publish(version, dags, fresh_days=1)

    assert not store(s3).delete(Stored(version, datetime(2020, 1, 1, tzinfo=UTC)))
    assert keys(s3) == [f"dags/{version}.tar.gz"]
