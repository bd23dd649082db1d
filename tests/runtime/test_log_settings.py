import pytest

from kf_airflow_runtime.log_settings import CONFIG_CLASS, remote_folder, retention_days

OURS = {
    CONFIG_CLASS[0]: CONFIG_CLASS[1],
    "AIRFLOW__LOGGING__REMOTE_LOGGING": "True",
    "AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER": "s3://bucket/logs",
    "AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID": "",
    "AIRFLOW__LOGGING__ENCRYPT_S3_LOGS": "False",
}


def test_logs_that_go_to_s3_with_the_task_role_are_ours() -> None:
    assert remote_folder(OURS) == "s3://bucket/logs"


@pytest.mark.parametrize(
    "change",
    [
        {"AIRFLOW__LOGGING__REMOTE_LOGGING": "False"},
        {"AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER": "gs://bucket/logs"},
        {"AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID": "aws_logs"},
        {"AIRFLOW__LOGGING__ENCRYPT_S3_LOGS": "True"},
        {"AIRFLOW__LOGGING__REMOTE_TASK_HANDLER_KWARGS": '{"max_bytes": 1000}'},
        {CONFIG_CLASS[0]: "my_company.logging.CONFIG"},
    ],
)
def test_anything_else_is_left_to_airflow(change: dict[str, str]) -> None:
    assert remote_folder({**OURS, **change}) is None


@pytest.mark.parametrize(("value", "days"), [("90", 90), ("", None), ("0", None), ("soon", None)])
def test_the_retention_is_days_or_unknown(value: str, days: int | None) -> None:
    assert retention_days({"KF_AIRFLOW_LOG_RETENTION_DAYS": value}) == days
