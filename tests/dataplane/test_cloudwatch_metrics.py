"""The metrics of databases, caches and load balancers."""

from types import SimpleNamespace

import pytest
from fake_docker import FakeDocker

from localstack_dataplane.cloudwatch_metrics.controller import MetricsController, numbers
from localstack_dataplane.cloudwatch_metrics.datum import Counters, Datum
from localstack_dataplane.cloudwatch_metrics.elasticache import ElastiCacheMetrics
from localstack_dataplane.cloudwatch_metrics.elbv2 import LoadBalancerMetrics
from localstack_dataplane.cloudwatch_metrics.rds import RdsMetrics
from localstack_dataplane.config import Config
from localstack_dataplane.elbv2.haproxy import backend_name
from localstack_dataplane.elbv2.health import Health, State

DATABASE = "arn:aws:rds:us-east-1:000000000000:db:orders"
CACHE = "arn:aws:elasticache:us-east-1:000000000000:replicationgroup:cache"
BALANCER = "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/web/12"
GROUP = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/web/34"
NAMES = {"TargetGroup": "targetgroup/web/34", "LoadBalancer": "app/web/12"}


@pytest.fixture
def docker():
    return FakeDocker()


def started(docker, kind, resource, **labels):
    named = {f"localstack-dataplane.{key}": value for key, value in labels.items()}
    return docker.run(
        "image",
        name=kind,
        labels={"localstack-dataplane.kind": kind, "localstack-dataplane.resource": resource, **named},
    )


def values(data, **dimensions):
    return {one.name: one.value for one in data if not dimensions or one.dimensions == dimensions}


def test_a_database_has_connections_and_what_its_data_leave_of_its_storage(docker):
    started(docker, "rds", DATABASE)
    docker.outputs["postgres-metrics"] = f"connections:7\nbytes:{5 * 2**30}\n"
    state = SimpleNamespace(
        instances=lambda: [SimpleNamespace(arn=DATABASE, identifier="orders", allocated_storage=20)]
    )

    assert values(RdsMetrics(docker, state)(), DBInstanceIdentifier="orders") == {
        "DatabaseConnections": 7,
        "FreeStorageSpace": 15 * 2**30,
    }


@pytest.mark.parametrize("failing", [True, False], ids=["does not answer", "does not run"])
def test_a_database_that_is_away_has_no_metrics(docker, failing):
    started(docker, "rds", DATABASE)
    docker.exit_codes["postgres-metrics"] = 1
    if not failing:
        docker.kill("rds")
    state = SimpleNamespace(
        instances=lambda: [SimpleNamespace(arn=DATABASE, identifier="orders", allocated_storage=20)]
    )

    assert list(RdsMetrics(docker, state)()) == []


def redis(*, used=30, most=120, clients=4, evicted=0):
    return f"used_memory:{used}\nmaxmemory:{most}\nconnected_clients:{clients}\nevicted_keys:{evicted}\n"


@pytest.fixture
def cache(docker):
    started(docker, "elasticache", CACHE, node="cache-001")
    node = SimpleNamespace(id="cache-001")
    return ElastiCacheMetrics(
        docker, SimpleNamespace(groups=lambda: [SimpleNamespace(arn=CACHE, nodes=(node,))])
    )


def test_a_node_has_memory_connections_and_the_keys_it_dropped_since(docker, cache):
    docker.outputs["redis-metrics"] = redis(evicted=100)
    list(cache())
    docker.outputs["redis-metrics"] = redis(evicted=103)

    assert values(cache(), CacheClusterId="cache-001") == {
        "Evictions": 3,
        "CurrConnections": 4,
        "BytesUsedForCache": 30,
        "DatabaseMemoryUsagePercentage": 25,
    }


def test_a_node_without_a_limit_uses_no_share_of_it(docker, cache):
    docker.outputs["redis-metrics"] = redis(most=0)

    assert "DatabaseMemoryUsagePercentage" not in values(cache())


def statistics(*, good=0, bad=0, all_bad=0, rtime=0):
    name = backend_name(GROUP)
    return (
        "# pxname,svname,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,rtime\n"
        f"listener-80,FRONTEND,{good},0,0,{all_bad},\n"
        f"{name},10-0-0-1-80,{good},0,0,{bad},{rtime}\n"
        f"{name},BACKEND,{good},0,0,{all_bad},{rtime}\n"
    )


@pytest.fixture
def balancer(docker):
    started(docker, "elbv2", BALANCER)
    health = {
        GROUP: {
            "one": Health(state=State.HEALTHY),
            "two": Health(state=State.UNHEALTHY),
            "three": Health(state=State.DRAINING),
        }
    }
    made = SimpleNamespace(arn=BALANCER, name="web", target_group_arns=frozenset({GROUP}))
    return LoadBalancerMetrics(docker, SimpleNamespace(load_balancers=lambda: [made], health=lambda: health))


def grown(docker, balancer, **then):
    docker.outputs["load-balancer-metrics"] = statistics()
    list(balancer())
    docker.outputs["load-balancer-metrics"] = statistics(**then)
    return list(balancer())


def test_targets_are_counted_by_their_health(balancer):
    assert values(balancer(), **NAMES) == {"HealthyHostCount": 1, "UnHealthyHostCount": 1}


def test_the_answers_of_targets_are_told_from_those_of_the_load_balancer(docker, balancer):
    data = grown(docker, balancer, good=8, bad=2, all_bad=5, rtime=40)

    assert values(data, **NAMES) == {
        "HealthyHostCount": 1,
        "UnHealthyHostCount": 1,
        "RequestCount": 10,
        "HTTPCode_Target_2XX_Count": 8,
        "HTTPCode_Target_5XX_Count": 2,
        "TargetResponseTime": 0.04,
    }
    assert values(data, LoadBalancer="app/web/12") == {
        "RequestCount": 10,
        "HTTPCode_Target_2XX_Count": 8,
        "HTTPCode_Target_5XX_Count": 2,
        "HTTPCode_ELB_5XX_Count": 3,
    }


def test_what_nobody_asked_for_is_not_published(docker, balancer):
    data = grown(docker, balancer)

    assert values(data, LoadBalancer="app/web/12") == {"RequestCount": 0}


def test_a_counter_that_began_anew_grew_by_what_it_shows():
    counters = Counters()

    assert [counters.increase("a", value) for value in (5, 9, 9, 2)] == [0, 4, 0, 2]


def test_numbers_are_read_by_their_names():
    assert numbers("used_memory:5\r\nmaxmemory:7\n\n") == {"used_memory": 5, "maxmemory": 7}


class Aws:
    def __init__(self):
        self.calls = []

    def client(self, service, account, region):
        self.place = (service, account, region)
        return self

    def put_metric_data(self, Namespace, MetricData):  # noqa: N803 - boto3's names
        self.calls.append((*self.place, Namespace, [entry["MetricName"] for entry in MetricData]))


def test_each_minute_what_was_measured_is_published_where_it_belongs():
    aws, measured = Aws(), []

    def source():
        measured.append(1)
        yield Datum(resource=DATABASE, namespace="AWS/RDS", name="A", dimensions={}, value=1)
        yield Datum(resource=CACHE, namespace="AWS/ElastiCache", name="B", dimensions={}, value=1)

    controller = MetricsController(Config(instance="i", address="10.0.0.1", backing_image="b"), aws, [source])
    controller.reconcile()
    controller.reconcile()

    assert len(measured) == 1
    assert aws.calls == [
        ("cloudwatch", "000000000000", "us-east-1", "AWS/RDS", ["A"]),
        ("cloudwatch", "000000000000", "us-east-1", "AWS/ElastiCache", ["B"]),
    ]
