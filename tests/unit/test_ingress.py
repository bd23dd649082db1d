from collections.abc import Callable

import pytest
from synthesis import Synthesized, Visitor, synthesize

from kf_airflow import BucketRef, Ingress, IngressOptions, NetworkRef

SECOND, THIRD = (f"arn:aws:acm:us-east-1:111122223333:certificate/{number}" for number in (2, 3))
LOGS = BucketRef(name="logs", arn="arn:logs", prefix="access")


def _ingress(
    network: NetworkRef,
    options: IngressOptions | None = None,
    then: Callable[[Ingress], object] = lambda _: None,
    access_logs: BucketRef | None = None,
) -> Synthesized:
    return synthesize(
        lambda stack: then(
            Ingress(stack, "ingress", name="kf", network=network, options=options, access_logs=access_logs)
        )
    )


@pytest.fixture(scope="module")
def minimal(network: NetworkRef) -> Synthesized:
    return _ingress(network)


def test_a_minimal_load_balancer_is_internal_and_protected(minimal: Synthesized) -> None:
    balancer = minimal.only("aws_lb")
    expected = {
        "internal": True,
        "subnets": ["subnet-1", "subnet-2"],
        "drop_invalid_header_fields": True,
        "enable_deletion_protection": True,
    }

    assert {key: balancer[key] for key in expected} == expected


def test_it_refuses_what_could_smuggle_requests_and_leaves_hosts_as_they_are(minimal: Synthesized) -> None:
    balancer = minimal.only("aws_lb")
    expected = {
        "desync_mitigation_mode": "defensive",
        "preserve_host_header": True,
        "xff_header_processing_mode": "append",
        "enable_http2": True,
    }

    assert {key: balancer[key] for key in expected} == expected


def test_it_keeps_no_logs_unless_it_is_given_a_bucket(minimal: Synthesized) -> None:
    balancer = minimal.only("aws_lb")

    assert {"access_logs", "connection_logs"} & balancer.keys() == set()


def test_it_admits_its_own_network(minimal: Synthesized) -> None:
    rules = minimal.all("aws_vpc_security_group_ingress_rule")

    assert [(rule["cidr_ipv4"], rule["from_port"]) for rule in rules] == [("10.0.0.0/16", 80)]


def test_it_serves_nothing_at_first(minimal: Synthesized) -> None:
    (action,) = minimal.only("aws_lb_listener")["default_action"]

    assert action["fixed_response"]["status_code"] == "404"


def test_with_a_certificate_it_serves_https_and_redirects_to_it(network: NetworkRef) -> None:
    options = IngressOptions(
        certificate_arn="arn:aws:acm:us-east-1:111122223333:certificate/1", allowed_cidrs=("10.9.0.0/16",)
    )
    ingress = _ingress(network, options)
    listener, redirect = ingress.at("ingress/listener"), ingress.at("ingress/redirect")

    assert (listener["port"], listener["protocol"], listener["ssl_policy"]) == (
        443,
        "HTTPS",
        "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
    )
    assert redirect["default_action"][0]["redirect"] == {
        "port": "443",
        "protocol": "HTTPS",
        "status_code": "HTTP_301",
    }


def test_further_certificates_are_added_to_the_listener(network: NetworkRef) -> None:
    options = IngressOptions(
        certificate_arn="arn:aws:acm:us-east-1:111122223333:certificate/1",
        extra_certificate_arns=(SECOND, THIRD),
        tls_policy="ELBSecurityPolicy-TLS13-1-3-2021-06",
    )
    ingress = _ingress(network, options)

    assert [item["certificate_arn"] for item in ingress.all("aws_lb_listener_certificate")] == [
        SECOND,
        THIRD,
    ]
    assert ingress.at("ingress/listener")["ssl_policy"] == "ELBSecurityPolicy-TLS13-1-3-2021-06"


def test_requests_and_connections_are_logged_below_the_prefix_of_the_bucket(network: NetworkRef) -> None:
    balancer = _ingress(network, access_logs=LOGS).only("aws_lb")
    expected = {"bucket": "logs", "prefix": "access/load-balancer", "enabled": True}

    assert (balancer["access_logs"], balancer["connection_logs"]) == (expected, expected)


def test_a_web_acl_filters_what_comes_in(network: NetworkRef) -> None:
    association = _ingress(
        network, IngressOptions(web_acl_arn="arn:aws:wafv2:us-east-1:111122223333:regional/webacl/kf/1")
    ).only("aws_wafv2_web_acl_association")

    assert association["web_acl_arn"] == "arn:aws:wafv2:us-east-1:111122223333:regional/webacl/kf/1"


def test_a_load_balancer_for_the_internet_admits_whom_it_names(network: NetworkRef) -> None:
    options = IngressOptions(
        internal=False,
        allowed_cidrs=("0.0.0.0/0",),
        idle_timeout_seconds=60,
        deletion_protection=False,
    )
    ingress = _ingress(network, options)
    balancer = ingress.only("aws_lb")

    assert (balancer["subnets"], balancer["idle_timeout"], balancer["enable_deletion_protection"]) == (
        ["subnet-3", "subnet-4"],
        60,
        False,
    )
    assert ingress.only("aws_vpc_security_group_ingress_rule")["cidr_ipv4"] == "0.0.0.0/0"


def test_what_has_no_paths_gets_everything_else(network: NetworkRef) -> None:
    ingress = _ingress(network, then=lambda ingress: ingress.forward(Visitor()))

    assert ingress.only("aws_lb_listener")["default_action"] == [
        {"type": "forward", "target_group_arn": "arn:target-group"}
    ]


def test_what_has_paths_gets_those(network: NetworkRef) -> None:
    ingress = _ingress(network, then=lambda ingress: ingress.forward(Visitor(), paths=["/a", "/a/*"]))

    assert ingress.only("aws_lb_listener_rule")["condition"] == [{"path_pattern": {"values": ["/a", "/a/*"]}}]


def test_earlier_calls_win(network: NetworkRef) -> None:
    def fill(ingress: Ingress) -> None:
        ingress.refuse("secrets", paths=["/a/secret"])
        ingress.forward(Visitor(), paths=["/a/*"])

    stack = _ingress(network, then=fill)

    assert stack.at("ingress/refuse-secrets")["priority"] < stack.at("ingress/forward-visitor")["priority"]


def test_what_is_refused_later_is_refused_all_the_same(network: NetworkRef) -> None:
    def fill(ingress: Ingress) -> None:
        ingress.forward(Visitor(), paths=["/a/*"])
        ingress.refuse("secrets", paths=["/a/secret"])

    stack = _ingress(network, then=fill)

    assert stack.at("ingress/refuse-secrets")["priority"] < stack.at("ingress/forward-visitor")["priority"]


def test_what_is_refused_is_answered_403(network: NetworkRef) -> None:
    ingress = _ingress(network, then=lambda ingress: ingress.refuse("secrets", paths=["/secret"]))
    (action,) = ingress.only("aws_lb_listener_rule")["action"]

    assert (action["type"], action["fixed_response"]["status_code"]) == ("fixed-response", "403")


def test_a_target_is_reached_on_its_ports_alone_and_waits_for_that(network: NetworkRef) -> None:
    visitor = Visitor(target_ports=(8000, 8001))
    ingress = _ingress(network, then=lambda ingress: ingress.forward(visitor))
    into = [
        (rule["security_group_id"], rule["from_port"], rule["to_port"])
        for rule in ingress.all("aws_vpc_security_group_ingress_rule")
        if "referenced_security_group_id" in rule
    ]

    assert into == [("sg-visitor", 8000, 8000), ("sg-visitor", 8001, 8001)]
    assert visitor.awaited == ["listener", "port-8000-into-visitor", "port-8001-into-visitor"]


def test_the_load_balancer_may_connect_to_its_targets_alone(network: NetworkRef) -> None:
    ingress = _ingress(network, then=lambda ingress: ingress.forward(Visitor()))
    rule = ingress.only("aws_vpc_security_group_egress_rule")

    assert (rule["referenced_security_group_id"], rule["from_port"]) == ("sg-visitor", 8000)


def test_a_port_inside_is_for_one_source_alone(network: NetworkRef) -> None:
    source = Visitor(name="source", security_group_id="sg-source")
    ingress = _ingress(
        network, then=lambda ingress: ingress.forward_inside(Visitor(), port=9000, source=source)
    )
    rule = ingress.at("ingress/port-9000-from-source")

    assert (ingress.at("ingress/inside-visitor")["port"], rule["referenced_security_group_id"]) == (
        9000,
        "sg-source",
    )
    assert "cidr_ipv4" not in rule


def test_paths_of_a_port_inside_can_have_targets_of_their_own(network: NetworkRef) -> None:
    source = Visitor(name="source", security_group_id="sg-source")
    other = Visitor(name="other", target_group_arn="arn:other")

    def fill(ingress: Ingress) -> None:
        ingress.forward_inside(Visitor(), port=9000, source=source)
        ingress.forward_inside(other, port=9000, source=source, paths=["/other/*"])

    ingress = _ingress(network, then=fill)
    rule = ingress.at("ingress/inside-other")

    assert rule["listener_arn"].startswith("${aws_lb_listener.ingress_inside-visitor_")
    assert rule["action"] == [{"type": "forward", "target_group_arn": "arn:other"}]
    assert other.awaited == ["inside-other", "port-8000-into-other"]
    assert source.awaited == ["port-9000-from-source"]


@pytest.mark.parametrize(("first", "second"), [(["/a"], []), ([], [])])
def test_a_port_inside_without_one_target_for_the_rest_is_refused(
    network: NetworkRef, first: list[str], second: list[str]
) -> None:
    def fill(ingress: Ingress) -> None:
        ingress.forward_inside(Visitor(), port=9000, source=Visitor(name="source"), paths=first)
        ingress.forward_inside(Visitor(name="other"), port=9000, source=Visitor(name="source"), paths=second)

    with pytest.raises(ValueError, match="allowed are none in the first call for port 9000, and some in all"):
        _ingress(network, then=fill)


def test_a_bucket_encrypted_with_a_key_is_refused_for_logs(network: NetworkRef) -> None:
    bucket = BucketRef(name="logs", arn="arn:logs", key_arn="arn:key")

    with pytest.raises(ValueError, match="access_logs has the key 'arn:key': allowed is a bucket without"):
        _ingress(network, access_logs=bucket)


def test_an_open_load_balancer_without_public_subnets_is_refused() -> None:
    network = NetworkRef(vpc_id="vpc-1", private_subnet_ids=("subnet-1", "subnet-2"))
    options = IngressOptions(internal=False, allowed_cidrs=("10.0.0.0/8",))

    with pytest.raises(ValueError, match="internal is false, but the network has no public subnets"):
        _ingress(network, options)


def test_an_unknown_network_without_allowed_cidrs_is_refused() -> None:
    network = NetworkRef(vpc_id="vpc-1", private_subnet_ids=("subnet-1", "subnet-2"))

    with pytest.raises(ValueError, match="allowed_cidrs is not set"):
        _ingress(network)
