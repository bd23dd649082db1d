import os
import time
from pathlib import Path

import pytest

from kf_airflow_runtime.unsent_logs import WORTH_WAITING_SECONDS, UnsentLogs

PATH = "dag_id=d/run_id=r/task_id=t/attempt=1.log"


@pytest.fixture
def unsent(tmp_path: Path) -> UnsentLogs:
    return UnsentLogs(tmp_path)


def write(unsent: UnsentLogs, path: str, text: str = "line\n") -> None:
    file = unsent.folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_a_folder_without_notes_has_nothing_unsent(unsent: UnsentLogs) -> None:
    assert (unsent.count(), unsent.all(), unsent.oldest_seconds()) == (0, [], 0.0)


def test_a_noted_log_is_unsent_until_it_was_sent(unsent: UnsentLogs) -> None:
    unsent.note(PATH)
    (log,) = unsent.all()
    unsent.sent(log)
    assert (log.path, unsent.count()) == (PATH, 0)


def test_a_note_made_while_a_log_is_sent_stays(unsent: UnsentLogs) -> None:
    unsent.note(PATH)
    (log,) = unsent.all()
    unsent.note(PATH)
    unsent.sent(log)
    assert [found.path for found in unsent.all()] == [PATH]


def test_a_log_that_was_noted_twice_is_sent_once(unsent: UnsentLogs) -> None:
    unsent.note(PATH)
    unsent.note(PATH)
    (log,) = unsent.all()
    unsent.sent(log)
    assert (len(log.notes), unsent.count()) == (2, 0)


def test_a_log_that_nobody_takes_for_hours_keeps_no_worker(unsent: UnsentLogs) -> None:
    unsent.note(PATH)
    assert unsent.awaited() == 1
    (note,) = (unsent.folder / ".unsent").iterdir()
    then = time.time() - WORTH_WAITING_SECONDS - 1
    os.utime(note, (then, then))
    again = UnsentLogs(unsent.folder)
    assert (again.awaited(), again.count()) == (0, 1)


def test_another_process_finds_the_notes(unsent: UnsentLogs) -> None:
    unsent.note(PATH)
    assert [log.path for log in UnsentLogs(unsent.folder).all()] == [PATH]


def test_a_worker_that_starts_notes_the_logs_it_finds_and_nothing_else(unsent: UnsentLogs) -> None:
    trigger = PATH.replace("attempt=1.log", "attempt=1.log.trigger.4.log")
    for path in (PATH, trigger, "dag_processor/today/dag.log", "dag_id=d/notes.txt"):
        write(unsent, path)
    write(unsent, PATH.replace("attempt=1", "attempt=2"), text="")
    assert unsent.note_all() == 2
    assert {log.path for log in unsent.all()} == {PATH, trigger}


def test_a_log_that_is_noted_already_is_not_noted_again(unsent: UnsentLogs) -> None:
    write(unsent, PATH)
    unsent.note(PATH)
    assert (unsent.note_all(), unsent.count()) == (0, 1)
