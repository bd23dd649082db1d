import importlib
import io
import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import requests
import urllib3

from kf_airflow_runtime.log_lines import lines
from kf_airflow_runtime.log_page import WorkerError

URL, PATH = "http://10.0.0.5:8793/log/a.log", "a.log"
LOG = b'{"timestamp":"2026-11-25T03:13:36.004237Z","event":"begins"}\n' * 3000


class Broken(io.BytesIO):
    """An answer that breaks off behind its first bytes."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise urllib3.exceptions.ProtocolError("Connection broken")
        return super().read(size)


class Answer(requests.Response):
    """What requests returns."""

    def __init__(self, status: int, raw: io.BytesIO) -> None:
        super().__init__()
        self.status_code, self.raw = status, raw
        self.headers["Content-Length"] = str(len(raw.getvalue()))

    def close(self) -> None:
        self.raw.close()


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The module, over as much of Airflow as it names: that is only in the image."""
    parts: dict[str, Any] = {
        "airflow": ModuleType("airflow"),
        "airflow.api_fastapi": ModuleType("airflow.api_fastapi"),
        "airflow.api_fastapi.auth": ModuleType("airflow.api_fastapi.auth"),
        "airflow.api_fastapi.auth.tokens": ModuleType("airflow.api_fastapi.auth.tokens"),
        "airflow.configuration": ModuleType("airflow.configuration"),
    }
    tokens = parts["airflow.api_fastapi.auth.tokens"]
    tokens.JWTGenerator = lambda **_: SimpleNamespace(
        generate=lambda claims: f"token for {claims['filename']}"
    )
    tokens.get_signing_key = lambda *_: "key"
    parts["airflow.configuration"].conf = SimpleNamespace(
        get=lambda *_, fallback: fallback, getint=lambda *_, fallback: fallback
    )
    for name, part in parts.items():
        monkeypatch.setitem(sys.modules, name, part)
    yield importlib.import_module("kf_airflow_runtime.served_logs")
    del sys.modules["kf_airflow_runtime.served_logs"]


def answering(module: Any, monkeypatch: pytest.MonkeyPatch, answer: Answer | Exception) -> dict[str, Any]:
    asked: dict[str, Any] = {}

    def get(url: str, **options: Any) -> Answer:
        asked.update(options, url=url)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(module.requests, "get", get)
    return asked


def test_a_log_is_asked_for_as_a_range_with_a_token_for_it(
    module: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answering(module, monkeypatch, Answer(206, io.BytesIO(LOG)))
    served = module.get(URL, PATH)
    assert asked["headers"] == {"Authorization": "token for a.log", "Range": "bytes=0-"}
    assert (served.size, served.identity[:20]) == (len(LOG), "20261125031336004237")
    assert len(list(lines(served.pieces(), ended=True))) == 3000


def test_an_empty_log_is_one_without_an_identity(module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(module, monkeypatch, Answer(416, io.BytesIO()))
    assert module.get(URL, PATH).identity is None


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(404, io.BytesIO()), "it has no such log"),
        (Answer(403, io.BytesIO()), "secret_key"),
        (Answer(500, io.BytesIO()), "HTTP status 500"),
        (requests.ConnectionError("Connection refused"), "Connection refused"),
    ],
)
def test_a_worker_that_gives_no_log_says_why(
    module: Any, monkeypatch: pytest.MonkeyPatch, answer: Answer | Exception, said: str
) -> None:
    answering(module, monkeypatch, answer)
    with pytest.raises(WorkerError, match=said):
        module.get(URL, PATH)


def test_an_answer_that_breaks_off_is_said_behind_what_came(
    module: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(module, monkeypatch, Answer(206, Broken(LOG)))
    pieces = module.get(URL, PATH).pieces()
    assert next(pieces) == LOG[:65536]
    with pytest.raises(WorkerError, match="ProtocolError: Connection broken"):
        next(pieces)


def test_the_address_of_a_log_is_escaped(module: Any) -> None:
    assert module.worker_url("10.0.0.5", "run_id=a+b:c/x.log") == (
        "http://10.0.0.5:8793/log/run_id%3Da%2Bb%3Ac/x.log"
    )
