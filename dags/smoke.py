"""`smoke`: proves the whole chain. Run by hand; scheduler, broker, workers, triggerer and logs take part."""

import datetime
import logging
import socket
import time

from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger
from airflow.sdk import BaseOperator, Context, dag, task

PIECES = 8
SECONDS_A_PIECE = 4
"""Long enough that one worker does not take all pieces before a second one has asked for any."""

log = logging.getLogger(__name__)


class Defer(BaseOperator):
    """Leaves the worker for a moment: only a running triggerer brings the task back."""

    def execute(self, context: Context) -> None:  # noqa: ARG002  # Airflow passes it
        """Defers at once."""
        self.defer(trigger=TimeDeltaTrigger(datetime.timedelta(seconds=2)), method_name="resume")

    def resume(self, context: Context, event: object = None) -> None:  # noqa: ARG002  # Airflow passes both
        """Runs when the trigger has fired."""
        log.info("SMOKE resumed by the triggerer on %s", socket.gethostname())


@dag(
    dag_id="smoke",
    description="Proves the whole chain; started by hand",
    schedule=None,
    catchup=False,
    is_paused_upon_creation=False,
    default_args={"retries": 2, "retry_delay": datetime.timedelta(seconds=5)},
    tags=["platform"],
)
def smoke() -> None:
    """Start, eight pieces spread over the workers, a deferred task, finish."""

    @task
    def start() -> list[int]:
        log.info("SMOKE started on %s", socket.gethostname())
        return list(range(PIECES))

    @task
    def piece(number: int) -> str:
        log.info("SMOKE piece %d begins on %s", number, socket.gethostname())
        time.sleep(SECONDS_A_PIECE)
        log.info("SMOKE piece %d done on %s", number, socket.gethostname())
        return socket.gethostname()

    @task
    def finish(hosts: list[str]) -> dict[str, int]:
        pieces = {host: hosts.count(host) for host in sorted(set(hosts))}
        log.info("SMOKE finished: pieces by worker %s", pieces)
        return pieces

    pieces = piece.expand(number=start())
    pieces >> Defer(task_id="defer") >> finish(pieces)


smoke()
