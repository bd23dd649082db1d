import json

import pytest
from answering_server import answering

from kf_airflow_runtime import ecs_agent
from kf_airflow_runtime.protection import Wish


def test_it_puts_the_wish_where_the_agent_expects_it() -> None:
    with answering(200, b'{"protection": {"ProtectionEnabled": true}}') as agent:
        ecs_agent.tell(f"{agent.url}/api/id", Wish(30))
    ((method, path, body),) = agent.asked
    assert (method, path) == ("PUT", "/api/id/task-protection/v1/state")
    assert json.loads(body) == {"ProtectionEnabled": True, "ExpiresInMinutes": 30}


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, b'{"failure": {"Reason": "DEPLOYMENT_BLOCKED"}}', "DEPLOYMENT_BLOCKED"),
        (400, b'{"error": {"Code": "AccessDeniedException"}}', "AccessDeniedException"),
        (500, b"{}", "500"),
        (200, b"<html>", "JSONDecodeError"),
        (200, b"[]", "200"),
    ],
)
def test_whatever_is_no_success_is_an_error_that_says_why(status: int, body: bytes, said: str) -> None:
    with answering(status, body) as agent, pytest.raises(ecs_agent.AgentError, match=said):
        ecs_agent.tell(agent.url, Wish(None))


def test_an_agent_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ecs_agent.AgentError, match="ConnectionRefusedError"):
        ecs_agent.tell("http://127.0.0.1:1/api/id", Wish(None))


def test_no_proxy_comes_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with answering(200, b'{"Family": "f"}') as agent:
        assert ecs_agent.task_metadata(agent.url) == {"Family": "f"}
