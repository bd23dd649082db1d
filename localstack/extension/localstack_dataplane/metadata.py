"""The HTTP endpoint that ECS gives to containers: credentials of the task role, metadata, task protection."""

import json
import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from localstack_dataplane.agent import Agent, no_task
from localstack_dataplane.aws import Aws
from localstack_dataplane.containers import DockerError
from localstack_dataplane.ecs.metadata_documents import container_document, task_document
from localstack_dataplane.ecs.store import TaskStore
from localstack_dataplane.ecs.task import Task

LOG = logging.getLogger(__name__)

_RENEW_BEFORE = timedelta(minutes=20)
_PORT = 80


class NotFoundError(LookupError):
    """There is nothing at this path."""


class Metadata:
    """Answers by path.

    Args:
        tasks: The tasks.
        aws: STS, which makes the credentials, and ECS, which protects tasks.
        stats: Docker's resource statistics of a container, by its id.
    """

    def __init__(self, tasks: TaskStore, aws: Aws, stats: Callable[[str], dict[str, Any]]) -> None:
        self._tasks, self._aws, self._stats = tasks, aws, stats
        self._agent = Agent(aws)
        self._credentials: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()

    def answer(self, method: str, path: str, body: bytes = b"") -> tuple[int, dict[str, Any]]:
        """Status and document for a request.

        Raises:
            NotFoundError: There is nothing at this path.
        """
        match path.partition("?")[0].strip("/").split("/"):
            case ["api", identifier, "task-protection", "v1", "state"]:
                return self._protection(method, identifier, body)
            case parts if method == "GET":
                return HTTPStatus.OK, self._document(parts, path)
        raise NotFoundError(f"{path} takes no {method}.")

    def _protection(self, method: str, identifier: str, body: bytes) -> tuple[int, dict[str, Any]]:
        try:
            task, _ = self._container(identifier)
        except NotFoundError:
            return no_task()
        return self._agent.protect(task, body) if method == "PUT" else self._agent.protection(task)

    def _document(self, parts: list[str], path: str) -> dict[str, Any]:
        match parts:
            case ["v2", "credentials", identifier]:
                return self._credentials_of(identifier)
            case ["v4", identifier]:
                task, name = self._container(identifier)
                return container_document(task, name)
            case ["v4", identifier, "task"]:
                task, _ = self._container(identifier)
                return task_document(task)
            case ["v4", identifier, "stats"]:
                task, name = self._container(identifier)
                return self._stats(task.containers[name].runtime_id)
            case ["v4", identifier, "task", "stats"]:
                task, _ = self._container(identifier)
                ids = [item.id for item in task.observed.values() if item.running]
                return {container_id: self._stats(container_id) for container_id in ids}
        raise NotFoundError(f"There is nothing at {path}.")

    def _container(self, identifier: str) -> tuple[Task, str]:
        task_id, _, name = identifier.partition("-")
        task = self._tasks.get(task_id)
        if task is None or name not in task.containers:
            raise NotFoundError(f"There is no container {identifier}.")
        return task, name

    def _credentials_of(self, identifier: str) -> dict[str, Any]:
        task = next((item for item in self._tasks.active() if item.credentials == identifier), None)
        if task is None:
            raise NotFoundError("There are no credentials with this id.")
        with self._lock:
            known = self._credentials.get(identifier)
        if known and datetime.fromisoformat(known["Expiration"]) - datetime.now(UTC) > _RENEW_BEFORE:
            return known
        answer = self._assume(task)
        with self._lock:
            alive = {item.credentials for item in self._tasks.active()}
            self._credentials = {key: value for key, value in self._credentials.items() if key in alive}
            self._credentials[identifier] = answer
        return answer

    def _assume(self, task: Task) -> dict[str, Any]:
        role = task.definition.task_role
        client = self._aws.client("sts", task.account, task.region)
        credentials = client.assume_role(RoleArn=role, RoleSessionName=task.id)["Credentials"]
        return {
            "RoleArn": role,
            "AccessKeyId": credentials["AccessKeyId"],
            "SecretAccessKey": credentials["SecretAccessKey"],
            "Token": credentials["SessionToken"],
            "Expiration": credentials["Expiration"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }


class MetadataServer:
    """Serves a Metadata over HTTP.

    Args:
        metadata: What is answered.
        address: Where to listen.
        port: 80 if left out.
    """

    def __init__(self, metadata: Metadata, address: str, port: int = _PORT) -> None:
        handler = type("Handler", (_Handler,), {"metadata": metadata})
        self._server = ThreadingHTTPServer((address, port), handler)
        self._server.daemon_threads = True

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Start serving in a thread."""
        threading.Thread(target=self._server.serve_forever, name="dataplane-metadata", daemon=True).start()

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    metadata: Metadata
    timeout = 10

    def do_GET(self) -> None:
        """Answer with JSON."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            status, document = self.metadata.answer(self.command, self.path, body)
        except NotFoundError as error:
            status, document = HTTPStatus.NOT_FOUND, {"code": "NotFound", "message": str(error)}
        except (ClientError, BotoCoreError, DockerError) as error:
            LOG.warning("No answer to %s: %s", self.path, error)
            status, document = HTTPStatus.INTERNAL_SERVER_ERROR, {"code": "Internal", "message": str(error)}
        answer = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_PUT = do_GET  # noqa: N815 - the name that http.server looks for

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name in the base class
        """Say nothing: SDKs ask often."""
