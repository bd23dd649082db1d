from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from fake_clock import FakeClock
from moto import mock_aws

from kf_airflow_runtime.log_objects import ENDED, IDENTITY, own_key
from kf_airflow_runtime.stored_logs import StoredLogs, StoreError

PATH = "dag_id=d/attempt=1.log"
FIRST, SECOND = "20261125100000000000-aaaaaaaa", "20261125110000000000-bbbbbbbb"


class Failing:
    """A body that breaks off after its first bytes."""

    def __init__(self) -> None:
        self.reads = 0

    def read(self, _size: int) -> bytes:
        self.reads += 1
        if self.reads > 1:
            raise ConnectionError("broken")
        return b"half "


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        client: Any = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="task-logs")
        yield client


def put(s3: Any, key: str, text: str, **metadata: str) -> None:
    s3.put_object(Bucket="task-logs", Key=f"airflow/{key}", Body=text.encode(), Metadata=metadata)


def logs(s3: Any, clock: FakeClock | None = None) -> StoredLogs:
    return StoredLogs(lambda: s3, "s3://task-logs/airflow", clock or FakeClock())


def test_all_parts_of_a_try_are_found_in_the_order_of_time(s3: Any) -> None:
    put(s3, PATH, "later", **{IDENTITY: SECOND})
    put(s3, own_key(PATH, FIRST), "earlier")
    put(s3, PATH.replace("=1", "=10"), "another try")
    found = logs(s3).find(PATH)
    assert [b"".join(log.pieces()) for log in found] == [b"earlier", b"later"]
    assert [log.identity for log in found] == [FIRST, SECOND]


def test_an_object_of_airflow_itself_counts_as_ended(s3: Any) -> None:
    put(s3, PATH, "old")
    assert logs(s3).find(PATH)[0].ended


def test_an_object_of_a_running_task_does_not(s3: Any) -> None:
    put(s3, PATH, "so far", **{IDENTITY: FIRST, ENDED: "false"})
    assert not logs(s3).find(PATH)[0].ended


def test_what_is_not_there_is_an_empty_list(s3: Any) -> None:
    assert logs(s3).find(PATH) == []


def test_an_s3_that_does_not_answer_is_not_asked_again_for_five_seconds() -> None:
    asked, clock = [], FakeClock()

    def client() -> Any:
        asked.append(1)
        raise ConnectionError("refused")

    store = StoredLogs(client, "s3://task-logs/airflow", clock)
    for seconds in (0.0, 4.0, 2.0):
        clock.now += seconds
        with pytest.raises(StoreError, match="ConnectionError: refused"):
            store.find(PATH)
    assert len(asked) == 2


def test_reading_goes_on_where_it_broke_off(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    put(s3, PATH, "half and half")
    (log,) = logs(s3).find(PATH)
    asked: list[str | None] = []
    get = s3.get_object

    def get_object(**arguments: Any) -> Any:
        asked.append(arguments.get("Range"))
        return {"Body": Failing()} if len(asked) == 1 else get(**arguments)

    monkeypatch.setattr(s3, "get_object", get_object)
    assert b"".join(log.pieces()) == b"half and half"
    assert asked == [None, "bytes=5-"]


def test_reading_that_breaks_off_each_time_is_given_up(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    put(s3, PATH, "half and half")
    (log,) = logs(s3).find(PATH)
    monkeypatch.setattr(s3, "get_object", lambda **_: {"Body": Failing()})
    with pytest.raises(StoreError, match="ConnectionError: broken"):
        list(log.pieces())
