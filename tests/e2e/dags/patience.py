"""`patience`: a task that takes as long as it is told to, the first time it is tried."""

import datetime
import logging
import time

from airflow.sdk import Param, dag, get_current_context, task

log = logging.getLogger(__name__)


@dag(
    dag_id="patience",
    schedule=None,
    catchup=False,
    is_paused_upon_creation=False,
    params={"seconds": Param(1, type="integer", minimum=0)},
    default_args={"retries": 1, "retry_delay": datetime.timedelta(seconds=1)},
    tags=["test"],
)
def patience() -> None:
    """One task."""

    @task
    def wait() -> None:
        context = get_current_context()
        attempt = context["ti"].try_number
        log.info("PATIENCE try %d begins", attempt)
        if attempt == 1:
            time.sleep(context["params"]["seconds"])
        log.info("PATIENCE try %d done", attempt)

    wait()


patience()
