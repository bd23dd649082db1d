"""Cloud Map's instances as moto records them."""

import pytest
from moto.servicediscovery.models import servicediscovery_backends

from localstack_dataplane.cloud_map import Instance
from localstack_dataplane.ecs.instances import TaskInstance
from localstack_dataplane.moto_state.cloud_map import MotoCloudMap

TASK = {"AWS_INSTANCE_IPV4": "10.0.0.1", "AWS_INSTANCE_PORT": "80", "ECS_CLUSTER_NAME": "c"}


@pytest.fixture(params=[{"FailureThreshold": 1}, None])
def service(request):
    """A service with and without custom health."""
    backend = servicediscovery_backends["123456789012"]["us-east-1"]
    backend.reset()
    backend.create_private_dns_namespace("ns", "", "", "vpc", [], {})
    (namespace,) = backend.namespaces
    made = backend.create_service(
        name="web",
        namespace_id=namespace,
        creator_request_id="",
        description="",
        dns_config={"DnsRecords": [{"Type": "A", "TTL": 5}]},
        health_check_config=None,
        health_check_custom_config=request.param,
        tags=[],
        service_type="DNS",
    )
    yield made
    backend.reset()


def only(state):
    (found,) = state.dns_services()
    return found


def test_instances_follow_the_tasks(service):
    state = MotoCloudMap()
    state.sync({service.arn: {"t": TaskInstance(attributes=TASK, healthy=True)}})
    assert (only(state).host, only(state).instances) == (
        "web.ns",
        (Instance(id="t", address="10.0.0.1", port=80),),
    )
    state.sync({})
    assert only(state).instances == ()


def test_only_a_custom_health_check_makes_an_instance_unhealthy(service):
    state, custom = MotoCloudMap(), service.health_check_custom_config is not None
    for healthy in (True, False, True):
        state.sync({service.arn: {"t": TaskInstance(attributes=TASK, healthy=healthy)}})
        assert only(state).instances[0].healthy is (healthy or not custom)


def test_instances_of_others_stay(service):
    state = MotoCloudMap()
    backend = servicediscovery_backends["123456789012"]["us-east-1"]
    backend.register_instance(service.id, "mine", "", {"AWS_INSTANCE_IPV4": "10.0.0.9"})
    state.sync({})
    assert [item.id for item in only(state).instances] == ["mine"]


def test_a_service_without_dns_records_has_no_name(service):
    service.dns_config = None
    assert MotoCloudMap().dns_services() == []
