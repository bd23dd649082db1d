"""How much of its CPU and memory a task uses."""

from datetime import UTC, datetime, timedelta

import pytest

from localstack_dataplane.config import Config
from localstack_dataplane.containers import Container
from localstack_dataplane.ecs.definition import ContainerDefinition, TaskDefinition
from localstack_dataplane.ecs.metrics import UtilizationController
from localstack_dataplane.ecs.store import TaskStore
from localstack_dataplane.ecs.task import Task
from localstack_dataplane.ecs.utilization import Sample, cpu_percent, memory_percent

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MIB = 1024**2
DEFINITION = TaskDefinition(
    arn="a/f:1", containers=(ContainerDefinition(name="app", image="i"),), cpu=512, memory=1024
)


def sample(seconds=0.0, cpu=0.0, memory=0):
    return Sample(at=NOW + timedelta(seconds=seconds), cpu=int(cpu * 1e9), memory=memory * MIB)


def test_cpu_is_the_share_of_what_the_task_may_use():
    # A quarter of a second in one second, of half a processor.
    assert cpu_percent(DEFINITION, [(sample(), sample(1, cpu=0.25))]) == 50


def test_containers_of_a_task_are_added():
    pairs = [(sample(), sample(2, cpu=0.25)), (sample(), sample(2, cpu=0.25))]
    assert cpu_percent(DEFINITION, pairs) == 50


def test_a_container_that_was_started_again_counts_from_the_next_sample():
    assert cpu_percent(DEFINITION, [(sample(cpu=9), sample(1, cpu=1))]) == 0


def test_memory_is_the_share_of_the_tasks():
    assert memory_percent(DEFINITION, [sample(memory=128), sample(memory=128)]) == 25


def test_without_a_limit_there_is_no_share_of_memory():
    assert memory_percent(TaskDefinition(arn="a", containers=()), []) is None


@pytest.mark.parametrize("name", ["total_inactive_file", "inactive_file"])
def test_the_cache_is_no_memory_in_use(name):
    statistics = {
        "cpu_stats": {"cpu_usage": {"total_usage": 5}},
        "memory_stats": {"usage": 300, "stats": {name: 100}},
    }
    assert Sample.read(statistics, NOW) == Sample(at=NOW, cpu=5, memory=200)


def test_a_container_that_does_not_run_has_no_sample():
    assert Sample.read({"cpu_stats": {}, "memory_stats": {}}, NOW) is None


class Engine:
    def __init__(self):
        self.used = 0

    def sample(self, container_id):
        self.used += 1
        return {
            "cpu_stats": {"cpu_usage": {"total_usage": self.used}},
            "memory_stats": {"usage": 256 * MIB},
        }


class Aws:
    def __init__(self):
        self.data = []

    def client(self, service, account, region):
        return self

    def put_metric_data(self, Namespace, MetricData):  # noqa: N803 - boto3's names
        self.data += MetricData


def test_services_have_a_datum_for_each_task_and_metric():
    config = Config(instance="i", address="10.0.0.1", backing_image="b", time_scale=6000)
    tasks, aws = TaskStore(), Aws()
    for name in ("one", "two"):
        task = Task(
            id=name,
            account="1",
            region="r",
            cluster="c",
            group="service:web",
            definition=DEFINITION,
            service="web",
            last_status="RUNNING",
        )
        task.observed["app"] = Container(id=name, name=name, status="running")
        tasks.add(task)
    controller = UtilizationController(config, Engine(), tasks, aws)  # type: ignore[arg-type]
    controller._interval = 0
    controller.reconcile()
    controller.reconcile()

    assert [(datum["MetricName"], len(datum["Values"])) for datum in aws.data] == [
        ("MemoryUtilization", 2),
        ("CPUUtilization", 2),
        ("MemoryUtilization", 2),
    ]
    assert aws.data[0]["Values"] == [25, 25]


def test_between_two_minutes_nothing_is_asked():
    engine = Engine()
    config = Config(instance="i", address="10.0.0.1", backing_image="b")
    controller = UtilizationController(config, engine, TaskStore(), Aws())  # type: ignore[arg-type]
    controller.reconcile()
    controller.reconcile()
    assert engine.used == 0
