"""Rules of listeners: what they look at, and what they do.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html
"""

import json
from typing import Any

import pytest
from balancing import Front, fixed, forward

CONDITIONS: dict[str, list[dict[str, Any]]] = {
    "host": [{"Field": "host-header", "HostHeaderConfig": {"Values": ["*.example.com"]}}],
    "path": [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/path/?/end*"]}}],
    "plain": [{"Field": "path-pattern", "Values": ["/plain"]}],
    "pattern": [{"Field": "path-pattern", "PathPatternConfig": {"RegexValues": ["^/v[0-9]+/api$"]}}],
    "header": [
        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Kind", "Values": ["*beta*"]}}
    ],
    "method": [{"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["DELETE"]}}],
    "query": [
        {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "version", "Value": "v1*"}]}}
    ],
    "word": [{"Field": "query-string", "QueryStringConfig": {"Values": [{"Value": "*example*"}]}}],
    "nobody": [{"Field": "source-ip", "SourceIpConfig": {"Values": ["192.0.2.0/24"]}}],
    "source": [
        {"Field": "source-ip", "SourceIpConfig": {"Values": ["0.0.0.0/0"]}},
        {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/source"]}},
    ],
}
"""Rule -> its conditions. Each answers with its name."""

REDIRECTS: dict[str, dict[str, str]] = {
    "/secure": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"},
    "/moved": {
        "Host": "other.example.com",
        "Path": "/new#{path}",
        "Query": "from=#{host}",
        "StatusCode": "HTTP_302",
    },
}

# Name of the request -> the request, and the rule that takes it.
ASKED: dict[str, tuple[dict[str, Any], str]] = {
    "host matches": ({"headers": {"Host": "Web.EXAMPLE.com"}}, "host"),
    "host with port matches": ({"headers": {"Host": "web.example.com:8101"}}, "host"),
    "host without the part of the star": ({"headers": {"Host": "example.com"}}, "default"),
    "path matches": ({"path": "/path/1/end/of/it?x=1"}, "path"),
    "path with two characters for one": ({"path": "/path/11/end"}, "default"),
    "path in other case": ({"path": "/PATH/1/end"}, "default"),
    "path of the older form": ({"path": "/plain"}, "plain"),
    "path by expression": ({"path": "/v12/api"}, "pattern"),
    "path not by expression": ({"path": "/v/api"}, "default"),
    "header matches": ({"headers": {"x-kind": "is BETA 2"}}, "header"),
    "header has another value": ({"headers": {"x-kind": "alpha"}}, "default"),
    "method matches": ({"method": "DELETE"}, "method"),
    "query matches": ({"path": "/?a=b&VERSION=V1.2"}, "query"),
    "query has another value": ({"path": "/?version=2"}, "default"),
    "query has the word": ({"path": "/?site=my-example-site"}, "word"),
    "source matches": ({"path": "/source"}, "source"),
    "nothing matches": ({}, "default"),
}

Answers = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def answers(front: Front, servers: dict[str, str]) -> Answers:
    # Before the listener, which goes first in the end: its rules hold them.
    groups = {name: front.group(address) for name, address in servers.items()}
    listener, port = front.listener(fixed("default"))
    priority = 0

    def rule(conditions: list[dict[str, Any]], action: dict[str, Any]) -> None:
        nonlocal priority
        priority += 10
        front.elb.create_rule(
            ListenerArn=listener, Priority=priority, Conditions=conditions, Actions=[action]
        )

    def path(path: str) -> list[dict[str, Any]]:
        return [{"Field": "path-pattern", "PathPatternConfig": {"Values": [path]}}]

    for name, conditions in CONDITIONS.items():
        rule(conditions, fixed(name))
    for name, config in REDIRECTS.items():
        rule(path(name), {"Type": "redirect", "RedirectConfig": config})
    rule(path("/answer"), fixed('{"a": 1}', 418, "application/json"))
    rule(path("/weighted"), forward(groups["blue"], groups["green"], weights=(3, 1)))
    rule(path("/nothing"), forward(groups["blue"], groups["green"], weights=(1, 0)))
    rule(path("/first"), fixed("first"))
    rule(path("/first*"), fixed("second"))
    for group in groups.values():
        front.wait_for_health(group, "healthy")
    asked = {name: request for name, (request, _) in ASKED.items()} | {
        "/secure": {"path": "/secure?a=b", "headers": {"Host": "web.test"}},
        "/moved": {"path": "/moved", "headers": {"Host": "web.test"}},
        "/answer": {"path": "/answer"},
        "/weighted": {"path": "/weighted", "times": 100},
        "/nothing": {"path": "/nothing", "times": 20},
        "/first": {"path": "/first"},
    }
    return front.ask({name: {"port": port, **request} for name, request in asked.items()})


@pytest.mark.parametrize(("name", "rule"), [(name, rule) for name, (_, rule) in ASKED.items()])
def test_a_request_is_taken_by_the_rule_whose_conditions_hold(answers: Answers, name: str, rule: str) -> None:
    assert answers[name].get("body") == rule, answers[name]


def test_of_two_rules_that_hold_the_one_of_the_lower_priority_answers(answers: Answers) -> None:
    assert answers["/first"]["body"] == "first"


def test_a_fixed_response_has_status_type_and_body(answers: Answers) -> None:
    answer = answers["/answer"]
    found = (answer["status"], answer["headers"]["content-type"], json.loads(answer["body"]))
    assert found == (418, "application/json", {"a": 1})


def test_a_redirect_keeps_host_path_and_query(answers: Answers) -> None:
    answer = answers["/secure"]
    assert (answer["status"], answer["headers"]["location"]) == (301, "https://web.test:443/secure?a=b")


def test_a_redirect_fills_in_parts_of_the_request(answers: Answers) -> None:
    answer = answers["/moved"]
    assert answer["status"] == 302
    assert answer["headers"]["location"].startswith("http://other.example.com:")
    assert answer["headers"]["location"].endswith("/newmoved?from=web.test")


def test_weights_share_the_requests(answers: Answers) -> None:
    names = answers["/weighted"]["names"]
    assert len(names) == 100
    assert 55 <= names.count("blue") <= 95


def test_a_target_group_of_weight_0_gets_nothing(answers: Answers) -> None:
    assert set(answers["/nothing"]["names"]) == {"blue"}
