"""A load balancer that somebody else owns."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from synthesis import Synthesized, Visitor, synthesize

from kf_airflow import BucketRef, Ingress, IngressOptions, LoadBalancerRef, NetworkRef, OidcOptions

CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/1"
WEB_ACL = "arn:aws:wafv2:us-east-1:111122223333:regional/webacl/kf/1"
SHARED = LoadBalancerRef(
    arn="arn:lb",
    listener_arn="arn:listener",
    security_group_id="sg-lb",
    dns_name="shared.elb.amazonaws.com",
    zone_id="Z-ELB",
    first_priority=1000,
)
OPTIONS = IngressOptions(host="airflow.example.org", flower_host="flower.example.org", zone_id="Z1")
OIDC = OidcOptions(
    issuer="https://login.example.org",
    authorization_endpoint="https://login.example.org/authorize",
    token_endpoint="https://login.example.org/token",
    user_info_endpoint="https://login.example.org/userinfo",
    client_id="kf-airflow",
    client_secret_arn="arn:secret",
)


def _ingress(
    network: NetworkRef,
    options: IngressOptions | None = None,
    then: Callable[[Ingress], object] = lambda _: None,
    *,
    load_balancer: LoadBalancerRef = SHARED,
    access_logs: BucketRef | None = None,
) -> Synthesized:
    return synthesize(
        lambda stack: then(
            Ingress(
                stack,
                "ingress",
                name="kf",
                network=network,
                options=options,
                load_balancer=load_balancer,
                access_logs=access_logs,
            )
        )
    )


def test_nothing_of_the_load_balancer_is_made(network: NetworkRef) -> None:
    logs = BucketRef(name="logs", arn="arn:logs")

    assert _ingress(network, access_logs=logs).addresses == set()


def test_rules_are_added_from_the_priority_that_is_free(network: NetworkRef) -> None:
    def fill(ingress: Ingress) -> None:
        ingress.forward(Visitor())
        ingress.refuse("secrets", paths=["/secret"])

    ingress = _ingress(network, OPTIONS, fill)
    rules = [ingress.at(f"ingress/{id_}") for id_ in ("refuse-secrets", "forward-visitor")]

    assert [(rule["listener_arn"], rule["priority"]) for rule in rules] == [
        ("arn:listener", 1000),
        ("arn:listener", 1010),
    ]


def test_what_is_refused_is_refused_under_our_names_alone(network: NetworkRef) -> None:
    ingress = _ingress(network, OPTIONS, lambda ingress: ingress.refuse("secrets", paths=["/secret"]))

    assert ingress.only("aws_lb_listener_rule")["condition"] == [
        {"host_header": {"values": ["airflow.example.org", "flower.example.org"]}},
        {"path_pattern": {"values": ["/secret"]}},
    ]


def test_its_security_group_is_let_reach_the_targets(network: NetworkRef) -> None:
    ingress = _ingress(network, OPTIONS, lambda ingress: ingress.forward(Visitor()))
    out = ingress.at("ingress/port-8000-to-visitor")
    into = ingress.at("ingress/port-8000-into-visitor")

    assert (out["security_group_id"], out["referenced_security_group_id"]) == ("sg-lb", "sg-visitor")
    assert (into["security_group_id"], into["referenced_security_group_id"]) == ("sg-visitor", "sg-lb")


def test_a_port_inside_is_a_listener_of_ours_on_it(network: NetworkRef) -> None:
    ingress = _ingress(
        network,
        then=lambda ingress: ingress.forward_inside(Visitor(), port=9000, source=Visitor(name="source")),
    )

    assert ingress.at("ingress/inside-visitor")["load_balancer_arn"] == "arn:lb"
    assert ingress.at("ingress/port-9000-from-source")["security_group_id"] == "sg-lb"


def test_records_lead_to_it(network: NetworkRef) -> None:
    assert _ingress(network, OPTIONS).at("ingress/record-host")["alias"] == {
        "name": "shared.elb.amazonaws.com",
        "zone_id": "Z-ELB",
        "evaluate_target_health": False,
    }


def test_its_owner_lets_it_out_to_the_provider_of_a_login(network: NetworkRef) -> None:
    options = IngressOptions(host="airflow.example.org", oidc=OIDC)
    ingress = _ingress(network, options, lambda ingress: ingress.forward(Visitor(target_ports=())))

    assert ingress.all("aws_vpc_security_group_egress_rule") == []
    assert [action["type"] for action in ingress.only("aws_lb_listener_rule")["action"]] == [
        "authenticate-oidc",
        "forward",
    ]


@pytest.mark.parametrize(
    ("load_balancer", "url"),
    [
        (SHARED, "https://shared.elb.amazonaws.com"),
        (replace(SHARED, https=False), "http://shared.elb.amazonaws.com"),
    ],
)
def test_its_address_is_its_own_without_a_host(
    network: NetworkRef, load_balancer: LoadBalancerRef, url: str
) -> None:
    urls: list[str] = []
    _ingress(network, then=lambda ingress: urls.append(ingress.url), load_balancer=load_balancer)

    assert urls == [url]


def test_what_no_rule_names_is_its_owner_s(network: NetworkRef) -> None:
    with pytest.raises(ValueError, match="hosts and paths of 'visitor' are empty, as is host of the options"):
        _ingress(network, then=lambda ingress: ingress.forward(Visitor()))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"internal": False, "allowed_cidrs": ("10.0.0.0/8",)}, "internal is false: allowed is to leave it"),
        ({"allowed_cidrs": ("10.0.0.0/8",)}, "allowed_cidrs is ('10.0.0.0/8',): allowed is to leave it out"),
        ({"certificate_arn": CERTIFICATE}, f"certificate_arn is {CERTIFICATE!r}: allowed is to leave it out"),
        ({"idle_timeout_seconds": 60}, "idle_timeout_seconds is 60: allowed is to leave it out"),
        ({"deletion_protection": False}, "deletion_protection is false: allowed is to leave it out"),
        (
            {"web_acl_arn": WEB_ACL},
            f"web_acl_arn is {WEB_ACL!r}: allowed is to leave it out",
        ),
    ],
)
def test_what_is_for_its_owner_to_decide_is_refused(
    network: NetworkRef, values: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        _ingress(network, IngressOptions(**values))


def test_records_without_its_zone_are_refused(network: NetworkRef) -> None:
    with pytest.raises(ValueError, match="zone_id is 'Z1': allowed with the zone_id of the load balancer"):
        _ingress(network, OPTIONS, load_balancer=replace(SHARED, zone_id=None))


def test_a_login_over_plain_http_is_refused(network: NetworkRef) -> None:
    with pytest.raises(
        ValueError, match="oidc is set: allowed with HTTPS, and https of the load balancer is"
    ):
        _ingress(network, IngressOptions(oidc=OIDC), load_balancer=replace(SHARED, https=False))
