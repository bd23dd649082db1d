"""`heartbeat`: the platform's canary. Every minute a run of its own accord, which says how late it was."""

import datetime
import logging

from airflow.sdk import dag, get_current_context, task

log = logging.getLogger(__name__)


@dag(
    dag_id="heartbeat",
    description="Runs every minute and records how late it was: what scheduling costs here",
    schedule="* * * * *",
    start_date=datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=1,
    dagrun_timeout=datetime.timedelta(minutes=10),
    default_args={"retries": 2, "retry_delay": datetime.timedelta(seconds=5)},
    tags=["platform"],
)
def heartbeat() -> None:
    """One task, whose result is the delay in seconds."""

    @task
    def beat() -> float:
        now = datetime.datetime.now(datetime.UTC)
        run = get_current_context()["dag_run"]
        due = run.data_interval_end or run.run_after
        delay = (now - due).total_seconds()
        log.info("HEARTBEAT delay %.1f s, due %s", delay, due.isoformat())
        return delay

    beat()


heartbeat()
