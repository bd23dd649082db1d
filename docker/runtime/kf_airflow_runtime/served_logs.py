"""The logs that workers and triggerers serve, as the webserver reads them."""

from collections.abc import Iterator
from urllib.parse import quote

import requests
import urllib3
from airflow.api_fastapi.auth.tokens import JWTGenerator, get_signing_key
from airflow.configuration import conf

from kf_airflow_runtime.log_lines import PIECE_BYTES
from kf_airflow_runtime.log_objects import beginning_size, identity
from kf_airflow_runtime.log_page import ServedLog, WorkerError

CONNECT_SECONDS = 2.0
_HTTP_NOT_FOUND, _HTTP_NO_SUCH_RANGE, _HTTP_FORBIDDEN = 404, 416, 403


def worker_url(host: str, path: str) -> str:
    """Where a worker serves a log.

    Args:
        host: Its address.
        path: The log's place below the folder of logs.
    """
    port = conf.get("logging", "worker_log_server_port", fallback=8793)
    return f"http://{host}:{port}/log/{quote(path)}"


def get(url: str, path: str) -> ServedLog:
    """Returns what is there now.

    Args:
        url: Where.
        path: The log's place below the folder of logs, for which the token is good.

    Raises:
        WorkerError: Nobody answers there, or there is no such log.
    """
    # A log that grows while it is sent as a whole breaks the answer off; a range is what it was.
    headers = {"Authorization": _token(path), "Range": "bytes=0-"}
    seconds = conf.getint("api", "log_fetch_timeout_sec", fallback=5)
    try:
        answer = requests.get(url, headers=headers, stream=True, timeout=(CONNECT_SECONDS, seconds))
        if answer.status_code == _HTTP_NO_SUCH_RANGE:  # it is empty
            answer.close()
            return ServedLog(url, None, 0, lambda: iter(()))
        if not answer.ok:
            answer.close()
            raise WorkerError(_refusal(answer.status_code))
        beginning = answer.raw.read(beginning_size())
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise WorkerError(_reason(error)) from error
    size = int(answer.headers.get("Content-Length", len(beginning)))
    return ServedLog(url, identity(beginning), size, lambda: _pieces(answer, beginning))


def _pieces(answer: requests.Response, beginning: bytes) -> Iterator[bytes]:
    with answer:
        yield beginning
        try:
            while piece := answer.raw.read(PIECE_BYTES):
                yield piece
        except Exception as error:
            raise WorkerError(_reason(error)) from error


def _token(path: str) -> str:
    generator = JWTGenerator(
        secret_key=get_signing_key("api", "secret_key"),
        algorithm="HS512",
        private_key=None,
        issuer=None,
        valid_for=conf.getint("webserver", "log_request_clock_grace", fallback=30),
        audience="task-instance-logs",
    )
    token: str = generator.generate({"filename": path})
    return token


def _refusal(status: int) -> str:
    return {
        _HTTP_NOT_FOUND: "it has no such log",
        _HTTP_FORBIDDEN: "it refuses the webserver, as if [api] secret_key or the clocks were not the same",
    }.get(status, f"HTTP status {status}")


def _reason(error: Exception) -> str:
    """The innermost of the errors that requests wraps into one another."""
    inner: BaseException = error
    while (cause := inner.__cause__ or inner.__context__) is not None:
        inner = cause
    return " ".join(f"{type(inner).__name__}: {inner}".split())
