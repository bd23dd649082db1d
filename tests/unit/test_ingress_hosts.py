"""Host names: rules, records and addresses."""

from collections.abc import Callable

import pytest
from synthesis import Synthesized, Visitor, synthesize

from kf_airflow import Ingress, IngressOptions, NetworkRef

HOST = IngressOptions(host="airflow.example.org")
CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/1"


def _ingress(
    network: NetworkRef, options: IngressOptions, then: Callable[[Ingress], object] = lambda _: None
) -> Synthesized:
    return synthesize(
        lambda stack: then(Ingress(stack, "ingress", name="kf", network=network, options=options))
    )


def _urls(network: NetworkRef, options: IngressOptions) -> list[str]:
    urls: list[str] = []
    _ingress(
        network, options, lambda ingress: urls.extend([ingress.url, ingress.url_of("flower.example.org")])
    )
    return urls


def test_what_has_no_paths_gets_everything_of_its_host_and_nothing_else(network: NetworkRef) -> None:
    ingress = _ingress(network, HOST, lambda ingress: ingress.forward(Visitor()))
    (otherwise,) = ingress.only("aws_lb_listener")["default_action"]

    assert ingress.at("ingress/forward-visitor")["condition"] == [
        {"host_header": {"values": ["airflow.example.org"]}}
    ]
    assert otherwise["fixed_response"]["status_code"] == "404"


def test_a_target_waits_for_the_rule_of_its_host(network: NetworkRef) -> None:
    visitor = Visitor()
    _ingress(network, HOST, lambda ingress: ingress.forward(visitor))

    assert visitor.awaited == ["forward-visitor", "port-8000-into-visitor"]


def test_what_names_a_host_of_its_own_gets_that(network: NetworkRef) -> None:
    ingress = _ingress(
        network,
        HOST,
        lambda ingress: ingress.forward(Visitor(), hosts=["flower.example.org"], paths=["/a/*"]),
    )

    assert ingress.only("aws_lb_listener_rule")["condition"] == [
        {"host_header": {"values": ["flower.example.org"]}},
        {"path_pattern": {"values": ["/a/*"]}},
    ]


def test_what_is_refused_is_refused_under_every_name(network: NetworkRef) -> None:
    ingress = _ingress(network, HOST, lambda ingress: ingress.refuse("secrets", paths=["/secret"]))

    assert ingress.only("aws_lb_listener_rule")["condition"] == [{"path_pattern": {"values": ["/secret"]}}]


def test_a_host_can_be_refused_a_path_alone(network: NetworkRef) -> None:
    ingress = _ingress(
        network, HOST, lambda ingress: ingress.refuse("all", paths=["/*"], hosts=["old.example.org"])
    )

    assert ingress.only("aws_lb_listener_rule")["condition"] == [
        {"host_header": {"values": ["old.example.org"]}},
        {"path_pattern": {"values": ["/*"]}},
    ]


def test_a_redirect_leads_to_another_path_of_the_same_host(network: NetworkRef) -> None:
    ingress = _ingress(
        network,
        HOST,
        lambda ingress: ingress.redirect(
            "root", hosts=["flower.example.org"], paths=["/"], to_path="/flower/"
        ),
    )
    rule = ingress.at("ingress/redirect-root")

    assert rule["action"] == [
        {"type": "redirect", "redirect": {"path": "/flower/", "status_code": "HTTP_302"}}
    ]
    assert rule["condition"] == [
        {"host_header": {"values": ["flower.example.org"]}},
        {"path_pattern": {"values": ["/"]}},
    ]


def test_no_record_is_made_without_a_zone(network: NetworkRef) -> None:
    assert _ingress(network, HOST).all("aws_route53_record") == []


def test_records_lead_the_host_names_to_the_load_balancer(network: NetworkRef) -> None:
    options = IngressOptions(host="airflow.example.org", flower_host="flower.example.org", zone_id="Z1")
    ingress = _ingress(network, options)
    (balancer,) = ingress.document["resource"]["aws_lb"]
    alias = {
        "name": f"${{aws_lb.{balancer}.dns_name}}",
        "zone_id": f"${{aws_lb.{balancer}.zone_id}}",
        "evaluate_target_health": False,
    }

    assert ingress.at("ingress/record-host") == {
        "zone_id": "Z1",
        "name": "airflow.example.org",
        "type": "A",
        "alias": alias,
    }
    assert ingress.at("ingress/record-flower-host")["name"] == "flower.example.org"


@pytest.mark.parametrize(
    ("options", "urls"),
    [
        (HOST, ["http://airflow.example.org", "http://flower.example.org"]),
        (
            IngressOptions(host="airflow.example.org", certificate_arn=CERTIFICATE),
            ["https://airflow.example.org", "https://flower.example.org"],
        ),
    ],
)
def test_its_address_is_that_of_its_host(
    network: NetworkRef, options: IngressOptions, urls: list[str]
) -> None:
    assert _urls(network, options) == urls


def test_without_a_host_its_address_is_its_own(network: NetworkRef) -> None:
    url, _ = _urls(network, IngressOptions())

    assert url.startswith("http://${TfToken")


def test_more_host_names_and_paths_than_a_rule_has_room_for_are_refused(network: NetworkRef) -> None:
    with pytest.raises(ValueError, match=r"a rule has 6 values .*: allowed are 5"):
        _ingress(
            network, HOST, lambda ingress: ingress.forward(Visitor(), paths=["/a", "/b", "/c", "/d", "/e"])
        )


def test_a_redirect_to_no_path_is_refused(network: NetworkRef) -> None:
    with pytest.raises(ValueError, match="to_path is 'flower': allowed is a path, a slash first"):
        _ingress(
            network, HOST, lambda ingress: ingress.redirect("root", hosts=[], paths=["/"], to_path="flower")
        )
