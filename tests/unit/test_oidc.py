"""The login at the load balancer."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from synthesis import Synthesized, Visitor, synthesize

from kf_airflow import Ingress, IngressOptions, NetworkRef, OidcOptions

OIDC = OidcOptions(
    issuer="https://login.example.org",
    authorization_endpoint="https://login.example.org/authorize",
    token_endpoint="https://login.example.org/token",
    user_info_endpoint="https://login.example.org/userinfo",
    client_id="kf-airflow",
    client_secret_arn="arn:secret",
)
OPTIONS = IngressOptions(certificate_arn="arn:aws:acm:us-east-1:111122223333:certificate/1", oidc=OIDC)


def _ingress(
    network: NetworkRef,
    options: IngressOptions = OPTIONS,
    then: Callable[[Ingress], object] = lambda _: None,
) -> Synthesized:
    return synthesize(
        lambda stack: then(Ingress(stack, "ingress", name="kf", network=network, options=options))
    )


@pytest.fixture(scope="module")
def behind(network: NetworkRef) -> Synthesized:
    """A load balancer behind whose login stand a path and everything else."""

    def fill(ingress: Ingress) -> None:
        ingress.forward(Visitor(name="flower"), paths=["/flower/*"], exempt_paths=["/flower/healthcheck"])
        ingress.forward(Visitor(name="airflow"), exempt_paths=["/health"])

    return _ingress(network, then=fill)


def _types(actions: list[dict[str, Any]]) -> list[tuple[str, int | None]]:
    return [(action["type"], action.get("order")) for action in actions]


LOGIN_THEN_FORWARD = [("authenticate-oidc", 1), ("forward", 2)]


def test_whoever_comes_for_a_path_has_to_log_in(behind: Synthesized) -> None:
    assert _types(behind.at("ingress/forward-flower")["action"]) == LOGIN_THEN_FORWARD


def test_whoever_comes_for_anything_else_has_to_log_in(behind: Synthesized) -> None:
    assert _types(behind.at("ingress/listener")["default_action"]) == LOGIN_THEN_FORWARD


def test_both_log_in_alike(behind: Synthesized) -> None:
    login = behind.at("ingress/listener")["default_action"][0]["authenticate_oidc"]
    expected = {
        "issuer": "https://login.example.org",
        "authorization_endpoint": "https://login.example.org/authorize",
        "token_endpoint": "https://login.example.org/token",
        "user_info_endpoint": "https://login.example.org/userinfo",
        "client_id": "kf-airflow",
        "scope": "openid",
        "session_timeout": 43200,
        "on_unauthenticated_request": "authenticate",
    }

    assert {key: value for key, value in login.items() if key != "client_secret"} == expected
    assert behind.at("ingress/forward-flower")["action"][0]["authenticate_oidc"] == login


def test_the_client_s_secret_is_read_when_terraform_plans(behind: Synthesized) -> None:
    login = behind.at("ingress/listener")["default_action"][0]["authenticate_oidc"]
    (secret,) = behind.document["data"]["aws_secretsmanager_secret_version"].items()
    id_, block = secret

    assert block["secret_id"] == "arn:secret"
    assert login["client_secret"] == (
        f'${{jsondecode(data.aws_secretsmanager_secret_version.{id_}.secret_string)["client_secret"]}}'
    )


def test_health_can_be_read_without_and_nothing_else_be_done_there(behind: Synthesized) -> None:
    rule = behind.at("ingress/exempt-airflow")

    assert rule["action"] == [{"type": "forward", "target_group_arn": "arn:target-group"}]
    assert rule["condition"] == [
        {"path_pattern": {"values": ["/health"]}},
        {"http_request_method": {"values": ["GET"]}},
    ]


def test_what_is_exempt_comes_before_what_is_not(behind: Synthesized) -> None:
    priorities = [
        behind.at(f"ingress/{id_}")["priority"]
        for id_ in ("exempt-flower", "forward-flower", "exempt-airflow")
    ]

    assert priorities == sorted(priorities)


def test_the_load_balancer_may_ask_the_provider_who_somebody_is(behind: Synthesized) -> None:
    rule = behind.at("ingress/to-identity-provider")

    assert (rule["cidr_ipv4"], rule["ip_protocol"], rule["from_port"], rule["to_port"]) == (
        "0.0.0.0/0",
        "tcp",
        443,
        443,
    )


def test_what_the_options_exempt_is_that_of_what_serves_all_paths(network: NetworkRef) -> None:
    options = replace(OPTIONS, host="airflow.example.org", oidc=replace(OIDC, exempt_paths=("/static/*",)))

    def fill(ingress: Ingress) -> None:
        ingress.forward(Visitor(name="flower"), paths=["/flower/*"])
        ingress.forward(Visitor(name="airflow"))

    ingress = _ingress(network, options, fill)
    exempt = [rule["condition"] for rule in ingress.all("aws_lb_listener_rule") if len(rule["action"]) == 1]

    assert exempt == [
        [
            {"host_header": {"values": ["airflow.example.org"]}},
            {"path_pattern": {"values": ["/static/*"]}},
            {"http_request_method": {"values": ["GET"]}},
        ]
    ]


def test_under_a_host_of_its_own_a_path_takes_what_the_provider_sends_back(network: NetworkRef) -> None:
    ingress = _ingress(
        network,
        then=lambda ingress: ingress.forward(Visitor(), hosts=["flower.example.org"], paths=["/flower/*"]),
    )

    assert ingress.only("aws_lb_listener_rule")["condition"] == [
        {"host_header": {"values": ["flower.example.org"]}},
        {"path_pattern": {"values": ["/flower/*", "/oauth2/idpresponse"]}},
    ]


def test_what_is_refused_is_refused_before_any_login(network: NetworkRef) -> None:
    ingress = _ingress(network, then=lambda ingress: ingress.refuse("secrets", paths=["/secret"]))

    assert _types(ingress.only("aws_lb_listener_rule")["action"]) == [("fixed-response", None)]


def test_there_is_no_login_inside(network: NetworkRef) -> None:
    ingress = _ingress(
        network,
        then=lambda ingress: ingress.forward_inside(Visitor(), port=9000, source=Visitor(name="source")),
    )

    assert _types(ingress.at("ingress/inside-visitor")["default_action"]) == [("forward", None)]


def test_without_a_login_nothing_has_to_be_exempt(network: NetworkRef) -> None:
    ingress = _ingress(
        network, IngressOptions(), lambda ingress: ingress.forward(Visitor(), exempt_paths=["/health"])
    )

    assert ingress.all("aws_lb_listener_rule") == []


def test_a_login_without_a_certificate_is_refused(network: NetworkRef) -> None:
    with pytest.raises(ValueError, match="oidc is set: allowed with a certificate_arn, which is not set"):
        _ingress(network, IngressOptions(oidc=OIDC))
