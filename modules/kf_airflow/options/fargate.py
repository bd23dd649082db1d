"""How an ECS service on Fargate is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kf_airflow.checks import between
from kf_airflow.options.scaling import Schedule
from kf_airflow.sizing import checked_size
from kf_airflow.tables import Table

ARCHITECTURES = ("X86_64", "ARM64")

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
MOST_TASKS = 5000

# What a task has without asking, and the most it can have.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-storage.html
SMALLEST_STORAGE_GIB, LARGEST_STORAGE_GIB = 20, 200


@dataclass(frozen=True, kw_only=True)
class FargateOptions(Table):
    """What all ECS services on Fargate have: the size of their tasks, how many run, where, and in what turn.

    Args:
        cpu: CPU units of a task, 1024 to a vCPU.
        memory_mib: Memory of a task in MiB; what Fargate offers depends on `cpu`.
        count: How many tasks run. One if left out.
        min_count: The fewest an autoscaler may leave of them, 0 to `count`. `count` if left out; of no use
            without `max_count`, and refused then.
        max_count: How many an autoscaler may make of them. If given, `count` is what the service begins with,
            and Terraform leaves the number alone after that. `count` always, if left out.
        schedules: When that range is another, by name; `max_count` has to be given. Terraform leaves the
            range to them then: a change of it comes with the next one. None if left out.
        architecture: `X86_64` or `ARM64`; the image has to be there for it. `X86_64` if left out.
        spot_percent: How many of a hundred tasks above `on_demand_base` run on Fargate Spot, which costs less
            and may be taken away with two minutes' notice. 0 if left out.
        on_demand_base: How many tasks never run on Spot, at most `count`. One if left out and `count` is not
            0.
        minimum_healthy_percent: How much of `count` a deployment leaves running, 0 to 100. 100 if left out:
            new tasks start before old ones stop.
        maximum_percent: How much of `count` may run during a deployment, 100 to 400. 200 if left out.
        zone_rebalancing: Whether ECS moves tasks when one zone has more than another. True if left out.
        health_check_grace_seconds: For how long a new task is not stopped for what the load balancer finds
            unhealthy, 0 to 3600 s. 300 if left out, as the first start migrates the database.
        storage_gib: The task's disk, 20 to 200 GiB, of which the images take some. 20 if left out.
        ecs_exec: Whether `aws ecs execute-command` gets into the containers. AWS does not support it with a
            read-only root file system, so all can be written to then. False if left out.

    Raises:
        ValueError: if Fargate has no such size, or the values contradict each other.
    """

    cpu: int
    memory_mib: int
    count: int = 1
    min_count: int | None = None
    max_count: int | None = None
    schedules: Mapping[str, Schedule] = field(default_factory=dict)
    architecture: str = "X86_64"
    spot_percent: int = 0
    on_demand_base: int | None = None
    minimum_healthy_percent: int = 100
    maximum_percent: int = 200
    zone_rebalancing: bool = True
    health_check_grace_seconds: int = 300
    storage_gib: int = SMALLEST_STORAGE_GIB
    ecs_exec: bool = False

    def __post_init__(self) -> None:
        checked_size(cpu=self.cpu, memory_mib=self.memory_mib)
        between("count", self.count, 0, MOST_TASKS)
        self._check_range()
        if self.architecture not in ARCHITECTURES:
            raise ValueError(f"architecture is {self.architecture!r}: allowed are {', '.join(ARCHITECTURES)}")
        # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
        between("health_check_grace_seconds", self.health_check_grace_seconds, 0, 3600)
        between("storage_gib", self.storage_gib, SMALLEST_STORAGE_GIB, LARGEST_STORAGE_GIB)
        self._check_spot()
        self._check_deployment()

    @property
    def highest_count(self) -> int:
        """How many tasks run at most, deployments aside."""
        return self.count if self.max_count is None else self.max_count

    @property
    def lowest_count(self) -> int:
        """How many tasks run at least, schedules aside."""
        return self.count if self.min_count is None else self.min_count

    @property
    def base(self) -> int:
        """How many tasks never run on Spot."""
        return min(1, self.count) if self.on_demand_base is None else self.on_demand_base

    def _check_range(self) -> None:
        if self.max_count is None:
            self._refuse_without_range("min_count", self.min_count)
            self._refuse_without_range("schedules", self.schedules or None)
            return
        if not max(1, self.count) <= self.max_count <= MOST_TASKS:
            raise ValueError(
                f"max_count is {self.max_count}: allowed are {max(1, self.count)} to {MOST_TASKS}, "
                f"as count is {self.count}"
            )
        if not 0 <= self.lowest_count <= self.count:
            raise ValueError(f"min_count is {self.min_count}: allowed are 0 to {self.count}, which is count")
        for name, schedule in self.schedules.items():
            schedule.counts(name, lowest=self.lowest_count, highest=self.max_count)

    def _refuse_without_range(self, key: str, value: object) -> None:
        """Refuses what is said to an autoscaler where there is none."""
        if self.max_count is None and value is not None:
            said = value if isinstance(value, int) else "set"
            raise ValueError(f"{key} is {said}: allowed with a max_count, and that is not set")

    def _check_spot(self) -> None:
        between("spot_percent", self.spot_percent, 0, 100)
        if self.on_demand_base is None:
            return
        if not self.spot_percent:
            raise ValueError(
                f"on_demand_base is {self.on_demand_base}: allowed with a spot_percent of 1 to 100, "
                "and spot_percent is 0"
            )
        if not 0 <= self.on_demand_base <= self.count:
            raise ValueError(
                f"on_demand_base is {self.on_demand_base}: allowed are 0 to {self.count}, which is count"
            )

    def _check_deployment(self) -> None:
        between("minimum_healthy_percent", self.minimum_healthy_percent, 0, 100)
        between("maximum_percent", self.maximum_percent, 100, 400)
        if self.zone_rebalancing and self.maximum_percent == 100:
            # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html
            raise ValueError("maximum_percent is 100: allowed are 101 to 400, as zone_rebalancing is true")
        # The fewer tasks, the less room: with none there is nothing to replace.
        counts = [self.count, self.lowest_count] + [
            fewest
            for name, schedule in self.schedules.items()
            for fewest in schedule.counts(name, lowest=self.lowest_count, highest=self.highest_count)
        ]
        fewest = min((count for count in counts if count), default=self.highest_count)
        room_to_start = fewest * self.maximum_percent // 100 - fewest
        room_to_stop = fewest - -(-fewest * self.minimum_healthy_percent // 100)
        if fewest and not room_to_start and not room_to_stop:
            raise ValueError(
                f"maximum_percent is {self.maximum_percent}: allowed are numbers that let a deployment of "
                f"{fewest} start one more, or a minimum_healthy_percent under "
                f"{self.minimum_healthy_percent} that lets it stop one"
            )
