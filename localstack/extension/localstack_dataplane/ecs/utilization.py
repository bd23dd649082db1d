"""How much of its CPU and memory a task uses, from two samples of Docker's statistics.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_utilization.html
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from localstack_dataplane.ecs.definition import TaskDefinition

_CPU_UNITS = 1024
_NANOSECONDS = 1e9
_MIB = 1024**2


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What a container has used.

    Attributes:
        at: When.
        cpu: Nanoseconds of CPU since it began.
        memory: Bytes, without the cache that the kernel would give up.
    """

    at: datetime
    cpu: int
    memory: int

    @classmethod
    def read(cls, statistics: Mapping[str, Any], at: datetime) -> "Sample | None":
        """Read Docker's statistics; None of a container that does not run."""
        cpu = statistics.get("cpu_stats", {}).get("cpu_usage", {}).get("total_usage")
        memory = statistics.get("memory_stats", {})
        if cpu is None or "usage" not in memory:
            return None
        details = memory.get("stats", {})
        cache = details.get("total_inactive_file", details.get("inactive_file", 0))
        return cls(at=at, cpu=int(cpu), memory=max(int(memory["usage"]) - int(cache), 0))


def cpu_percent(definition: TaskDefinition, pairs: Iterable[tuple[Sample, Sample]]) -> float:
    """Percent of the task's CPU that its containers used between two samples each."""
    used = sum(
        (after.cpu - before.cpu) / _NANOSECONDS / (after.at - before.at).total_seconds()
        for before, after in pairs
        if after.at > before.at and after.cpu >= before.cpu
    )
    units = definition.cpu or sum(item.cpu for item in definition.containers) or _CPU_UNITS
    return 100 * used * _CPU_UNITS / units


def memory_percent(definition: TaskDefinition, samples: Iterable[Sample]) -> float | None:
    """Percent of the task's memory that its containers use; None where it has no limit."""
    mebibytes = definition.memory or sum(item.memory or 0 for item in definition.containers)
    return 100 * sum(sample.memory for sample in samples) / (mebibytes * _MIB) if mebibytes else None
