import subprocess
from pathlib import Path
from typing import Any

import pytest

from kf_airflow_runtime import log_keeper
from kf_airflow_runtime.log_keeper import LogKeeper
from kf_airflow_runtime.log_sender import only_one
from kf_airflow_runtime.unsent_logs import UnsentLogs

PATH = "dag_id=d/run_id=r/task_id=t/attempt=1.log"


class Uploader:
    """What sends logs."""

    def __init__(self, *, fails: bool = False) -> None:
        self.fails = fails
        self.sent: list[str] = []

    def send(self, path: str, *, ended: bool) -> None:
        assert ended
        if self.fails:
            raise ConnectionError("S3 is away")
        self.sent.append(path)


class Rig:
    """A keeper over files, and the processes that it has started."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.unsent, self.uploader = UnsentLogs(folder), Uploader()
        keeper: Any = LogKeeper(self.unsent, "s3://logs/airflow")
        keeper._uploader = self.uploader
        self.keeper = keeper
        self.started: list[tuple[str, ...]] = []
        monkeypatch.setattr(subprocess, "Popen", lambda argv, **_: self.started.append(argv))
        self.log = folder / PATH
        self.log.parent.mkdir(parents=True)
        self.log.write_text("line\n")


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    return Rig(tmp_path, monkeypatch)


@pytest.mark.parametrize("absolute", [True, False])
def test_beside_a_process_that_sends_logs_a_note_is_left(rig: Rig, absolute: bool) -> None:
    lock = only_one(rig.unsent.folder)
    rig.keeper.upload(rig.log if absolute else PATH, None)
    assert lock is not None
    lock.close()
    assert [log.path for log in rig.unsent.all()] == [PATH]
    assert (rig.uploader.sent, rig.started) == ([], [])


def test_without_one_the_log_is_sent_at_once(rig: Rig) -> None:
    rig.keeper.upload(PATH)
    assert (rig.uploader.sent, rig.unsent.count(), rig.started) == ([PATH], 0, [])


def test_what_s3_does_not_take_then_is_noted_and_a_process_started_for_it(rig: Rig) -> None:
    rig.uploader.fails = True
    rig.keeper.upload(PATH)
    assert [log.path for log in rig.unsent.all()] == [PATH]
    assert [argv[-1] for argv in rig.started] == ["--until-idle"]


@pytest.mark.parametrize("path", ["../elsewhere.log", "/etc/passwd", "dag_id=d/missing.log"])
def test_what_is_no_log_of_airflow_s_is_left_alone(rig: Rig, path: str) -> None:
    rig.keeper.upload(path)
    assert (rig.uploader.sent, rig.unsent.count()) == ([], 0)


def test_our_module_is_the_one_that_the_image_starts() -> None:
    assert log_keeper._SENDER[1:] == ("-m", "kf_airflow_runtime.log_sender")
