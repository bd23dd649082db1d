"""How many logs wait to be sent, as a metric: a line of the container's log that CloudWatch makes one of.

A worker may not write metrics, and needs no right to: its log goes to CloudWatch Logs, which takes metrics
out of lines of this form.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import time
from collections.abc import Callable, Mapping

from kf_airflow_runtime import ecs_agent
from kf_airflow_runtime.replacement import own_task
from kf_airflow_runtime.unsent_logs import UnsentLogs

NAMESPACE = "KFAirflow"
EVERY_SECONDS = 60.0


class Measure:
    """Writes the line once a minute while a log waits, and once more when none does any longer.

    Args:
        unsent: What waits.
        environ: The container's environment, which tells where ECS can be asked for names.
        clock: Seconds that never go back.
        write: What to do with a line.
    """

    def __init__(
        self,
        unsent: UnsentLogs,
        environ: Mapping[str, str],
        clock: Callable[[], float] = time.monotonic,
        write: Callable[[str], None] = lambda line: print(line, flush=True),  # noqa: T201
    ) -> None:
        self._unsent, self._clock, self._write = unsent, clock, write
        self._metadata_uri = environ.get(ecs_agent.METADATA)
        self._names: dict[str, str] | None = None
        self._due = clock()
        self._last = 0

    def turn(self) -> None:
        """Writes, if it is time to."""
        now = self._clock()
        if self._metadata_uri is None or now < self._due:
            return
        self._due = now + EVERY_SECONDS
        count = self._unsent.count()
        if not count and not self._last:
            return
        names = self._own_names(self._metadata_uri)
        if names is not None:
            self._last = count
            self._write(metric_line(names, count, self._unsent.oldest_seconds(), time.time()))

    def _own_names(self, metadata_uri: str) -> dict[str, str] | None:
        if self._names is None:
            try:
                own = own_task(ecs_agent.task_metadata(metadata_uri))
            except (ecs_agent.AgentError, LookupError):
                return None
            self._names = {"ClusterName": own.cluster.rpartition("/")[2], "ServiceName": own.service}
        return self._names


def metric_line(dimensions: Mapping[str, str], count: int, oldest_seconds: float, at: float) -> str:
    """The line.

    Args:
        dimensions: Whose logs they are.
        count: How many wait.
        oldest_seconds: How long the first of them has.
        at: When, in seconds since 1970.
    """
    metrics = [{"Name": "UnsentLogs", "Unit": "Count"}, {"Name": "OldestUnsentLogSeconds", "Unit": "Seconds"}]
    directive = {"Namespace": NAMESPACE, "Dimensions": [list(dimensions)], "Metrics": metrics}
    return json.dumps(
        {
            "_aws": {"Timestamp": int(at * 1000), "CloudWatchMetrics": [directive]},
            **dimensions,
            "UnsentLogs": count,
            "OldestUnsentLogSeconds": round(oldest_seconds, 1),
        }
    )
