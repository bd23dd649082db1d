"""What the report of the end-to-end tests draws of a synthesized stack."""

import pytest
from e2e_report import drawing
from e2e_report.deployed import Deployed, Part
from e2e_report.synthesized import SynthesizedStack
from stacks import synthesized


@pytest.fixture(scope="module")
def deployed() -> Deployed:
    """The local environment."""
    return Deployed.of(synthesized("config/local").document)


def one(deployed: Deployed, kind: str, name: str) -> Part:
    (part,) = (part for part in deployed.parts if part.kind.startswith(kind) and part.name == name)
    return part


def talks(deployed: Deployed) -> set[tuple[str, str, str]]:
    names = {part.address: f"{part.kind.split(',')[0]} {part.name}" for part in deployed.parts}
    return {
        (names.get(talk.source, talk.source), names.get(talk.target, talk.target), talk.what)
        for talk in deployed.talks
    }


def test_a_service_is_drawn_with_its_containers_and_their_ports(deployed: Deployed) -> None:
    assert one(deployed, "ECS service", "kf-airflow-local-airflow").containers == (
        "migrate (not essential)",
        "webserver :8080",
        "scheduler",
        "dag-processor",
        "triggerer :8794",
        "metrics (not essential)",
    )


def test_a_service_is_drawn_with_its_size_and_private_name(deployed: Deployed) -> None:
    assert one(deployed, "ECS service", "kf-airflow-local-airflow").facts == (
        "1 x 1024 CPU units, 4096 MiB",
        "webserver.kf-airflow-local.internal",
    )


def test_a_load_balancer_is_drawn_with_what_it_forwards_where(deployed: Deployed) -> None:
    assert set(one(deployed, "load balancer", "kf-airflow-local").facts) == {
        "80 HTTP: kf-airflow-local-airflow",
        "80 HTTP /flower /flower/*: kf-airflow-local-flower",
        "80 HTTP /execution /execution/* /flower/metrics: fixed-response",
        "8793 HTTP: kf-airflow-local-worker",
    }


def test_stores_and_buckets_are_drawn(deployed: Deployed) -> None:
    assert one(deployed, "RDS, postgres 17", "kf-airflow-local").facts == ("db.t4g.micro",)
    assert one(deployed, "ElastiCache, redis 7.1", "kf-airflow-local").facts == ("1 x cache.t4g.micro",)
    assert {part.name for part in deployed.parts if part.kind == "S3 bucket"} == {
        "kf-airflow-local-logs-...",
        "kf-airflow-local-access-logs-...",
    }


@pytest.mark.parametrize("kind", ["ECS service", "RDS", "ElastiCache", "load balancer"])
def test_what_runs_is_drawn_in_the_private_subnets(deployed: Deployed, kind: str) -> None:
    private = {subnet.address for subnet in deployed.subnets if "private" in subnet.name}

    found = [set(part.subnets) for part in deployed.parts if part.kind.startswith(kind)]

    assert found
    assert all(subnets == private for subnets in found)


def test_arrows_are_what_security_groups_and_policies_allow(deployed: Deployed) -> None:
    airflow, worker, flower = (
        f"ECS service kf-airflow-local-{name}" for name in ("airflow", "worker", "flower")
    )
    balancer, bucket = "load balancer kf-airflow-local", "S3 bucket kf-airflow-local-logs-..."
    access_logs = "S3 bucket kf-airflow-local-access-logs-..."

    assert talks(deployed) == {
        ("10.20.0.0/16", balancer, "80"),
        (balancer, airflow, "8080"),
        (balancer, flower, "5555"),
        (balancer, worker, "8793, 8795"),
        (airflow, balancer, "8793"),
        (airflow, airflow, "8080, 8794"),
        (airflow, worker, "8793"),
        (worker, airflow, "8080"),
        *((service, "ElastiCache kf-airflow-local", "6379") for service in (airflow, worker, flower)),
        *((service, "RDS kf-airflow-local", "5432") for service in (airflow, worker)),
        *((service, "0.0.0.0/0", "any port") for service in (airflow, worker, flower)),
        ("NAT gateway kf-airflow-local-nat-0", "0.0.0.0/0", "route"),
        (airflow, bucket, "dags: read, write, delete; logs: read, write"),
        (worker, bucket, "dags: read; logs: read, write"),
        (balancer, access_logs, "access logs"),
        (bucket, access_logs, "access logs"),
    }


def test_a_proxy_before_the_database_is_drawn_between() -> None:
    deployed = Deployed.of(synthesized("examples/everything").document)
    proxy = one(deployed, "RDS Proxy", "etl-everything")

    ends = {("from", talk.source) for talk in deployed.talks if talk.target == proxy.address}
    ends |= {("to", talk.target) for talk in deployed.talks if talk.source == proxy.address}

    assert ("to", one(deployed, "RDS, postgres", "etl-everything").address) in ends
    assert ("from", one(deployed, "ECS service", "etl-everything-worker").address) in ends


@pytest.mark.parametrize(
    "stack",
    ["config/local", "examples/everything", "examples/public_ingress", "examples/brought_load_balancer"],
)
def test_every_arrow_leads_from_something_drawn_to_something_drawn(stack: str) -> None:
    deployed = Deployed.of(synthesized(stack).document)
    graph = drawing.graph(deployed)
    (network,) = graph["subgraphs"]
    groups = [graph, network, *network["subgraphs"]]
    drawn = {node["name"] for group in groups for node in group["nodes"]}

    assert {end for edge in graph["edges"] for end in (edge["tail"], edge["head"])} <= drawn
    assert {part.address for part in deployed.parts} <= drawn


def test_of_two_who_talk_to_each_other_one_is_drawn_above_the_other(deployed: Deployed) -> None:
    airflow = one(deployed, "ECS service", "kf-airflow-local-airflow").address
    worker = one(deployed, "ECS service", "kf-airflow-local-worker").address

    above = {
        (edge["tail"], edge["head"]): edge["attributes"]["constraint"]
        for edge in drawing.graph(deployed)["edges"]
    }

    assert (above[airflow, worker], above[worker, airflow]) == (True, False)


def test_a_subnet_that_nothing_is_in_is_drawn_too(deployed: Deployed) -> None:
    (network,) = drawing.graph(deployed)["subgraphs"]

    labels = [node["attributes"]["label"] for node in network["nodes"]]

    assert "subnet kf-airflow-local-public-1\n10.20.160.0/21\nnothing in it" in labels


def test_what_a_name_has_in_it_cannot_change_the_picture() -> None:
    stack = Deployed("", (), (Part("aws_lb.it", "load balancer", "<b>&"),), ())

    (node,) = drawing.graph(stack)["nodes"]

    assert "<B>&lt;b&gt;&amp;</B>" in node["attributes"]["label"]["html"]


def test_a_network_that_is_not_the_stack_s_own_is_drawn_by_what_refers_to_it() -> None:
    deployed = Deployed.of(synthesized("examples/existing_network").document)

    assert deployed.subnets == ()
    assert all(part.subnets for part in deployed.parts if part.kind == "ECS service")


def test_nothing_is_drawn_of_an_empty_stack() -> None:
    assert Deployed.of({}) == Deployed("", (), (), ())


def test_a_reference_by_way_of_another_resource_is_followed() -> None:
    association = {"subnet_id": "${aws_subnet.one.id}"}
    stack = SynthesizedStack({"resource": {"aws_route_table_association": {"it": association}}})

    assert stack.address("${aws_route_table_association.it.subnet_id}") == "aws_subnet.one"
