"""Airflow's logging in webserver, worker and triggerer: its own, but a log is kept until S3 has it.

`[logging] logging_config_class` names `LOGGING_CONFIG`; what is in `REMOTE_TASK_LOG` beside it Airflow takes
for remote logs. Where `log_settings.remote_folder` says that it is not for us, both are Airflow's own.
"""

import os
from typing import Any

from airflow.config_templates import airflow_local_settings

from kf_airflow_runtime.log_keeper import LogKeeper
from kf_airflow_runtime.log_settings import remote_folder
from kf_airflow_runtime.unsent_logs import unsent_logs

_REMOTE = remote_folder(os.environ)
_HANDLER = "kf_airflow_runtime.log_page_handler.LogPageHandler"


def _with_our_page(config: dict[str, Any]) -> dict[str, Any]:
    handlers = config["handlers"]
    return {**config, "handlers": {**handlers, "task": {**handlers["task"], "class": _HANDLER}}}


LOGGING_CONFIG: dict[str, Any] = airflow_local_settings.DEFAULT_LOGGING_CONFIG
REMOTE_TASK_LOG: Any = airflow_local_settings.REMOTE_TASK_LOG
DEFAULT_REMOTE_CONN_ID: str | None = airflow_local_settings.DEFAULT_REMOTE_CONN_ID
if _REMOTE is not None:
    LOGGING_CONFIG = _with_our_page(LOGGING_CONFIG)
    REMOTE_TASK_LOG = LogKeeper(unsent_logs(os.environ), _REMOTE)
    # Else each task asks the execution API for a connection that there is not.
    DEFAULT_REMOTE_CONN_ID = None
