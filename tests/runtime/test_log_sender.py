from pathlib import Path
from typing import Any

import pytest
from fake_clock import FakeClock

from kf_airflow_runtime.log_sender import LogSender, only_one
from kf_airflow_runtime.log_turns import RUNNING_SECONDS
from kf_airflow_runtime.log_upload import Upload
from kf_airflow_runtime.unsent_logs import UnsentLogs

ONE, OTHER = "dag_id=d/run_id=r/task_id=one/attempt=1.log", "dag_id=d/run_id=r/task_id=other/attempt=1.log"


class Store:
    """What sends logs, that fails as long as it is told to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.failing: set[str] = set()
        self.sent: list[tuple[str, bool]] = []

    def send(self, path: str, *, ended: bool, before: Upload | None = None) -> Upload:
        if path in self.failing:
            raise ConnectionError("S3 is away")
        self.sent.append((path, ended))
        return Upload("me", path, (self.folder / path).stat().st_size)


class Rig:
    """A sender over files, a clock and such a store."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.said, self.events = FakeClock(), list[str](), list[dict[str, object]]()
        self.unsent, self.store = UnsentLogs(folder), Store(folder)
        uploader: Any = self.store
        self.sender = LogSender(self.unsent, uploader, self.clock, self.say)

    def say(self, sentence: str, **about: object) -> None:
        self.said.append(sentence)
        self.events.append(about)

    def write(self, path: str, text: str = "line\n") -> None:
        file = self.unsent.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a") as log:
            log.write(text)

    def after(self, seconds: float) -> None:
        self.clock.now += seconds
        self.sender.turn()
        self.sender.wait()


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def test_what_is_noted_is_sent_at_the_next_turn(rig: Rig) -> None:
    rig.write(ONE)
    rig.unsent.note(ONE)
    rig.after(0)
    assert (rig.store.sent, rig.unsent.count()) == ([(ONE, True)], 0)


def test_what_s3_does_not_take_is_kept_and_sent_when_it_does(rig: Rig) -> None:
    rig.write(ONE)
    rig.unsent.note(ONE)
    rig.store.failing = {ONE}
    rig.after(0)
    assert (rig.unsent.count(), rig.sender.idle) == (1, False)
    rig.store.failing = set()
    rig.after(0.1)
    assert rig.store.sent == []
    rig.after(0.5)
    assert rig.store.sent == [(ONE, True)]


def test_a_log_that_is_refused_holds_up_no_other(rig: Rig) -> None:
    for path in (ONE, OTHER):
        rig.write(path)
        rig.unsent.note(path)
    rig.store.failing = {ONE}
    rig.after(0)
    assert rig.store.sent == [(OTHER, True)]


def test_an_outage_is_said_once_and_its_end_once(rig: Rig) -> None:
    rig.write(ONE)
    rig.unsent.note(ONE)
    rig.store.failing = {ONE}
    for seconds in (0, 10, 10):
        rig.after(seconds)
    rig.store.failing = set()
    rig.after(10)
    assert rig.said == [
        "S3 does not take logs, which are kept and sent later: ConnectionError: S3 is away",
        "S3 takes logs again, and has all of those that could not be sent",
    ]


def test_an_outage_is_a_warning_that_names_the_task_whose_log_was_refused(rig: Rig) -> None:
    rig.write(ONE)
    rig.unsent.note(ONE)
    rig.store.failing = {ONE}
    rig.after(0)
    rig.store.failing = set()
    rig.after(10)
    assert rig.events == [
        {
            "event": "log-upload-fails",
            "level": "warning",
            "path": ONE,
            "dag_id": "d",
            "run_id": "r",
            "task_id": "one",
            "try_number": 1,
        },
        {"event": "log-upload-works-again"},
    ]


def test_what_a_running_task_has_written_is_sent_once_a_minute(rig: Rig) -> None:
    rig.write(ONE)
    sent = []
    for _ in range(9):
        rig.after(15)
        rig.write(ONE)
        sent.append(len(rig.store.sent))
    # Seen first after 15 s, and sent when that is a minute ago.
    assert sent == [0, 0, 0, 0, 1, 1, 1, 1, 2]
    assert {ended for _, ended in rig.store.sent} == {False}


def test_a_task_that_writes_nothing_new_is_not_sent_again(rig: Rig) -> None:
    rig.write(ONE)
    for _ in range(20):
        rig.after(RUNNING_SECONDS)
    assert len(rig.store.sent) == 1


def test_one_process_alone_sends_the_logs_of_a_folder(tmp_path: Path) -> None:
    first = only_one(tmp_path)
    assert first is not None
    assert only_one(tmp_path) is None
    first.close()
    again = only_one(tmp_path)
    assert again is not None
    again.close()


def test_the_right_to_send_is_no_note(tmp_path: Path) -> None:
    lock = only_one(tmp_path)
    assert UnsentLogs(tmp_path).count() == 0
    assert lock is not None
    lock.close()
