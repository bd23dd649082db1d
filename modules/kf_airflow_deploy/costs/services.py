"""What of the ECS services is paid for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from kf_airflow_deploy.costs.amounts import HOURS, Amounts
from kf_airflow_deploy.costs.quantity import Quantity, several
from kf_airflow_deploy.costs.stack_resources import Resource, StackResources
from kf_airflow_deploy.costs.usage import Usage
from kf_airflow_deploy.errors import DeployError

PART = "ECS services"
_FREE_DISK_GIB = 20
_OWN_TABLES = ("airflow", "flower", "worker")


def services(stack: StackResources, _usage: Usage) -> Iterator[Quantity]:
    """Yields what the tasks of each service amount to.

    Raises:
        DeployError: if a service does not say how many tasks it has, or which.
    """
    for service in stack.all("aws_ecs_service"):
        yield from _service(stack, service)


def table_of(service: Resource) -> str:
    """Returns the table of the settings that a service is made by; its place, if that is not Airflow's."""
    inside = service.path
    if len(inside) == 2 and inside[0] == "airflow":
        name = inside[1]
        return f"[{name}]" if name in _OWN_TABLES else f"[worker_pools.{name}]"
    return "/".join(inside) or service.name


def tasks_of(stack: StackResources, service: Resource) -> Amounts:
    """Returns how many tasks a service has: the fewest, those it begins with, the most.

    Raises:
        DeployError: if it does not say.
    """
    count = service.get("desired_count")
    if not isinstance(count, int):
        raise DeployError(
            f"The ECS service {service.name} has the desired_count {count!r}: "
            "a number is needed to say what it costs."
        )
    least, most = count, count
    for target in stack.all("aws_appautoscaling_target"):
        if f"aws_ecs_service.{service.name}." not in str(target.get("resource_id")):
            continue
        least, most = int(target.get("min_capacity")), int(target.get("max_capacity"))
        for schedule in stack.referring("aws_appautoscaling_scheduled_action", "resource_id", target):
            action = schedule.get("scalable_target_action", {})
            least = min(least, int(action.get("min_capacity", least)))
    return Amounts(least, min(max(count, least), most), most)


def _service(stack: StackResources, service: Resource) -> Iterator[Quantity]:
    task = stack.referred(service.get("task_definition"))
    if task is None:
        raise DeployError(
            f"The ECS service {service.name} has the task definition {service.get('task_definition')!r}: "
            "one of the stack is needed to say what it costs."
        )
    table, tasks = table_of(service), tasks_of(stack, service)
    vcpu, gib = int(task.get("cpu")) / 1024, int(task.get("memory")) / 1024
    architecture = task.get("runtime_platform", {}).get("cpu_architecture", "X86_64")
    name = "/".join(service.path[-1:]) or service.name
    shape = f"{vcpu:g} vCPU, {gib:g} GiB, {architecture}"
    options = (f"{table} min_count, count, max_count", f"{table} cpu, memory_mib, architecture, spot_percent")
    spot = _spot(service)
    for label, price, share in (
        ("", architecture, lambda count: count - spot(count)),
        (" on Spot", f"{architecture}.spot", spot),
    ):
        running = tasks.map(share)
        if not running:
            continue
        for unit, size in (("vcpu-hour", vcpu), ("gb-hour", gib)):
            yield Quantity(
                part=PART,
                item=f"{name}: {_counts(running)}{label} of {shape}",
                price=f"fargate.{price}.{unit}",
                amounts=running * (size * HOURS),
                options=options,
            )
    disk = sum(int(each["size_in_gib"]) for each in _blocks(task.get("ephemeral_storage")))
    if disk > _FREE_DISK_GIB:
        yield Quantity(
            part=PART,
            item=f"{name}: {disk} GiB of disk, of which {_FREE_DISK_GIB} are free",
            price="fargate.disk.gb-hour",
            amounts=tasks * ((disk - _FREE_DISK_GIB) * HOURS),
            options=(f"{table} storage_gib",),
        )


def _spot(service: Resource) -> Callable[[float], float]:
    """Returns how many of so many tasks run on Spot."""
    strategy = {each["capacity_provider"]: each for each in service.get("capacity_provider_strategy", ())}
    base = float(strategy.get("FARGATE", {}).get("base", 0))
    weights = {name: float(each.get("weight", 0)) for name, each in strategy.items()}
    share = weights.get("FARGATE_SPOT", 0.0) / (sum(weights.values()) or 1.0)
    return lambda count: max(0.0, count - base) * share


def _blocks(value: Any) -> list[dict[str, Any]]:
    """Terraform's JSON has a block alone as it is, and several as a list."""
    if not value:
        return []
    return value if isinstance(value, list) else [value]


def _counts(tasks: Amounts) -> str:
    numbers = dict.fromkeys(f"{number:g}" for number in (tasks.least, tasks.typical, tasks.most))
    if len(numbers) == 1:
        return several(tasks.most, "task")
    return f"{tasks.least:g} / {tasks.typical:g} / {tasks.most:g} tasks"
