"""The body of a CloudWatch dashboard.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from kf_airflow import metric as names
from kf_airflow.metric import Metric
from kf_airflow.observed import Observed

_WIDTH, _HEIGHT, _ALARMS_HEIGHT = 24, 6, 4


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of a graph.

    Args:
        metric: What it shows.
        statistic: How the values of a minute become one, such as `Maximum` or `p95`.
        label: What stands beside it.
    """

    metric: Metric
    statistic: str
    label: str

    def entry(self) -> list[object]:
        """Returns it as a dashboard has it."""
        dimensions = [text for pair in self.metric.dimensions.items() for text in pair]
        options = {"stat": self.statistic, "label": self.label}
        return [self.metric.namespace, self.metric.name, *dimensions, options]


@dataclass(frozen=True, kw_only=True)
class Graph:
    """A graph.

    Args:
        title: What stands above it.
        lines: What it shows.
        limit: A line that is not to be reached, with what it is. None if left out.
    """

    title: str
    lines: Sequence[Line]
    limit: tuple[str, float] | None = field(default=None)


def body(observed: Observed, *, region: str, alarm_arns: Sequence[str]) -> dict[str, object]:
    """Returns a dashboard's body: the alarms, and below them rows of graphs.

    Args:
        observed: What is watched.
        region: The region of the metrics.
        alarm_arns: The alarms. None are shown if there are none.
    """
    widgets: list[dict[str, object]] = []
    y = 0
    if alarm_arns:
        place = {"x": 0, "y": y, "width": _WIDTH, "height": _ALARMS_HEIGHT}
        shown_alarms = {"title": "Alarms", "alarms": list(alarm_arns)}
        widgets.append({"type": "alarm", **place, "properties": shown_alarms})
        y += _ALARMS_HEIGHT
    for row in _rows(observed):
        shown = [graph for graph in row if graph.lines]
        for number, graph in enumerate(shown):
            width = _WIDTH // len(shown)
            place = {"x": number * width, "y": y, "width": width, "height": _HEIGHT}
            widgets.append({"type": "metric", **place, "properties": _properties(graph, region)})
        y += _HEIGHT if shown else 0
    return {"widgets": widgets}


def _properties(graph: Graph, region: str) -> dict[str, object]:
    limit = {}
    if graph.limit is not None:
        label, value = graph.limit
        limit = {"annotations": {"horizontal": [{"label": label, "value": value}]}}
    return {
        "title": graph.title,
        "region": region,
        "view": "timeSeries",
        "period": 60,
        "yAxis": {"left": {"min": 0}},
        "metrics": [line.entry() for line in graph.lines],
        **limit,
    }


def _rows(observed: Observed) -> Iterable[Sequence[Graph]]:
    yield _of_queues(observed)
    yield _of_workers(observed)
    yield _of_airflow(observed)
    yield _of_load_balancer(observed)
    yield _of_database(observed)
    yield _of_broker(observed)


def _of_queues(observed: Observed) -> Sequence[Graph]:
    def by_queue(title: str, name: str) -> Graph:
        lines = [
            Line(metric=observed.of_queue(name, queue), statistic="Maximum", label=queue)
            for queue in observed.queues
        ]
        return Graph(title=title, lines=lines)

    return (
        by_queue("Queued tasks", names.QUEUED_TASKS),
        by_queue("Longest wait for a worker, seconds", names.OLDEST_QUEUED_SECONDS),
        by_queue("Running tasks", names.RUNNING_TASKS),
    )


def _of_workers(observed: Observed) -> Sequence[Graph]:
    def by_pool(title: str, *shown: tuple[str, str]) -> Graph:
        lines = [
            Line(metric=observed.of_service(name, service), statistic="Maximum", label=f"{service} {label}")
            for service in observed.workers
            for name, label in shown
        ]
        return Graph(title=title, lines=lines)

    workers = [
        Line(metric=observed.of_queue(names.WORKERS, queue), statistic="Maximum", label=queue)
        for queue in observed.queues
    ]
    return (
        Graph(title="Workers that serve a queue", lines=workers),
        by_pool(
            "Workers needed and missing", (names.WORKERS_NEEDED, "needed"), (names.WORKERS_MISSING, "missing")
        ),
        by_pool("Workers that are protected", (names.PROTECTED_WORKERS, "")),
        by_pool("Longest protection, seconds", (names.PROTECTED_SECONDS, "")),
    )


def _of_airflow(observed: Observed) -> Sequence[Graph]:
    def lines(*shown: tuple[str, str]) -> list[Line]:
        return [
            Line(metric=observed.of_service(name, observed.airflow), statistic="Maximum", label=label)
            for name, label in shown
        ]

    unsent = [
        Line(metric=observed.of_service(names.UNSENT_LOGS, service), statistic="Maximum", label=service)
        for service in observed.workers
    ]
    return (
        Graph(
            title="Seconds since the last heartbeat",
            lines=lines(
                (names.SCHEDULER_HEARTBEAT_SECONDS, "scheduler"),
                (names.DAG_PROCESSOR_HEARTBEAT_SECONDS, "dag-processor"),
                (names.TRIGGERER_HEARTBEAT_SECONDS, "triggerer"),
            ),
        ),
        Graph(
            title="Import errors and stuck tasks",
            lines=lines((names.IMPORT_ERRORS, "import errors"), (names.STUCK_TASKS, "stuck tasks")),
        ),
        Graph(title="Logs that could not be uploaded", lines=unsent),
    )


def _of_load_balancer(observed: Observed) -> Sequence[Graph]:
    if observed.load_balancer is None or observed.airflow not in observed.target_groups:
        return ()
    latency = observed.of_targets("TargetResponseTime", observed.airflow)
    errors = observed.of_targets("HTTPCode_Target_5XX_Count", observed.airflow)
    own = [
        Line(
            metric=observed.of_load_balancer("HTTPCode_ELB_5XX_Count"), statistic="Sum", label="load balancer"
        )
    ]
    unhealthy = [
        Line(metric=observed.of_targets("UnHealthyHostCount", service), statistic="Maximum", label=service)
        for service in observed.target_groups
    ]
    return (
        Graph(
            title="Server errors (5xx) a minute",
            lines=[Line(metric=errors, statistic="Sum", label="webserver"), *own],
        ),
        Graph(
            title="Latency of the webserver, seconds",
            lines=[
                Line(metric=latency, statistic=statistic, label=statistic) for statistic in ("p50", "p95")
            ],
        ),
        Graph(title="Tasks that fail their health check", lines=unhealthy),
    )


def _of_database(observed: Observed) -> Sequence[Graph]:
    if observed.database is None:
        return ()
    most = observed.max_connections

    def graph(title: str, name: str, statistic: str, limit: tuple[str, float] | None = None) -> Graph:
        line = Line(metric=observed.of_database(name), statistic=statistic, label=name)
        return Graph(title=title, lines=[line], limit=limit)

    return (
        graph(
            "Connections to the database",
            "DatabaseConnections",
            "Maximum",
            None if most is None else ("all there are", most),
        ),
        graph("Free storage of the database, bytes", "FreeStorageSpace", "Minimum"),
        graph("CPU of the database, percent", "CPUUtilization", "Average"),
    )


def _of_broker(observed: Observed) -> Sequence[Graph]:
    def by_node(title: str, name: str, statistic: str) -> Graph:
        lines = [
            Line(metric=observed.of_cache(name, node), statistic=statistic, label=node)
            for node in observed.cache_nodes
        ]
        return Graph(title=title, lines=lines)

    return (
        by_node("Memory of the broker, percent", "DatabaseMemoryUsagePercentage", "Maximum"),
        by_node("Keys the broker dropped", "Evictions", "Sum"),
        by_node("Connections to the broker", "CurrConnections", "Maximum"),
    )
