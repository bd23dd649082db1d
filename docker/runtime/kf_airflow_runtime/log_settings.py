"""What the environment says of logs. Where it is more than we know to do, Airflow's own handler does it."""

from collections.abc import Mapping

CONFIG_CLASS = ("AIRFLOW__LOGGING__LOGGING_CONFIG_CLASS", "kf_airflow_runtime.task_logging.LOGGING_CONFIG")
RETENTION = "KF_AIRFLOW_LOG_RETENTION_DAYS"
_LOGGING = "AIRFLOW__LOGGING__"
_OTHERS_BUSINESS = (
    f"{_LOGGING}REMOTE_LOG_CONN_ID",
    f"{_LOGGING}REMOTE_TASK_HANDLER_KWARGS",
    "AIRFLOW__AWS__S3_TASK_HANDLER_ACL_POLICY",
)
_TRUE = {"true", "t", "1", "yes", "on"}


def remote_folder(environ: Mapping[str, str]) -> str | None:
    """Where our own code keeps logs, as `s3://<bucket>/<prefix>`; None if it does not.

    It does not where remote logging is off, goes elsewhere than S3, by a connection of Airflow's, or with
    options of Airflow's handler.

    Args:
        environ: The container's environment.
    """
    folder = environ.get(f"{_LOGGING}REMOTE_BASE_LOG_FOLDER", "")
    on = _is_true(environ.get(f"{_LOGGING}REMOTE_LOGGING")) and folder.startswith("s3://")
    ours = environ.get(CONFIG_CLASS[0]) == CONFIG_CLASS[1]
    plain = not any(environ.get(name) for name in _OTHERS_BUSINESS)
    encrypts = _is_true(environ.get(f"{_LOGGING}ENCRYPT_S3_LOGS"))
    return folder if on and ours and plain and not encrypts else None


def retention_days(environ: Mapping[str, str]) -> int | None:
    """For how many days the bucket keeps logs; None if that is not known, or for ever."""
    value = environ.get(RETENTION, "")
    return int(value) if value.isdecimal() and int(value) else None


def _is_true(value: str | None) -> bool:
    return (value or "").strip().lower() in _TRUE
