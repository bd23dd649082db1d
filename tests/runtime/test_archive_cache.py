"""Archives of DAGs on the disk, shared by processes."""

import multiprocessing
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from waiting import wait_for

from kf_airflow_runtime.archive_cache import ArchiveCache, Held
from kf_airflow_runtime.archive_store import ArchiveError

KIBIBYTE = 1024
A, B, C = ("a" * 64, "b" * 64, "c" * 64)
processes = multiprocessing.get_context("fork")


def fill(version: str, folder: Path) -> None:
    (folder / "dag.py").write_bytes(version[:1].encode() * KIBIBYTE)


def cache(folder: Path, *, versions: float = 10, **changes: Any) -> ArchiveCache:
    """A cache with room for so many versions."""
    return ArchiveCache(folder, limit_bytes=int(versions * KIBIBYTE), **{"fill": fill, **changes})


def known(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_dir()}


def use(folder: Path, version: str, *, at: float) -> None:
    """Has a version and gives it up, at that time."""
    cache(folder).hold(version).release()
    os.utime(folder / f"{version}.lock", (at, at))


def test_a_version_is_fetched_once(tmp_path: Path) -> None:
    fetched: list[str] = []

    def count(version: str, folder: Path) -> None:
        fetched.append(version)
        fill(version, folder)

    for _ in range(2):
        held = cache(tmp_path, fill=count).hold(A)
        assert (held.path / "dag.py").is_file()
        held.release()
    assert fetched == [A]


def test_what_was_used_the_longest_time_ago_goes(tmp_path: Path) -> None:
    use(tmp_path, A, at=2)
    use(tmp_path, B, at=1)
    cache(tmp_path, versions=2).hold(C).release()

    assert known(tmp_path) == {A, C}


def test_using_a_version_makes_it_the_newest(tmp_path: Path) -> None:
    use(tmp_path, A, at=1)
    use(tmp_path, B, at=2)
    cache(tmp_path).hold(A).release()
    cache(tmp_path, versions=2).hold(C).release()

    assert known(tmp_path) == {A, C}


def test_a_version_in_use_stays_though_there_is_too_much(tmp_path: Path) -> None:
    held = cache(tmp_path).hold(A)
    cache(tmp_path, versions=1).hold(B).release()
    assert known(tmp_path) == {A, B}

    held.release()
    cache(tmp_path, versions=1).hold(C).release()
    assert known(tmp_path) == {C}


def test_a_version_larger_than_the_limit_is_used_all_the_same(tmp_path: Path) -> None:
    assert cache(tmp_path, versions=0.5).hold(A).path.is_dir()


def test_what_could_not_be_fetched_leaves_nothing_and_is_tried_anew(tmp_path: Path) -> None:
    def fail(version: str, folder: Path) -> None:
        fill(version, folder)
        raise ArchiveError("missing")

    with pytest.raises(ArchiveError, match="missing"):
        cache(tmp_path, fill=fail).hold(A)
    assert known(tmp_path) == set()
    assert cache(tmp_path).hold(A).path.is_dir()


def _hold_slowly(folder: Path, fetched: Any, seconds: float) -> None:
    def slowly(version: str, target: Path) -> None:
        with fetched.get_lock():
            fetched.value += 1
        (target / "half").write_text("")
        time.sleep(seconds)
        (target / "half").unlink()
        fill(version, target)

    held = cache(folder, fill=slowly).hold(A)
    os._exit(0 if [path.name for path in held.path.iterdir()] == ["dag.py"] else 1)


@pytest.fixture
def started() -> Iterator[list[Any]]:
    """Processes, which are gone at the end."""
    found: list[Any] = []
    yield found
    for process in found:
        process.kill()
        process.join(10)


def start(started: list[Any], *arguments: Any) -> Any:
    process = processes.Process(target=_hold_slowly, args=arguments)
    started.append(process)
    process.start()
    return process


def test_of_many_processes_one_fetches_and_all_see_all_of_it(tmp_path: Path, started: list[Any]) -> None:
    fetched = processes.Value("i", 0)
    for _ in range(8):
        start(started, tmp_path, fetched, 0.3)
    for process in started:
        process.join(30)

    assert ([process.exitcode for process in started], fetched.value) == ([0] * 8, 1)


def test_a_fetch_that_was_killed_is_begun_anew(tmp_path: Path, started: list[Any]) -> None:
    fetched = processes.Value("i", 0)
    killed = start(started, tmp_path, fetched, 60)
    wait_for("the fetch has begun", lambda: fetched.value, bool, timeout_seconds=10, interval_seconds=0.01)
    killed.kill()
    killed.join(10)

    assert [path.name for path in cache(tmp_path).hold(A).path.iterdir()] == ["dag.py"]


def test_another_process_that_does_not_get_done_is_given_up_with_a_sentence(
    tmp_path: Path, started: list[Any]
) -> None:
    fetched = processes.Value("i", 0)
    start(started, tmp_path, fetched, 60)
    wait_for("the fetch has begun", lambda: fetched.value, bool, timeout_seconds=10, interval_seconds=0.01)

    with pytest.raises(ArchiveError, match=f"Another process has not finished .* of version {A} within 0 s"):
        cache(tmp_path, limit_seconds=0.2).hold(A)


def test_a_lock_is_given_up_with_what_held_it(tmp_path: Path) -> None:
    held: Held | None = cache(tmp_path).hold(A)
    assert held is not None
    held = None
    cache(tmp_path, versions=1).hold(B).release()

    assert known(tmp_path) == {B}
