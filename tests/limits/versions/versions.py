"""`versions`: says from which version of the DAGs its code is; its file is changed for another one."""

import datetime

from airflow.sdk import dag, task
from versions_helper import HELPER

VERSION = "version_a"


@dag(
    dag_id="versions",
    schedule=None,
    catchup=False,
    is_paused_upon_creation=False,
    default_args={"retries": 1, "retry_delay": datetime.timedelta(seconds=1)},
)
def versions() -> None:
    """One task."""

    @task
    def say() -> str:
        return f"{VERSION} {HELPER}"

    say()


versions()
