"""A cycle of `metrics`: read the database, ask ECS, publish, and keep what was found."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from kf_airflow_runtime import cloudwatch
from kf_airflow_runtime.airflow_health import AirflowHealth, of_health
from kf_airflow_runtime.metadata_database import UnreadableError
from kf_airflow_runtime.source_states import SourceStates
from kf_airflow_runtime.worker_demand import Measurement, QueueLoad, WorkerCount, measurements, unserved
from kf_airflow_runtime.worker_pools import WorkerPool
from kf_airflow_runtime.worker_protections import of_protections

LIMIT_SECONDS = 60.0
"""How long a cycle may take before it counts as stuck. One in which nothing answers ends well before."""

DATABASE, ECS, CLOUDWATCH, QUEUES = "PostgreSQL", "ECS", "CloudWatch", "unserved queues"
HEALTH, PROTECTIONS = "heartbeats", "task protection"


class MetricsCycle:
    """Measures and publishes, once for each `turn`.

    Args:
        cluster: The ECS cluster's name.
        service: The name of the ECS service that Airflow's own processes run in.
        pools: The pools of workers.
        read_loads: Returns the load of each queue that has one, or raises `UnreadableError`.
        read_health: Returns how Airflow is, or raises `UnreadableError`.
        count_workers: Returns the workers of each ECS service that there is.
        read_protections: Returns how many workers are protected of each ECS service.
        publish: Takes the entries of `MetricData`.
        states: Told which of these work.
        clock: Seconds that never go back (`time.monotonic`).
        now: The time of day.
    """

    def __init__(
        self,
        *,
        cluster: str,
        service: str,
        pools: Sequence[WorkerPool],
        read_loads: Callable[[], Mapping[str, QueueLoad]],
        read_health: Callable[[], AirflowHealth],
        count_workers: Callable[[], Mapping[str, WorkerCount]],
        read_protections: Callable[[], dict[str, int]],
        publish: Callable[[list[cloudwatch.Datum]], None],
        states: SourceStates,
        clock: Callable[[], float],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._cluster = cluster
        self._service = service
        self._pools = tuple(pools)
        self._read_loads = read_loads
        self._read_health = read_health
        self._count_workers = count_workers
        self._read_protections = read_protections
        self._publish = publish
        self._states = states
        self._clock = clock
        self._now = now
        self._turned = clock()
        self._refused: str | None = None
        self._keep(None, [], {}, published=False)

    @property
    def document(self) -> dict[str, Any]:
        """What the last turn found, as `GET /metrics` answers it."""
        return self._document

    def turn(self) -> None:
        """Measures and publishes. What does not answer is left out; nothing is made up for it."""
        loads = self._loads()
        if loads is None:
            self._keep(None, [], {}, published=False)
        else:
            at = self._now()
            found = [
                *measurements(self._cluster, self._pools, loads, self._counts()),
                *self._health(),
                *of_protections(self._cluster, self._protections()),
            ]
            waiting = self._unserved(loads)
            published = self._published(cloudwatch.data(found, at))
            self._keep(at, found, waiting, published=published)
        self._turned = self._clock()

    def verdict(self) -> tuple[bool, str]:
        """Whether the process is healthy, and why.

        What does not answer is not its fault, and a new process would not be answered either. Only a login
        that the database refuses has another cause: its password was changed, and a new task gets the new.
        """
        if self._refused is not None:
            return False, f"the database refuses the login, which a new task would get anew: {self._refused}"
        age = self._clock() - self._turned
        return age < LIMIT_SECONDS, f"the last cycle ended {age:.0f} s ago, {LIMIT_SECONDS:.0f} s allowed"

    def _loads(self) -> Mapping[str, QueueLoad] | None:
        try:
            loads = self._read_loads()
        except UnreadableError as error:
            self._refused = str(error) if error.login_refused else None
            self._states.fails(DATABASE, str(error), "nothing is published until it answers")
            return None
        self._refused = None
        self._states.works(DATABASE)
        return loads

    def _health(self) -> list[Measurement]:
        # Apart from the loads: what workers are made by does not wait for it.
        try:
            health = self._read_health()
        except UnreadableError as error:
            self._states.fails(HEALTH, str(error), "it is not published until the database says it")
            return []
        self._states.works(HEALTH)
        return [of_health(self._cluster, self._service, health)]

    def _counts(self) -> Mapping[str, WorkerCount]:
        consequence = "what rests on the number of workers is not published until it says it"
        try:
            counts = self._count_workers()
        # Beside its own errors botocore raises those of its parsers and of urllib3.
        except Exception as error:
            self._states.fails(ECS, _in_a_line(error), consequence)
            return {}
        unknown = [pool.service for pool in self._pools if pool.service not in counts]
        if unknown:
            reason = f"{self._cluster} has no service {', '.join(unknown)}"
            self._states.fails(ECS, reason, consequence)
        else:
            self._states.works(ECS)
        return counts

    def _protections(self) -> dict[str, int]:
        try:
            found = self._read_protections()
        except Exception as error:
            self._states.fails(PROTECTIONS, _in_a_line(error), "it is not published until ECS says it")
            return {}
        self._states.works(PROTECTIONS)
        return found

    def _unserved(self, loads: Mapping[str, QueueLoad]) -> dict[str, int]:
        waiting = unserved(self._pools, loads)
        if waiting:
            listed = ", ".join(f"{tasks} in {queue!r}" for queue, tasks in sorted(waiting.items()))
            self._states.fails(QUEUES, f"tasks wait, {listed}", "no pool of workers takes them")
        else:
            self._states.works(QUEUES)
        return waiting

    def _published(self, entries: list[cloudwatch.Datum]) -> bool:
        try:
            self._publish(entries)
        except Exception as error:
            self._states.fails(CLOUDWATCH, _in_a_line(error), "it lacks the metrics of that time")
            return False
        self._states.works(CLOUDWATCH)
        return True

    def _keep(
        self, at: datetime | None, found: list[Measurement], waiting: dict[str, int], *, published: bool
    ) -> None:
        # A new object each time, because another thread reads it.
        self._document = {
            "cluster": self._cluster,
            "read_at": at.isoformat(timespec="milliseconds") if at else None,
            "published": published,
            "metrics": [{"dimensions": one.dimensions, "values": one.values} for one in found],
            "unserved_queues": waiting,
            "problems": self._states.problems,
        }


def _in_a_line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())
