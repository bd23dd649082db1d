"""What of logs, metrics and alarms is paid for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from kf_airflow_deploy.costs.amounts import HOURS, Amounts, total
from kf_airflow_deploy.costs.network import flow_logs
from kf_airflow_deploy.costs.quantity import Quantity, several
from kf_airflow_deploy.costs.services import tasks_of
from kf_airflow_deploy.costs.stack_resources import Resource, StackResources
from kf_airflow_deploy.costs.usage import Usage

LOGS, PART = "Logs", "CloudWatch"
# A gigabyte of logs is kept as some 0.15 of one. https://aws.amazon.com/cloudwatch/pricing/ (its examples)
_COMPRESSED = 0.15
_DAYS = 30.4
_ALWAYS_DAYS = 3650
# Under a minute a metric has a high resolution, and so has an alarm on it.
_STANDARD_SECONDS = 60
# What the container `metrics` publishes: docker/README.md#metrics, docs/observability.md#what-is-measured.
_METRICS_OF_QUEUE, _METRICS_OF_POOL, _METRICS_OF_AIRFLOW = 5, 5, 5
_PUBLICATIONS_AN_HOUR = 360
# What Container Insights reports without "enhanced", as an example of AWS has it.
# https://aws.amazon.com/cloudwatch/pricing/
_INSIGHTS_OF_CLUSTER, _INSIGHTS_OF_FAMILY, _INSIGHTS_OF_SERVICE = 8, 6, 11


def logs(stack: StackResources, usage: Usage) -> Iterator[Quantity]:
    """Yields what CloudWatch takes in and keeps."""
    kinds: dict[str, list[Resource]] = {"services": [], "database": [], "flow logs": []}
    for group in stack.all("aws_cloudwatch_log_group"):
        name = str(group.get("name"))
        kind = "flow logs" if name.startswith("/aws/vpc/") else "services"
        kinds["database" if name.startswith("/aws/rds/") else kind].append(group)
    sizes = {
        "services": usage.service_logs_gb,
        "database": usage.database_logs_gb,
        "flow logs": flow_logs(stack, usage),
    }
    options = {
        "services": ("[logs] retention_days",),
        "database": ("[database] log_exports, log_retention_days", "[database] monitoring_interval_seconds"),
        "flow logs": ("[network] flow_logs, flow_log_traffic", "[network] flow_log_retention_days"),
    }
    for kind, groups in kinds.items():
        if not groups:
            continue
        days = max(int(each.get("retention_in_days") or _ALWAYS_DAYS) for each in groups)
        yield Quantity(
            part=LOGS,
            item=f"{kind}: taken in",
            price="logs.gb",
            amounts=sizes[kind],
            options=options[kind],
        )
        yield Quantity(
            part=LOGS,
            item=f"{kind}: kept for {days} days",
            price="logs.kept.gb-month",
            amounts=sizes[kind] * (_COMPRESSED * days / _DAYS),
            options=options[kind],
        )


def cloudwatch(stack: StackResources, _usage: Usage) -> Iterator[Quantity]:
    """Yields alarms, dashboards and metrics."""
    alarms = stack.all("aws_cloudwatch_metric_alarm")
    quick = [each for each in alarms if int(each.get("period") or _STANDARD_SECONDS) < _STANDARD_SECONDS]
    for name, price, count in (
        ("alarm", "alarm.month", len(alarms) - len(quick)),
        ("alarm of ten seconds, by which workers scale", "alarm.quick.month", len(quick)),
        ("dashboard", "dashboard.month", len(stack.all("aws_cloudwatch_dashboard"))),
    ):
        if count:
            options = ("[worker] max_count",) if "quick" in price else ("[observability]",)
            yield _fixed(several(count, name), price, count, *options)
    yield from _own_metrics(stack)
    yield from _insights(stack)


def emails(stack: StackResources, usage: Usage) -> Iterator[Quantity]:
    """Yields what is told by mail."""
    if stack.all("aws_sns_topic_subscription"):
        yield Quantity(
            part=PART,
            item="mails of alarms",
            price="mail.thousand",
            amounts=usage.emails * 0.001,
            options=("[observability] emails",),
        )


def _own_metrics(stack: StackResources) -> Iterator[Quantity]:
    for service in stack.all("aws_ecs_service"):
        task = stack.referred(service.get("task_definition"))
        pools = _pools(task) if task else []
        if not pools:
            continue
        queues = sum(len(pool["queues"]) for pool in pools)
        count = _METRICS_OF_AIRFLOW + queues * _METRICS_OF_QUEUE + len(pools) * _METRICS_OF_POOL
        yield _fixed(
            f"{count} metrics of queues, pools and Airflow", "metric.month", count, "[worker_pools.<name>]"
        )
        yield Quantity(
            part=PART,
            item="publishing them, every ten seconds from each task of airflow",
            price="metric.thousand-calls",
            amounts=tasks_of(stack, service) * (_PUBLICATIONS_AN_HOUR * HOURS * 0.001),
            options=("[airflow] count, max_count",),
        )


def _pools(task: Resource) -> list[dict[str, Any]]:
    for container in json.loads(task.get("container_definitions")):
        for variable in container.get("environment", ()):
            if variable["name"] == "KF_AIRFLOW_WORKER_POOLS" and container["name"] == "metrics":
                found: list[dict[str, Any]] = json.loads(variable["value"])
                return found
    return []


def _insights(stack: StackResources) -> Iterator[Quantity]:
    on = total(
        Amounts.of(_INSIGHTS_OF_CLUSTER)
        for cluster in stack.all("aws_ecs_cluster")
        for setting in cluster.get("setting", ())
        if setting["name"] == "containerInsights" and setting["value"] != "disabled"
    )
    if on:
        services, families = len(stack.all("aws_ecs_service")), len(stack.all("aws_ecs_task_definition"))
        count = on.typical + services * _INSIGHTS_OF_SERVICE + families * _INSIGHTS_OF_FAMILY
        yield _fixed(f"{count:g} metrics of Container Insights", "metric.month", count)


def _fixed(item: str, price: str, count: float, *options: str) -> Quantity:
    return Quantity(part=PART, item=item, price=price, amounts=Amounts.of(count), options=options)
