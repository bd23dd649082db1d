"""What a target sees of a request, and what the client sees when a target does not answer as it should.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
"""

import json
import re
from typing import Any

import pytest
from balancing import Front, forward

Answers = dict[str, dict[str, Any]]
IDLE_SECONDS = 3


@pytest.fixture(scope="module")
def answers(front: Front, servers: dict[str, str]) -> Answers:
    front.elb.modify_load_balancer_attributes(
        LoadBalancerArn=front.arn,
        Attributes=[{"Key": "idle_timeout.timeout_seconds", "Value": str(IDLE_SECONDS)}],
    )
    good, empty = front.group(servers["blue"]), front.group()
    # 9 is the port of discard: nothing listens there.
    closed = front.group(servers["blue"], port=9, HealthCheckPort="8000")
    ports = {
        name: front.listener(forward(group))[1]
        for name, group in {"good": good, "empty": empty, "closed": closed}.items()
    }
    for group in (good, closed):
        front.wait_for_health(group, "healthy")
    root = "Root=1-67891233-abcdef012345678912345678"
    return front.ask(
        {
            "plain": {"port": ports["good"], "path": "/a/b?c=d", "headers": {"Host": "web.test"}},
            "proxied": {"port": ports["good"], "headers": {"X-Forwarded-For": "203.0.113.7"}},
            "traced": {"port": ports["good"], "headers": {"X-Amzn-Trace-Id": f"{root};CalledFrom=app"}},
            "traced again": {
                "port": ports["good"],
                "headers": {"X-Amzn-Trace-Id": f"Self=1-67891234-12456789abcdef012345678;{root}"},
            },
            "teapot": {"port": ports["good"], "path": "/status/418"},
            "close": {"port": ports["good"], "path": "/close"},
            "nonsense": {"port": ports["good"], "path": "/nonsense"},
            "slow": {"port": ports["good"], "path": "/slow/8"},
            "in time": {"port": ports["good"], "path": "/slow/1"},
            "stream": {"port": ports["good"], "path": "/stream"},
            "websocket": {"port": ports["good"], "websocket": "hello", "pause": 1},
            "trace": {"port": ports["good"], "method": "TRACE"},
            "empty": {"port": ports["empty"]},
            "closed": {"port": ports["closed"]},
        }
    )


def seen(answers: Answers, name: str) -> dict[str, str]:
    """Returns the headers that the target saw, by their lower-case names."""
    headers = json.loads(answers[name]["body"])["headers"]
    return {key.lower(): value for key, value in headers.items()}


def test_the_target_gets_the_path_the_query_and_the_host(answers: Answers) -> None:
    document = json.loads(answers["plain"]["body"])
    assert (document["path"], seen(answers, "plain")["host"]) == ("/a/b?c=d", "web.test")


def test_the_target_is_told_client_protocol_and_port(answers: Answers) -> None:
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html
    headers = seen(answers, "plain")
    assert re.fullmatch(r"[0-9.]+", headers["x-forwarded-for"])
    assert (headers["x-forwarded-proto"], headers["x-forwarded-port"].isdecimal()) == ("http", True)


def test_the_client_is_appended_to_those_before_it(answers: Answers) -> None:
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html
    assert re.fullmatch(r"203\.0\.113\.7, [0-9.]+", seen(answers, "proxied")["x-forwarded-for"])


# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html
TRACE = "1-[0-9a-fA-F]{8}-[0-9a-f]{24}"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("plain", f"Root={TRACE}"),
        ("traced", f"Self={TRACE};Root=1-67891233-abcdef012345678912345678;CalledFrom=app"),
        ("traced again", f"Self={TRACE};Root=1-67891233-abcdef012345678912345678"),
    ],
)
def test_a_request_is_traced(answers: Answers, name: str, expected: str) -> None:
    assert re.fullmatch(expected, seen(answers, name)["x-amzn-trace-id"])


def test_a_target_s_own_status_passes(answers: Answers) -> None:
    assert answers["teapot"]["status"] == 418


@pytest.mark.parametrize("name", ["close", "nonsense", "closed"])
def test_a_target_that_hangs_up_talks_nonsense_or_refuses_is_a_502(answers: Answers, name: str) -> None:
    assert answers[name].get("status") == 502, answers[name]


def test_no_registered_target_is_a_503(answers: Answers) -> None:
    assert answers["empty"]["status"] == 503


def test_a_target_slower_than_the_idle_timeout_is_a_504(answers: Answers) -> None:
    assert answers["slow"]["status"] == 504
    assert IDLE_SECONDS - 1 < answers["slow"]["seconds"] < IDLE_SECONDS + 2


def test_a_target_faster_than_the_idle_timeout_answers(answers: Answers) -> None:
    assert answers["in time"]["status"] == 200


def test_an_answer_that_takes_longer_than_the_idle_timeout_passes_while_it_flows(answers: Answers) -> None:
    assert answers["stream"]["body"] == "".join(f"line {number}\n" for number in range(5))


def test_a_streamed_answer_passes_as_it_comes(answers: Answers) -> None:
    arrivals = answers["stream"]["arrivals"]
    assert arrivals[0] < 1
    assert arrivals[-1] > 3


def test_a_websocket_passes_both_ways(answers: Answers) -> None:
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html
    answer = answers["websocket"]
    assert (answer.get("status"), answer.get("echoes")) == (101, ["hello", "hello"]), answer


def test_trace_is_a_method_that_is_not_taken(answers: Answers) -> None:
    assert answers["trace"]["status"] == 405
