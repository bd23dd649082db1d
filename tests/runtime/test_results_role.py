from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from psycopg2 import sql

from kf_airflow_runtime import results_role
from kf_airflow_runtime.refusal import RefusalError


def parts(statement: sql.Composable) -> list[object]:
    """What a statement is made of, in order; quoting it would need a server."""
    if isinstance(statement, sql.Composed):
        return [part for piece in statement.seq for part in parts(piece)]
    if isinstance(statement, sql.Identifier):
        return [statement.strings]
    return [statement.string if isinstance(statement, sql.SQL) else statement.wrapped]


def written(*, exists: bool) -> list[list[object]]:
    return [parts(one) for one in results_role.statements("role", "SCRAM", "airflow", exists=exists)]


def test_a_new_role_is_created_and_gets_celerys_tables_and_sequences_only() -> None:
    assert written(exists=False) == [
        ["CREATE", " ROLE ", ("role",), " LOGIN PASSWORD ", "SCRAM"],
        ["GRANT CONNECT ON DATABASE ", ("airflow",), " TO ", ("role",)],
        ["GRANT USAGE ON SCHEMA public TO ", ("role",)],
        [
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ",
            ("public", "celery_taskmeta"),
            ", ",
            ("public", "celery_tasksetmeta"),
            " TO ",
            ("role",),
        ],
        [
            "GRANT USAGE ON SEQUENCE ",
            ("public", "task_id_sequence"),
            ", ",
            ("public", "taskset_id_sequence"),
            " TO ",
            ("role",),
        ],
    ]


def test_a_role_that_exists_gets_the_password_and_the_same_grants() -> None:
    assert written(exists=True)[0][0] == "ALTER"
    assert written(exists=True)[1:] == written(exists=False)[1:]


def test_the_master_user_is_not_taken_for_the_results() -> None:
    connection: Any = SimpleNamespace(info=SimpleNamespace(user="master"))
    with pytest.raises(RefusalError, match="KF_AIRFLOW_RESULTS_USERNAME is 'master'"):
        results_role.ensure(connection, "master", "password")


class Connection:
    """As much of a connection as is used, keeping what was executed."""

    def __init__(self, *, exists: bool) -> None:
        self.exists, self.executed = exists, []
        self.info = SimpleNamespace(user="master", dbname="airflow")

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    @contextmanager
    def cursor(self) -> Iterator[SimpleNamespace]:
        row = (1,) if self.exists else None
        yield SimpleNamespace(
            execute=lambda statement, *_: self.executed.append(statement), fetchone=lambda: row
        )


@pytest.mark.parametrize(("exists", "verb"), [(False, "CREATE"), (True, "ALTER")])
def test_the_password_itself_is_never_sent(monkeypatch: pytest.MonkeyPatch, exists: bool, verb: str) -> None:
    monkeypatch.setattr(results_role.extensions, "encrypt_password", lambda *_: "SCRAM-SHA-256$verifier")
    connection: Any = Connection(exists=exists)
    results_role.ensure(connection, "role", "password")
    assert parts(connection.executed[1])[:2] == [verb, " ROLE "]
    assert "password" not in [part for one in connection.executed[1:] for part in parts(one)]
