from psycopg2 import sql

from kf_airflow_runtime import results_role


def parts(statement: sql.Composable) -> list[object]:
    """What a statement is made of, in order; quoting it would need a server."""
    if isinstance(statement, sql.Composed):
        return [part for piece in statement.seq for part in parts(piece)]
    if isinstance(statement, sql.Identifier):
        return [statement.strings]
    if isinstance(statement, sql.SQL):
        return [statement.string]
    assert isinstance(statement, sql.Literal)
    return [statement.wrapped]


def test_a_role_gets_celerys_tables_and_sequences_only() -> None:
    assert [parts(one) for one in results_role.statements("role", "airflow")] == [
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
