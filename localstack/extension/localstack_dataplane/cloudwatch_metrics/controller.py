"""The metrics of databases, caches and load balancers in CloudWatch, each minute."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from localstack_dataplane.aws import Aws
from localstack_dataplane.clock import now
from localstack_dataplane.cloudwatch_metrics.datum import Datum
from localstack_dataplane.config import Config
from localstack_dataplane.containers import DockerError

LOG = logging.getLogger(__name__)

_EVERY_SECONDS = 60
_LEAST_SECONDS = 2
"""However fast the minutes pass: to ask a server costs a process in its container."""

_MOST_DATA = 1000
"""Of one call of PutMetricData."""

Source = Callable[[], Iterable[Datum]]


class MetricsController:
    """Publishes what its sources measure.

    Args:
        config: How fast the minutes pass.
        aws: CloudWatch.
        sources: Each measures the resources of one service.
    """

    name = "service-metrics"

    def __init__(self, config: Config, aws: Aws, sources: Iterable[Source]) -> None:
        self._aws, self._sources = aws, tuple(sources)
        self._interval = max(config.scaled(_EVERY_SECONDS), _LEAST_SECONDS)
        self._published: datetime | None = None

    def reconcile(self) -> None:
        """One pass; most do nothing."""
        moment = now()
        if self._published and (moment - self._published).total_seconds() < self._interval:
            return
        self._published = moment
        places: dict[tuple[str, str], dict[str, list[Datum]]] = {}
        for source in self._sources:
            for datum in source():
                places.setdefault(datum.place, {}).setdefault(datum.namespace, []).append(datum)
        for (account, region), namespaces in places.items():
            client = self._aws.client("cloudwatch", account, region)
            for namespace, data in namespaces.items():
                for begin in range(0, len(data), _MOST_DATA):
                    entries = [datum.entry(moment) for datum in data[begin : begin + _MOST_DATA]]
                    client.put_metric_data(Namespace=namespace, MetricData=entries)


def said_in(exec_: Callable[[], tuple[int, str]], what: str) -> str:
    """What a command in a container printed; nothing, and a line in the log, if it failed.

    Args:
        exec_: Runs it.
        what: Whose metrics it prints.
    """
    try:
        code, output = exec_()
    except DockerError as error:  # it has ended since
        code, output = 1, str(error)
    if code:
        LOG.debug("%s has no metrics: %s", what, output.strip()[-200:])
        return ""
    return output


def numbers(text: str) -> dict[str, float]:
    """The numbers in lines such as `connections:12`."""
    pairs = (line.split(":", 1) for line in text.splitlines() if ":" in line)
    return {name.strip(): float(value) for name, value in pairs}
