"""Records of Cloud Map, and what it refuses."""

import pytest

from localstack_dataplane.cloud_map import DnsService, Instance, records
from localstack_dataplane.cloud_map_checks import instance_problem, service_problem

ONE = Instance(id="one", address="10.0.0.1", port=8080)
TWO = Instance(id="two", address="10.0.0.2", port=8081, healthy=False)


def web(*types, **values):
    return DnsService(host="web.ns", types=frozenset(types), instances=(ONE, TWO), **values)


def test_a_records_are_those_of_the_healthy_instances():
    assert records([web("A")]).addresses == {"web.ns": ["10.0.0.1"]}


def test_service_records_name_a_host_for_each_instance():
    found = records([web("SRV")])
    assert found.services == {"web.ns": [(8080, "one.web.ns")]}
    assert found.addresses == {"web.ns": [], "one.web.ns": ["10.0.0.1"]}


def test_weighted_routing_answers_with_one_and_where_none_is_healthy_with_any():
    sick = DnsService(host="web.ns", types=frozenset({"A"}), weighted=True, instances=(TWO,))
    found = records([sick])
    assert (found.addresses, found.limits) == ({"web.ns": ["10.0.0.2"]}, {"web.ns": 1})


def test_other_routing_answers_with_up_to_eight():
    assert records([web("A")]).limits == {"web.ns": 8}


def dns(*types, **values):
    return {"DnsConfig": {"DnsRecords": [{"Type": kind, "TTL": 10} for kind in types], **values}}


@pytest.mark.parametrize(
    "request_", [dns("A"), dns("A", "AAAA"), dns("SRV"), dns("CNAME", RoutingPolicy="WEIGHTED"), {}]
)
def test_a_service_is_taken(request_):
    assert not service_problem(request_, http_namespace=False)


@pytest.mark.parametrize(
    "request_",
    [
        dns("A", "SRV"),
        dns(),
        dns("CNAME"),
        {"HealthCheckConfig": {"Type": "HTTP"}, "HealthCheckCustomConfig": {}},
    ],
)
def test_a_service_is_refused(request_):
    assert service_problem({"DnsConfig": {"DnsRecords": []}} | request_, http_namespace=False)


def test_a_service_of_an_http_namespace_has_no_dns():
    assert service_problem(dns("A"), http_namespace=True)


A = {"AWS_INSTANCE_IPV4": "10.0.0.1"}


@pytest.mark.parametrize(
    ("types", "attributes"),
    [
        (["A"], A),
        (["SRV"], A | {"AWS_INSTANCE_PORT": "80"}),
        (["A"], {"AWS_ALIAS_DNS_NAME": "web.elb.amazonaws.com"}),
        ([], {"color": "red"}),
    ],
)
def test_an_instance_is_taken(types, attributes):
    assert not instance_problem(types, attributes, custom_health=False)


@pytest.mark.parametrize(
    ("types", "attributes"),
    [
        (["A"], {}),
        (["A"], {"AWS_INSTANCE_IPV4": "web"}),
        (["SRV"], A),
        (["SRV"], {"AWS_INSTANCE_PORT": "80"}),
        (["SRV"], A | {"AWS_INSTANCE_PORT": "0"}),
        (["A"], A | {"AWS_ALIAS_DNS_NAME": "x"}),
        (["A"], A | {"AWS_INIT_HEALTH_STATUS": "HEALTHY"}),
    ],
)
def test_an_instance_is_refused(types, attributes):
    assert instance_problem(types, attributes, custom_health=False)


def test_the_first_health_is_one_of_two():
    assert instance_problem(["A"], A | {"AWS_INIT_HEALTH_STATUS": "FINE"}, custom_health=True)
