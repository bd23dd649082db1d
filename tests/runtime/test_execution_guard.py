import asyncio
from typing import Any

import pytest

from kf_airflow_runtime.execution_guard import ExecutionGuard, refused

FORWARDED = [(b"x-forwarded-for", b"203.0.113.7")]


def scope(path: str, **more: Any) -> dict[str, Any]:
    return {"type": "http", "path": path, "headers": FORWARDED, **more}


def answered(connection: dict[str, Any]) -> list[Any]:
    """What the guard sends; ["passed on"] where it leaves the answer to the application."""
    sent: list[Any] = []

    async def app(*_: object) -> None:
        sent.append("passed on")

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("a refusal reads no body")

    asyncio.run(ExecutionGuard(app)(connection, receive, send))
    return sent


def test_a_request_through_a_load_balancer_is_refused() -> None:
    start, body = answered(scope("/execution/task-instances/1/run"))
    assert start["status"] == 403
    assert b"through a load balancer" in body["body"]
    assert (b"content-length", str(len(body["body"])).encode()) in start["headers"]


def test_a_worker_who_comes_directly_passes() -> None:
    assert answered(scope("/execution/task-instances/1/run", headers=[])) == ["passed on"]


@pytest.mark.parametrize(
    "path",
    ["/", "/api/v2/version", "/dags/execution/runs", "/ui/execution", "/executions", "/auth/login/"],
)
def test_all_else_passes_through_a_load_balancer(path: str) -> None:
    assert not refused(scope(path))


@pytest.mark.parametrize(
    "path",
    [
        "/execution",
        "/execution/",
        "//execution/x",
        "/./execution/x",
        "/ui/../execution/x",
        "/../execution/x",
        "/EXECUTION/x",
        "/execution;a=b/x",
        "/%65xecution/x",
        "/%2565xecution/x",
        "/%2fexecution/x",
        "\\execution\\x",
    ],
)
def test_no_way_to_write_the_path_gets_around(path: str) -> None:
    assert refused(scope(path))


@pytest.mark.parametrize("path", ["/airflow/execution/x", "/airflow//execution/x", "/execution/x"])
def test_below_a_path_of_its_own_it_is_refused_with_and_without_that_path(path: str) -> None:
    assert refused(scope(path, root_path="/airflow"))


def test_a_load_balancer_that_leaves_out_the_client_s_address_is_known_by_the_port() -> None:
    assert refused(scope("/execution/x", headers=[(b"X-Forwarded-Port", b"443")]))


def test_a_websocket_is_closed() -> None:
    assert answered(scope("/execution/x", type="websocket")) == [{"type": "websocket.close", "code": 1008}]


def test_the_start_of_the_server_passes() -> None:
    assert answered({"type": "lifespan"}) == ["passed on"]


def test_a_path_encoded_in_itself_without_end_is_no_work() -> None:
    assert not refused(scope("/%" + "25" * 30000 + "65xecution/x"))
