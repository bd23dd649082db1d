"""CPU and memory utilization of services in CloudWatch, each minute.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from localstack_dataplane.aws import Aws
from localstack_dataplane.clock import now
from localstack_dataplane.config import Config
from localstack_dataplane.containers import DockerError
from localstack_dataplane.docker_host import DockerHost
from localstack_dataplane.ecs.store import TaskStore
from localstack_dataplane.ecs.utilization import Sample, cpu_percent, memory_percent

_EVERY_SECONDS = 60
_LEAST_SECONDS = 2
"""However fast the minutes pass: samples cost the engine more than they cost us."""

_AT_ONCE = 16
"""The engine answers with its next look at the container, which it takes once a second: we wait for many."""

_MOST_DATA = 1000
"""Of one call of PutMetricData."""

Service = tuple[str, str, str, str]
"""Account, region, cluster, name."""


class UtilizationController:
    """Publishes CPUUtilization and MemoryUtilization of every service that has running tasks.

    Args:
        config: How fast the minutes pass.
        docker: Statistics of containers.
        tasks: The tasks.
        aws: CloudWatch.
    """

    name = "ecs-metrics"

    def __init__(self, config: Config, docker: DockerHost, tasks: TaskStore, aws: Aws) -> None:
        self._docker, self._tasks, self._aws = docker, tasks, aws
        self._interval = max(config.scaled(_EVERY_SECONDS), _LEAST_SECONDS)
        self._published: datetime | None = None
        self._samples: dict[str, Sample] = {}

    def reconcile(self) -> None:
        """One pass; most do nothing."""
        moment = now()
        if self._published and (moment - self._published).total_seconds() < self._interval:
            return
        self._published = moment
        running = [task for task in self._tasks.active() if task.service and task.last_status == "RUNNING"]
        samples = self._sampled(
            [item.id for task in running for item in task.observed.values() if item.running]
        )
        cpu: dict[Service, list[float]] = {}
        memory: dict[Service, list[float]] = {}
        for task in running:
            mine = [item.id for item in task.observed.values() if item.id in samples]
            pairs = [(self._samples[key], samples[key]) for key in mine if key in self._samples]
            if pairs:
                cpu.setdefault(task.service_key, []).append(cpu_percent(task.definition, pairs))
            share = memory_percent(task.definition, [samples[key] for key in mine]) if mine else None
            if share is not None:
                memory.setdefault(task.service_key, []).append(share)
        self._samples = samples
        self._publish(cpu, memory, moment)

    def _sampled(self, containers: list[str]) -> dict[str, Sample]:
        if not containers:
            return {}
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="dataplane-stats") as workers:
            found = zip(containers, workers.map(self._sample, containers), strict=True)
            return {container: sample for container, sample in found if sample is not None}

    def _sample(self, container_id: str) -> Sample | None:
        try:
            return Sample.read(self._docker.sample(container_id), now())
        except DockerError:  # it has ended since it was observed
            return None

    def _publish(
        self, cpu: dict[Service, list[float]], memory: dict[Service, list[float]], moment: datetime
    ) -> None:
        places: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for metric, shares in (("CPUUtilization", cpu), ("MemoryUtilization", memory)):
            for (account, region, cluster, service), values in shares.items():
                datum = {
                    "MetricName": metric,
                    "Dimensions": [
                        {"Name": "ClusterName", "Value": cluster},
                        {"Name": "ServiceName", "Value": service},
                    ],
                    "Timestamp": moment,
                    "Values": values,
                    "Unit": "Percent",
                }
                places.setdefault((account, region), []).append(datum)
        for (account, region), data in places.items():
            client = self._aws.client("cloudwatch", account, region)
            for begin in range(0, len(data), _MOST_DATA):
                client.put_metric_data(Namespace="AWS/ECS", MetricData=data[begin : begin + _MOST_DATA])
