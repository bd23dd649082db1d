"""Metrics of load balancers and target groups, from HAProxy's statistics and the health of the targets.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
"""

import csv
from collections.abc import Iterator, Mapping
from typing import Any

from localstack_dataplane.cloudwatch_metrics.controller import said_in
from localstack_dataplane.cloudwatch_metrics.datum import Counters, Datum
from localstack_dataplane.docker_host import DockerHost
from localstack_dataplane.elbv2.controller import KIND, LoadBalancerState
from localstack_dataplane.elbv2.haproxy import backend_name
from localstack_dataplane.elbv2.health import State
from localstack_dataplane.elbv2.model import LoadBalancer

_CODES = ("2", "3", "4", "5")
_FRONTEND, _BACKEND = "FRONTEND", "BACKEND"
_HEALTH = {"HealthyHostCount": State.HEALTHY, "UnHealthyHostCount": State.UNHEALTHY}

Row = Mapping[str, str]


class LoadBalancerMetrics:
    """Measures requests, answers, latency and healthy targets.

    As on AWS, a count of answers is published only where there were some.

    Args:
        docker: Runs the proxies.
        state: The API's records.
    """

    def __init__(self, docker: DockerHost, state: LoadBalancerState) -> None:
        self._docker, self._state = docker, state
        self._counters = Counters()

    def __call__(self) -> Iterator[Datum]:
        """Measure each load balancer, and its target groups."""
        health = self._state.health()
        containers = {found.label("resource"): found for found in self._docker.containers(kind=KIND)}
        for balancer in self._state.load_balancers():
            yield from _healthy(balancer, health)
            container = containers.get(balancer.arn)
            if container is None or not container.running:
                continue
            identity = container.id
            text = said_in(
                lambda: self._docker.exec(identity, ["load-balancer-metrics"]),  # noqa: B023
                balancer.name,
            )
            if text:
                yield from self._traffic(balancer, rows(text))

    def _traffic(self, balancer: LoadBalancer, found: list[Row]) -> Iterator[Datum]:
        own = {"LoadBalancer": load_balancer_name(balancer.arn)}
        requests = errors_of_targets = 0.0
        for arn in sorted(balancer.target_group_arns):
            dimensions = {"TargetGroup": target_group_name(arn), **own}
            mine = [row for row in found if row["pxname"] == backend_name(arn)]
            servers = [row for row in mine if row["svname"] != _BACKEND]
            answers = {code: self._grown(balancer.arn, servers, f"hrsp_{code}xx") for code in _CODES}
            answered = sum(answers.values())
            requests += answered
            errors_of_targets += answers["5"]
            yield _datum(balancer, "RequestCount", dimensions, answered)
            for code, count in answers.items():
                if count:
                    for where in (dimensions, own):
                        yield _datum(balancer, f"HTTPCode_Target_{code}XX_Count", where, count)
            for row in mine:
                if answered and row["svname"] == _BACKEND:
                    seconds = float(row["rtime"] or 0) / 1000
                    yield _datum(balancer, "TargetResponseTime", dimensions, seconds, "Seconds")
        yield _datum(balancer, "RequestCount", own, requests)
        frontends = [row for row in found if row["svname"] == _FRONTEND]
        all_errors = self._grown(balancer.arn, frontends, "hrsp_5xx")
        if all_errors > errors_of_targets:
            yield _datum(balancer, "HTTPCode_ELB_5XX_Count", own, all_errors - errors_of_targets)

    def _grown(self, arn: str, found: list[Row], column: str) -> float:
        return sum(
            self._counters.increase((arn, row["pxname"], row["svname"], column), float(row[column] or 0))
            for row in found
        )


def rows(text: str) -> list[Row]:
    """What `show stat` prints, by the names of its columns."""
    lines = [line for line in text.splitlines() if line.strip()]
    return list(csv.DictReader([lines[0].removeprefix("# "), *lines[1:]])) if lines else []


def load_balancer_name(arn: str) -> str:
    """How metrics name a load balancer: `app/<name>/<id>`."""
    return arn.split(":loadbalancer/")[-1]


def target_group_name(arn: str) -> str:
    """How metrics name a target group: `targetgroup/<name>/<id>`."""
    return arn.split(":")[5]


def _healthy(balancer: LoadBalancer, health: Mapping[str, Mapping[Any, Any]]) -> Iterator[Datum]:
    for arn in sorted(balancer.target_group_arns):
        states = [one.state for one in health.get(arn, {}).values()]
        for name, state in _HEALTH.items():
            if states:
                dimensions = {
                    "TargetGroup": target_group_name(arn),
                    "LoadBalancer": load_balancer_name(balancer.arn),
                }
                yield _datum(balancer, name, dimensions, states.count(state))


def _datum(
    balancer: LoadBalancer, name: str, dimensions: Mapping[str, str], value: float, unit: str = "Count"
) -> Datum:
    return Datum(
        resource=balancer.arn,
        namespace="AWS/ApplicationELB",
        name=name,
        dimensions=dimensions,
        value=value,
        unit=unit,
    )
