"""What of the database is paid for."""

from __future__ import annotations

from collections.abc import Iterator

from kf_airflow_deploy.costs.amounts import HOURS, Amounts
from kf_airflow_deploy.costs.instance_vcpus import vcpus
from kf_airflow_deploy.costs.quantity import Quantity
from kf_airflow_deploy.costs.stack_resources import Resource, StackResources
from kf_airflow_deploy.costs.usage import Usage

PART = "Database"
# What the storage does by itself. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html
_GP3_LARGE_FROM_GIB, _GP3_LARGE_IOPS, _GP3_IOPS = 400, 12_000, 3_000
# What Performance Insights keeps at no cost.
_FREE_INSIGHTS_DAYS = 7
# A proxy is charged for what the database behind it has, and for two of them at least.
_FEWEST_PROXY_VCPUS = 2


def database(stack: StackResources, usage: Usage) -> Iterator[Quantity]:
    """Yields what the instances, their storage, backups and proxies amount to.

    Raises:
        DeployError: if nobody knows how many vCPUs an instance behind a proxy has.
    """
    for instance in stack.all("aws_db_instance"):
        yield from _instance(instance)
        yield from _storage(instance)
        yield from _backups(instance, usage)
    for proxy in stack.all("aws_db_proxy"):
        target = next(iter(stack.referring("aws_db_proxy_target", "db_proxy_name", proxy)), None)
        behind = stack.referred(target.get("db_instance_identifier")) if target else None
        count = vcpus(behind.get("instance_class")) if behind else _FEWEST_PROXY_VCPUS
        yield Quantity(
            part=PART,
            item=f"proxy of {count} vCPUs" + ("" if behind else ", at least: its database is elsewhere"),
            price="database.proxy.vcpu-hour",
            amounts=Amounts.of(max(count, _FEWEST_PROXY_VCPUS) * HOURS),
            options=("[database] proxy",),
        )


def _instance(instance: Resource) -> Iterator[Quantity]:
    class_ = instance.get("instance_class")
    two = bool(instance.get("multi_az"))
    yield Quantity(
        part=PART,
        item=f"{class_}" + (" and its standby" if two else ""),
        price=f"database.{class_}.hour",
        amounts=Amounts.of(HOURS * (2 if two else 1)),
        options=("[database] instance_class", "[database] multi_az"),
    )
    days = instance.get("performance_insights_retention_period", _FREE_INSIGHTS_DAYS)
    if instance.get("performance_insights_enabled") and days > _FREE_INSIGHTS_DAYS:
        yield Quantity(
            part=PART,
            item=f"Performance Insights for {days} days",
            price="database.insights.vcpu-month",
            amounts=Amounts.of(vcpus(class_) * (2 if two else 1)),
        )


def _storage(instance: Resource) -> Iterator[Quantity]:
    kind, two = instance.get("storage_type", "gp2"), bool(instance.get("multi_az"))
    allocated, twice = _gib(instance), 2 if two else 1
    grows = ("[database] allocated_storage_gib, max_allocated_storage_gib",)
    yield Quantity(
        part=PART,
        item=f"{allocated.typical:g} GiB of {kind}"
        + (f", up to {allocated.most:g}" if allocated.most > allocated.typical else "")
        + (", twice" if two else ""),
        price=f"database.{kind}.gb-month",
        amounts=allocated * twice,
        options=(*grows, "[database] storage_type", "[database] multi_az"),
    )
    iops = instance.get("iops")
    if not iops:
        return
    beyond = allocated.map(lambda gib: max(0.0, iops - _included_iops(kind, gib)))
    if beyond:
        yield Quantity(
            part=PART,
            item=f"{iops} operations a second",
            price=f"database.{kind}.iops-month",
            amounts=beyond * twice,
            options=("[database] storage_iops", "[database] multi_az"),
        )


def _backups(instance: Resource, usage: Usage) -> Iterator[Quantity]:
    """Yields the backups: a copy of what is used and the days' changes; the storage's own size is free."""
    days = instance.get("backup_retention_period", 0)
    if not days:
        return
    allocated = _gib(instance)
    used = allocated * usage.database_used_percent * 0.01
    kept = used + used * usage.database_change_percent * (0.01 * days)
    yield Quantity(
        part=PART,
        item=f"backups of {days} days, beyond the storage's own size",
        price="database.backup.gb-month",
        amounts=(kept + allocated * -1).map(lambda gib: max(0.0, gib)),
        options=("[database] backup_retention_days",),
    )


def _gib(instance: Resource) -> Amounts:
    allocated = int(instance.get("allocated_storage"))
    return Amounts(allocated, allocated, max(allocated, int(instance.get("max_allocated_storage") or 0)))


def _included_iops(kind: str, gib: float) -> float:
    if kind != "gp3":
        return 0
    return _GP3_LARGE_IOPS if gib >= _GP3_LARGE_FROM_GIB else _GP3_IOPS
