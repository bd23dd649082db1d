"""`versions`: says in each task of which version its code is; another one is deployed in between."""

import datetime
import logging

from airflow.providers.standard.sensors.python import PythonSensor
from airflow.sdk import Variable, dag, get_current_context, task
from versions_helper import HELPER

VERSION = "A"

log = logging.getLogger(__name__)


def say() -> None:
    """A line of the log."""
    log.info("VERSIONS code %s, helper %s", VERSION, HELPER)


def may_go_on() -> bool:
    """Looks whether the run may go on; each look is an execution of its own, on whichever worker."""
    say()
    return bool(Variable.get("versions_go", default=""))


@dag(
    dag_id="versions",
    schedule=None,
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=4,
    default_args={"retries": 1, "retry_delay": datetime.timedelta(seconds=1)},
    tags=["test"],
)
def versions() -> None:
    """One task before, one that waits, and mapped and repeated ones after it."""

    @task
    def before() -> None:
        say()

    gate = PythonSensor(task_id="gate", python_callable=may_go_on, mode="reschedule", poke_interval=5)

    @task
    def mapped(number: int) -> None:
        log.info("number %d", number)
        say()

    @task
    def second_try() -> None:
        say()
        if get_current_context()["ti"].try_number == 1:
            raise RuntimeError("the first try fails")

    before() >> gate >> [mapped.expand(number=[1, 2, 3]), second_try()]


versions()
