"""The process that enqueues jobs by the clock, and publishes how many workers are missing."""

import json
import threading
import time

from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.cron import CronScheduler

from dataservice import jobs
from dataservice.settings import QUEUE, Settings

NAMESPACE, METRIC = "Dataservice", "WorkersMissing"
TOTAL_SECONDS = 10


def run(settings: Settings) -> None:
    """Enqueues jobs until SIGTERM."""
    # Where one that runs forever ends, the process ends, and ECS starts another.
    threading.Thread(target=_publish, args=(settings,), daemon=True).start()
    scheduler = CronScheduler(settings.jobs())
    scheduler.register(jobs.take_total, QUEUE, interval=TOTAL_SECONDS, result_ttl=60, ttl=60)
    scheduler.start()


def missing(*, waiting: int, running: int, workers: int) -> int:
    """How many workers more there should be, one for each job; negative for too many."""
    return waiting + running - workers


def metric(value: int, *, moment: float) -> str:
    """Returns a line of log of which CloudWatch makes a metric.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [["Queue"]],
        "Metrics": [{"Name": METRIC, "Unit": "Count", "StorageResolution": 1}],
    }
    return json.dumps(
        {
            "_aws": {"Timestamp": int(moment * 1000), "CloudWatchMetrics": [directive]},
            "Queue": QUEUE,
            METRIC: value,
        }
    )


def _publish(settings: Settings) -> None:
    connection = settings.jobs()
    queue = Queue(QUEUE, connection=connection)
    while True:
        try:
            value = missing(
                waiting=queue.count,
                running=queue.started_job_registry.get_job_count(cleanup=False),
                workers=Worker.count(queue=queue),
            )
        except RedisError as error:
            print(f"Redis does not say how many workers are missing: {error}", flush=True)
        else:
            print(metric(value, moment=time.time()), flush=True)
        time.sleep(settings.publish_seconds)
