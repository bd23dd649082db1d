"""A metric of CloudWatch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kf_airflow.refs import ServiceRef

# What `metrics`, a container of the service `airflow`, publishes.
NAMESPACE = "KFAirflow"
WORKERS_MISSING = "WorkersMissing"
QUEUED_TASKS = "QueuedTasks"
RUNNING_TASKS = "RunningTasks"
OLDEST_QUEUED_SECONDS = "OldestQueuedSeconds"
WORKERS = "Workers"
WORKERS_NEEDED = "WorkersNeeded"
SCHEDULER_HEARTBEAT_SECONDS = "SchedulerHeartbeatSeconds"
DAG_PROCESSOR_HEARTBEAT_SECONDS = "DagProcessorHeartbeatSeconds"
TRIGGERER_HEARTBEAT_SECONDS = "TriggererHeartbeatSeconds"
IMPORT_ERRORS = "ImportErrors"
STUCK_TASKS = "StuckTasks"
PROTECTED_WORKERS = "ProtectedWorkers"
# What a worker publishes itself.
PROTECTED_SECONDS = "ProtectedSeconds"
UNSENT_LOGS = "UnsentLogs"


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A metric of CloudWatch, by what names it.

    Args:
        namespace: Its namespace.
        name: Its name.
        dimensions: Its dimensions with their values: all it is published with. None if left out.

    Raises:
        ValueError: if CloudWatch does not take a name.
    """

    namespace: str
    name: str
    dimensions: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
        for key, value in (("namespace", self.namespace), ("name", self.name)):
            if not 1 <= len(value) <= 255:
                raise ValueError(f"{key} is {value!r}: allowed are 1 to 255 characters")
        if len(self.dimensions) > 30:
            raise ValueError(f"dimensions has {len(self.dimensions)}: allowed are 30")


def workers_missing(service: ServiceRef) -> Metric:
    """Returns how many workers a pool's queues ask for, less those it is to have; negative for too many."""
    return Metric(
        namespace=NAMESPACE,
        name=WORKERS_MISSING,
        dimensions={"ClusterName": service.cluster_name, "ServiceName": service.name},
    )
