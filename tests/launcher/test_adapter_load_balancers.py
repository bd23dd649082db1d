"""What load balancers and listeners could not be told by the provider 3.39."""

from typing import Any

from kf_airflow_local import adapter


def adapt(kind: str, block: dict[str, Any]) -> dict[str, Any]:
    """One adapted resource."""
    adapted = adapter.adapt({"resource": {kind: {"one": block}}})
    found: dict[str, Any] = adapted["resource"][kind]["one"]
    return found


def test_a_load_balancer_loses_what_was_not_known_then() -> None:
    told = {
        "connection_logs": {"bucket": "logs", "enabled": True},
        "desync_mitigation_mode": "defensive",
        "preserve_host_header": True,
        "xff_header_processing_mode": "append",
    }

    assert adapt("aws_lb", {"name": "kf", **told}) == {"name": "kf"}


def test_a_load_balancer_keeps_its_access_logs() -> None:
    block = {"access_logs": {"bucket": "logs", "prefix": "access/load-balancer", "enabled": True}}

    assert adapt("aws_lb", block) == block


def test_rules_lose_their_tags() -> None:
    assert adapt("aws_lb_listener_rule", {"priority": 1, "tags": {"Name": "kf"}}) == {"priority": 1}


def test_a_target_that_need_not_drain_drains_for_the_shortest_time_there_is() -> None:
    delays = [
        adapt("aws_lb_target_group", {"deregistration_delay": given})["deregistration_delay"]
        for given in ("0", "30")
    ]

    assert delays == ["1", "30"]


def test_a_login_stays_as_it_is() -> None:
    action = {
        "type": "authenticate-oidc",
        "order": 1,
        "authenticate_oidc": {"issuer": "https://login.example.org", "session_timeout": 60},
    }

    assert adapt("aws_lb_listener", {"default_action": [action]}) == {"default_action": [action]}
