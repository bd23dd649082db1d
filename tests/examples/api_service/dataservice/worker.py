"""The process that does jobs."""

from rq import Worker

from dataservice.settings import QUEUE, Settings


def run(settings: Settings) -> None:
    """Does one job after the other; the one at hand is finished before SIGTERM ends it."""
    worker = Worker(
        [QUEUE],
        connection=settings.jobs(),
        # A job whose worker was killed is taken up a minute after the last of these signs of life, by
        # whichever worker looks next.
        job_monitoring_interval=5,
        maintenance_interval=10,
        worker_ttl=25,
    )
    worker.work(logging_level="INFO")
