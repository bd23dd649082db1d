import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kf_airflow_runtime import task_runners

MAIN, POOL, ELSEWHERE = 10, 20, 30


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """What the kernel shows of a worker that runs two tasks, and of what else there is."""

    def process(pid: int, parent: int, cmdline: str, name: str = "python") -> None:
        (tmp_path / str(pid)).mkdir()
        (tmp_path / str(pid) / "stat").write_text(f"{pid} ({name}) S {parent} 1 1 0")
        (tmp_path / str(pid) / "cmdline").write_bytes(cmdline.encode().replace(b" ", b"\0", 0))

    process(1, 0, "tini")
    process(MAIN, 1, "airflow celery worker")
    process(POOL, MAIN, "[celeryd: celery@host:ForkPoolWorker-1]")
    process(21, POOL, "airflow worker -- 0193", "airflow (odd) wo")
    process(22, POOL, "airflow worker -- 0194")
    process(23, 21, "bash -c airflow worker -- no")
    process(ELSEWHERE, 1, "airflow celery worker")
    process(31, ELSEWHERE, "airflow worker -- 0195")
    (tmp_path / "uptime").write_text("1 1")
    (tmp_path / "99").mkdir()
    return tmp_path


def test_it_finds_the_processes_below_the_worker_that_run_tasks(proc: Path) -> None:
    assert task_runners.runners(MAIN, proc) == [21, 22]


def test_a_signal_to_a_process_that_is_gone_is_no_error() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    task_runners.send([gone.pid], signal.SIGINT)


def test_it_finds_and_ends_a_real_process() -> None:
    task = subprocess.Popen(["sleep", "60"], executable="sleep", start_new_session=True)
    try:
        assert task_runners.runners(os.getpid()) == []
        task_runners.send([task.pid], signal.SIGTERM)
        assert task.wait(5) == -signal.SIGTERM
    finally:
        task.kill()
