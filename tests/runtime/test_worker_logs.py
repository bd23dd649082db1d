import importlib
import subprocess
from pathlib import Path
from typing import Any

import pytest
from own_events import messages

from kf_airflow_runtime.log_settings import CONFIG_CLASS
from kf_airflow_runtime.unsent_logs import BASE_FOLDER, UnsentLogs

PATH = "dag_id=d/run_id=r/task_id=t/attempt=1.log"


class EndOfTestError(Exception):
    """Ends what goes on for ever."""


@pytest.fixture
def module(celery: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    log = tmp_path / PATH
    log.parent.mkdir(parents=True)
    log.write_text("line\n")
    monkeypatch.setenv(BASE_FOLDER, str(tmp_path))
    monkeypatch.setenv(*CONFIG_CLASS)
    monkeypatch.setenv("AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER", "s3://bucket/logs")
    found: Any = importlib.import_module("kf_airflow_runtime.worker_logs")
    found.started = []
    monkeypatch.setattr(
        found.threading,
        "Thread",
        lambda **options: type("Thread", (), {"start": lambda _: found.started.append(options["name"])})(),
    )
    return found


def test_a_worker_that_starts_sends_what_it_finds_on_the_disk(
    module: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__LOGGING__REMOTE_LOGGING", "True")
    module.LogSenderStep(None).start(None)
    assert [log.path for log in UnsentLogs(tmp_path).all()] == [PATH]
    assert module.started == ["logs"]


def test_a_worker_whose_logs_stay_where_they_are_sends_none(
    module: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__LOGGING__REMOTE_LOGGING", "False")
    module.LogSenderStep(None).start(None)
    assert (UnsentLogs(tmp_path).count(), module.started) == (0, [])


def test_the_process_that_sends_logs_is_started_again_when_it_ends(
    module: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    ran: list[Any] = []

    def run(argv: Any, **_: Any) -> Any:
        ran.append(argv)
        if len(ran) > 1:
            raise OSError("full")
        return subprocess.CompletedProcess(argv, -9)

    def sleep(_seconds: float) -> None:
        if len(ran) > 1:
            raise EndOfTestError

    monkeypatch.setattr(module.subprocess, "run", run)
    monkeypatch.setattr(module.time, "sleep", sleep)
    with pytest.raises(EndOfTestError):
        module.keep_sending()
    said = messages(capfd.readouterr().out)
    assert said == [
        "the process that sends logs to S3 ended with -9, and is started again",
        "the process that sends logs to S3 did not start (OSError('full')), and is started again",
    ]
