"""What a worker measures of itself, as metrics: lines of the container's log that CloudWatch makes them of.

A worker may not write metrics, and needs no right to: its log goes to CloudWatch Logs, which takes metrics
out of lines of this form.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import os
import time
from collections.abc import Callable, Mapping

from kf_airflow_runtime import ecs_agent
from kf_airflow_runtime.replacement import own_task

NAMESPACE = "KFAirflow"
EVERY_SECONDS = 60.0


def _to_the_log(line: str) -> None:
    # With one system call and without a lock, as `plain_log` does: the worker's process forks.
    os.write(1, f"{line}\n".encode())


class Measure:
    """Writes a line once a minute while a value is not 0, and once more when all are 0 again.

    Args:
        read: Returns the values by the names of their metrics; those in seconds end with `Seconds`.
        environ: The container's environment, which tells where ECS can be asked for names.
        clock: Seconds that never go back.
        write: What to do with a line.
    """

    def __init__(
        self,
        read: Callable[[], Mapping[str, float]],
        environ: Mapping[str, str],
        clock: Callable[[], float] = time.monotonic,
        write: Callable[[str], None] = _to_the_log,
    ) -> None:
        self._read, self._clock, self._write = read, clock, write
        self._metadata_uri = environ.get(ecs_agent.METADATA)
        self._names: dict[str, str] | None = None
        self._due = clock()
        self._told = False

    def turn(self) -> None:
        """Writes, if it is time to."""
        now = self._clock()
        if self._metadata_uri is None or now < self._due:
            return
        self._due = now + EVERY_SECONDS
        values = self._read()
        telling = any(values.values())
        if not telling and not self._told:
            return
        names = self._own_names(self._metadata_uri)
        if names is not None:
            self._told = telling
            self._write(metric_line(names, values, time.time()))

    def pause(self) -> float | None:
        """Seconds until `turn` has something to write; None if it has nothing."""
        if self._metadata_uri is None or not (self._told or any(self._read().values())):
            return None
        return max(0.0, self._due - self._clock())

    def _own_names(self, metadata_uri: str) -> dict[str, str] | None:
        if self._names is None:
            try:
                own = own_task(ecs_agent.task_metadata(metadata_uri))
            except (ecs_agent.AgentError, LookupError, ValueError):
                return None
            self._names = {"ClusterName": own.cluster.rpartition("/")[2], "ServiceName": own.service}
        return self._names


def metric_line(dimensions: Mapping[str, str], values: Mapping[str, float], at: float) -> str:
    """The line.

    Args:
        dimensions: Of whom they are.
        values: The values by the names of their metrics.
        at: When, in seconds since 1970.
    """
    metrics = [{"Name": name, "Unit": "Seconds" if name.endswith("Seconds") else "Count"} for name in values]
    directive = {"Namespace": NAMESPACE, "Dimensions": [list(dimensions)], "Metrics": metrics}
    return json.dumps(
        {
            "_aws": {"Timestamp": int(at * 1000), "CloudWatchMetrics": [directive]},
            **dimensions,
            **{name: round(value, 1) for name, value in values.items()},
        }
    )
