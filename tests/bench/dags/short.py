"""What the benchmark of throughput runs: tasks that are due at once and do next to nothing."""

import datetime

from airflow.sdk import dag, get_current_context, task


@dag(
    dag_id="short",
    schedule=None,
    start_date=datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
    is_paused_upon_creation=False,
    max_active_tasks=100,
)
def short() -> None:
    """As many tasks as the run's configuration asks for."""

    @task
    def numbers() -> list[int]:
        return list(range(get_current_context()["dag_run"].conf["tasks"]))

    @task(retries=0)
    def work(number: int) -> None:
        assert number >= 0

    work.expand(number=numbers())


short()
