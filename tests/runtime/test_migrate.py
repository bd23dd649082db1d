import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from types import SimpleNamespace
from typing import Any

import psycopg2
import pytest
from psycopg2 import errors

from kf_airflow_runtime import admin, application_role, migrate, results_role, waiting
from kf_airflow_runtime.refusal import RefusalError


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_PAUSE_SECONDS", 0.0)


@pytest.fixture
def said() -> list[str]:
    return []


def soon() -> float:
    return time.monotonic() + 20


def nothing(*_: object) -> None:
    pass


def program(text: str) -> tuple[str, ...]:
    return (sys.executable, "-c", text)


def test_what_succeeds_is_not_tried_again(said: list[str]) -> None:
    migrate.migrate_airflow(soon(), said.append, program("print('done')"))
    assert said == []


def test_a_lock_held_by_another_migration_is_waited_for(said: list[str], tmp_path: Any) -> None:
    # Fails the first time and succeeds the second, as a migration that came second does.
    seen = tmp_path / "seen"
    text = (
        f"import pathlib, sys; p = pathlib.Path({str(seen)!r}); first = not p.exists(); p.touch();"
        "first and sys.exit('LockNotAvailable: canceling statement due to lock timeout')"
    )
    migrate.migrate_airflow(soon(), said.append, program(text))
    assert said == [
        "waiting for Airflow's migration: LockNotAvailable: canceling statement due to lock timeout"
    ]


def test_a_failure_that_waiting_does_not_change_ends_at_once(said: list[str]) -> None:
    with pytest.raises(RefusalError, match="failed with exit code 3; its last lines are above") as refusal:
        migrate.migrate_airflow(soon(), said.append, program("import sys; sys.exit(3)"))
    assert (refusal.value.exit_code, said) == (1, [])


def test_output_is_passed_on_as_it_comes(capfd: pytest.CaptureFixture[str]) -> None:
    assert migrate.run(program("print('one'); print('two')"), soon()) == (0, ["one", "two"])
    assert capfd.readouterr().out == "one\ntwo\n"


def test_what_migrates_has_no_login_but_its_own(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KF_AIRFLOW_MASTER_PASSWORD", "rotated")
    migrate.run(program("import os; print(os.environ.get('KF_AIRFLOW_MASTER_PASSWORD'))"), soon())
    assert capfd.readouterr().out == "None\n"


def test_at_the_deadline_the_command_is_killed_and_its_last_line_told() -> None:
    text = "import time; print('step 3', flush=True); time.sleep(60)"
    with pytest.raises(waiting.TooLateError, match="was still running; it said last: step 3"):
        migrate.run(program(text), time.monotonic() + 1)


def test_a_wait_that_takes_too_long_ends_with_the_last_reason(said: list[str]) -> None:
    with pytest.raises(waiting.TooLateError, match="waiting for the moon, the last attempt said: below"):
        waiting.retried(lambda: "below", "the moon", time.monotonic() - 1, said.append)


def test_a_server_that_is_not_there_yet_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], said: list[str]
) -> None:
    opened = object()
    outcomes: list[object] = [psycopg2.OperationalError("Connection refused\n"), opened]

    def connect(**_: object) -> object:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr("os.environ", environ)
    monkeypatch.setattr(psycopg2, "connect", connect)
    assert migrate.connect(soon(), said.append) is opened
    assert said == ["waiting for the database: Connection refused"]


def test_the_database_is_reached_as_its_master_user(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], said: list[str]
) -> None:
    made: dict[str, object] = {}

    def connect(**keywords: object) -> object:
        made.update(keywords)
        return object()

    monkeypatch.setattr("os.environ", environ)
    monkeypatch.setattr(psycopg2, "connect", connect)
    migrate.connect(soon(), said.append)
    assert (made["user"], made["password"]) == ("master", "rot/ated")


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]) -> list[str]:
    """The steps of a migration, none of which is done, in the order in which they come."""
    done: list[str] = []

    def step(module: object, name: str) -> None:
        label = f"{getattr(module, '__name__', '').rpartition('.')[2]}.{name}"

        def perform(*_: object) -> str:
            done.append(label)
            return label

        monkeypatch.setattr(module, name, perform)

    environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = "postgresql+psycopg2://"
    monkeypatch.setattr("os.environ", environ)
    monkeypatch.setattr(migrate, "connect", lambda *_: SimpleNamespace(close=nothing))
    monkeypatch.setattr(migrate, "sole", lambda *_: nullcontext())
    for module, name in (
        (application_role, "ensure"),
        (application_role, "hand_over"),
        (migrate, "migrate_airflow"),
        (results_role, "create_tables"),
        (results_role, "ensure"),
        (admin, "ensure"),
    ):
        step(module, name)
    return done


def test_airflow_migrates_once_its_role_owns_everything(steps: list[str], said: list[str]) -> None:
    migrate.migrate(soon(), said.append)
    assert steps == [
        "application_role.ensure",
        "application_role.hand_over",
        "migrate.migrate_airflow",
        "results_role.create_tables",
        "results_role.ensure",
        "admin.ensure",
    ]


@pytest.mark.parametrize("shared", ["DATABASE", "RESULTS"])
def test_the_master_user_serves_nothing_else(
    steps: list[str], said: list[str], environ: dict[str, str], shared: str
) -> None:
    environ[f"KF_AIRFLOW_{shared}_USERNAME"] = "master"
    with pytest.raises(
        RefusalError,
        match=f"KF_AIRFLOW_MASTER_USERNAME and KF_AIRFLOW_{shared}_USERNAME are both 'master'",
    ):
        migrate.migrate(soon(), said.append)
    assert steps == []


@pytest.mark.parametrize(
    "reason", ["password authentication failed for user", "SSL error: certificate verify failed"]
)
def test_what_the_deployment_got_wrong_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], said: list[str], reason: str
) -> None:
    def connect(**_: object) -> None:
        raise psycopg2.OperationalError(reason)

    monkeypatch.setattr("os.environ", environ)
    monkeypatch.setattr(psycopg2, "connect", connect)
    with pytest.raises(RefusalError, match=reason):
        migrate.connect(soon(), said.append)


class Connection:
    """As much of a connection as the advisory lock needs."""

    def __init__(self, *, free: bool, waits: bool = False) -> None:
        self.free, self.waits = free, waits
        self.executed: list[str] = []

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    @contextmanager
    def cursor(self) -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(execute=self.execute, fetchone=lambda: (self.free,))

    def execute(self, statement: str, arguments: tuple[object, ...]) -> None:
        self.executed.append(statement.split("(")[0])
        if self.waits and "pg_advisory_lock" in statement:
            raise errors.LockNotAvailable


def test_alone_a_migration_takes_the_lock_and_gives_it_back(said: list[str]) -> None:
    connection: Any = Connection(free=True)
    with migrate.sole(connection, soon(), said.append):
        assert connection.executed == ["SELECT pg_try_advisory_lock"]
    assert connection.executed[1:] == ["SELECT pg_advisory_unlock"]


def test_a_second_migration_says_that_it_waits(said: list[str]) -> None:
    connection: Any = Connection(free=False)
    with migrate.sole(connection, soon(), said.append):
        assert connection.executed[1:] == ["SET LOCAL lock_timeout = %s", "SELECT pg_advisory_lock"]
    assert said == ["another migration of this database runs; waiting for it to end"]


def test_a_migration_that_never_gets_its_turn_says_so(said: list[str]) -> None:
    connection: Any = Connection(free=False, waits=True)
    with (
        pytest.raises(waiting.TooLateError, match="another migration of this database to end"),
        migrate.sole(connection, soon(), said.append),
    ):
        pass


def event(capfd: pytest.CaptureFixture[str]) -> dict[str, Any]:
    (line,) = capfd.readouterr().out.splitlines()
    told: dict[str, Any] = json.loads(line)
    return {name: told[name] for name in ("event", "level", "message", "exit_code")}


def test_a_refusal_ends_the_process_with_its_sentence(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise RefusalError("The database says no.")

    monkeypatch.setattr(migrate, "migrate", refuse)
    with pytest.raises(SystemExit) as ended:
        migrate.main()
    assert ended.value.code == 78
    assert event(capfd) == {
        "event": "migration-failed",
        "level": "warning",
        "message": "The database says no.",
        "exit_code": 78,
    }


def test_being_too_late_ends_the_process_with_the_last_error(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def late(*_: object) -> None:
        raise waiting.TooLateError("waiting for X, the last attempt said: Y")

    monkeypatch.setattr(migrate, "migrate", late)
    with pytest.raises(SystemExit) as ended:
        migrate.main()
    assert ended.value.code == 1
    assert event(capfd) == {
        "event": "migration-failed",
        "level": "warning",
        "message": "The migration did not end within 900 s: waiting for X, the last attempt said: Y",
        "exit_code": 1,
    }
