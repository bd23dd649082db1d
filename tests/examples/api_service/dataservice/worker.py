"""The process that does jobs."""

from rq import Worker
from rq.job import Job

from dataservice.settings import QUEUE, Settings


class PromptWorker(Worker):
    """A worker whose job is taken up by another 20 seconds after its last sign of life, and not 60.

    A Redis that is away for longer makes a job run twice, so jobs have to stand that; they retry anyway.
    """

    def get_heartbeat_ttl(self, job: Job, working_time: float = 0.0) -> int:
        return int(self.job_monitoring_interval) + 20


def run(settings: Settings) -> None:
    """Does one job after the other; the one at hand is finished before SIGTERM ends it."""
    worker = PromptWorker(
        [QUEUE],
        connection=settings.jobs(),
        job_monitoring_interval=5,
        # How often lost jobs are looked for, between two jobs or while there is none.
        maintenance_interval=10,
        worker_ttl=25,
    )
    worker.work(logging_level="INFO")
