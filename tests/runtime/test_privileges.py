import os
import pwd
from pathlib import Path
from types import SimpleNamespace

import pytest

from kf_airflow_runtime import privileges


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, object]]:
    """What would change who the process is, done as root in a folder of the user 50000."""
    done: list[tuple[str, object]] = []
    monkeypatch.setattr(os, "getuid", lambda: 0)
    monkeypatch.setattr(Path, "stat", lambda _: SimpleNamespace(st_uid=50000, st_gid=50001))
    for name in ("setgroups", "setgid", "setuid"):
        monkeypatch.setattr(os, name, lambda value, name=name: done.append((name, value)))
    monkeypatch.setattr(pwd, "getpwuid", lambda _: SimpleNamespace(pw_dir="/opt/airflow"))
    return done


def test_root_becomes_the_owner_of_the_folder_with_no_group_left(calls: list[tuple[str, object]]) -> None:
    environ = {"HOME": "/root"}
    privileges.drop(environ)
    assert calls == [("setgroups", []), ("setgid", 50001), ("setuid", 50000)]
    assert environ == {"HOME": "/opt/airflow"}


def test_who_is_not_root_stays_who_he_is(
    monkeypatch: pytest.MonkeyPatch, calls: list[tuple[str, object]]
) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 50000)
    privileges.drop({})
    assert calls == []


def test_root_stays_root_where_the_folder_is_root_s(
    monkeypatch: pytest.MonkeyPatch, calls: list[tuple[str, object]]
) -> None:
    monkeypatch.setattr(Path, "stat", lambda _: SimpleNamespace(st_uid=0, st_gid=0))
    privileges.drop({})
    assert calls == []


def test_root_stays_root_without_the_capability_to_change(
    monkeypatch: pytest.MonkeyPatch, calls: list[tuple[str, object]]
) -> None:
    def refuse(_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "setgroups", refuse)
    environ = {"HOME": "/root"}
    privileges.drop(environ)
    assert (calls, environ) == ([], {"HOME": "/root"})
