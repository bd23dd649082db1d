from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from kf_airflow_runtime.log_objects import ENDED, identity_in
from kf_airflow_runtime.log_upload import LogUploader, Upload

PATH = "dag_id=d/run_id=r/task_id=t/attempt=1.log"
KEY = f"airflow/{PATH}"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        client: Any = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="task-logs")
        yield client


def uploader(s3: Any, folder: Path) -> LogUploader:
    return LogUploader(s3, "s3://task-logs/airflow", folder)


def write(folder: Path, text: str | bytes, path: str = PATH) -> bytes:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    content = text if isinstance(text, bytes) else text.encode()
    file.write_bytes(content)
    return content


def line(second: int, event: str = "x") -> str:
    return f'{{"timestamp":"2026-11-25T03:00:{second:02}Z","event":"{event}"}}\n'


def stored(s3: Any) -> dict[str, bytes]:
    found = s3.list_objects_v2(Bucket="task-logs").get("Contents", [])
    return {item["Key"]: s3.get_object(Bucket="task-logs", Key=item["Key"])["Body"].read() for item in found}


def test_a_log_becomes_an_object_of_its_name_byte_for_byte(s3: Any, tmp_path: Path) -> None:
    content = write(tmp_path, line(1).encode() + b"\x00\xff\xfe not UTF-8\n" + "Grüße 🎈\n".encode())
    uploader(s3, tmp_path).send(PATH, ended=True)
    assert stored(s3) == {KEY: content}


def test_a_log_that_is_sent_again_is_there_once(s3: Any, tmp_path: Path) -> None:
    content = write(tmp_path, line(1))
    for _ in range(2):  # the second process knows nothing of the first
        uploader(s3, tmp_path).send(PATH, ended=True)
    assert stored(s3) == {KEY: content}


def test_a_log_that_has_grown_replaces_what_was_sent(s3: Any, tmp_path: Path) -> None:
    sender = uploader(s3, tmp_path)
    write(tmp_path, line(1))
    before = sender.send(PATH, ended=False)
    content = write(tmp_path, line(1) + line(2))
    after = sender.send(PATH, ended=True, before=before)
    assert stored(s3) == {KEY: content}
    assert after == Upload(before.identity if before else "", KEY, len(content))


def test_the_log_of_another_worker_is_left_alone(s3: Any, tmp_path: Path) -> None:
    first = write(tmp_path / "one", line(1))
    second = write(tmp_path / "two", line(9))
    for folder in ("one", "two"):
        uploader(s3, tmp_path / folder).send(PATH, ended=True)
    found = stored(s3)
    (other,) = found.keys() - {KEY}
    assert (found[KEY], found[other]) == (first, second)
    assert str(identity_in(other)).startswith("20261125030009000000-")


def test_an_object_that_airflow_wrote_itself_is_left_alone(s3: Any, tmp_path: Path) -> None:
    s3.put_object(Bucket="task-logs", Key=KEY, Body=b"old")
    write(tmp_path, line(1))
    uploader(s3, tmp_path).send(PATH, ended=True)
    assert stored(s3)[KEY] == b"old"
    assert len(stored(s3)) == 2


def test_of_a_running_task_whole_lines_are_sent(s3: Any, tmp_path: Path) -> None:
    write(tmp_path, line(1) + "half a li")
    uploader(s3, tmp_path).send(PATH, ended=False)
    assert stored(s3) == {KEY: line(1).encode()}
    assert s3.head_object(Bucket="task-logs", Key=KEY)["Metadata"][ENDED] == "false"


def test_a_log_that_ended_within_its_first_line_is_sent(s3: Any, tmp_path: Path) -> None:
    content = write(tmp_path, "half a li")
    uploader(s3, tmp_path).send(PATH, ended=True)
    assert stored(s3) == {KEY: content}


@pytest.mark.parametrize("text", ["", None])
def test_an_empty_log_and_one_that_has_gone_are_nothing_to_send(
    s3: Any, tmp_path: Path, text: str | None
) -> None:
    if text is not None:
        write(tmp_path, text)
    assert uploader(s3, tmp_path).send(PATH, ended=True) is None
    assert stored(s3) == {}


def test_what_s3_refuses_is_said(s3: Any, tmp_path: Path) -> None:
    write(tmp_path, line(1))
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchBucket"):
        LogUploader(s3, "s3://elsewhere/airflow", tmp_path).send(PATH, ended=True)
