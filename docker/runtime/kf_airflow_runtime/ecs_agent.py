"""The endpoint of the ECS agent in each container, over plain HTTP: protection of the task, and its metadata.

It never goes through a proxy, whatever the environment says: it is an address of the container's own link.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html
"""

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from kf_airflow_runtime.protection import Wish

AGENT = "ECS_AGENT_URI"
METADATA = "ECS_CONTAINER_METADATA_URI_V4"

TIMEOUT_SECONDS = 5.0
"""The agent asks ECS before it answers, which takes a fraction of a second."""


class AgentError(Exception):
    """The agent did not do it. Its text says why, in one line."""


def tell(agent_uri: str, wish: Wish) -> None:
    """Tells ECS whether the task is to be protected.

    Raises:
        AgentError: It is not done.
    """
    answer = _ask("PUT", f"{agent_uri}/task-protection/v1/state", json.dumps(wish.body()).encode())
    # Of a request that the agent understood and ECS refused, the status is 200.
    for member in ("error", "failure"):
        if member in answer:
            raise AgentError(json.dumps(answer[member]))


def task_metadata(metadata_uri: str) -> dict[str, Any]:
    """What ECS says of the task.

    Raises:
        AgentError: It does not answer.
    """
    return _ask("GET", f"{metadata_uri}/task")


def _ask(method: str, url: str, body: bytes | None = None) -> dict[str, Any]:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.netloc, timeout=TIMEOUT_SECONDS)
    try:
        connection.request(method, address.path, body, {"Content-Type": "application/json"} if body else {})
        answer = connection.getresponse()
        text = answer.read(1_000_000)
        document = json.loads(text)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise AgentError(f"{method} {address.path}: {error!r}") from error
    finally:
        connection.close()
    if not isinstance(document, dict):
        raise AgentError(f"{method} {address.path}: {answer.status} {text[:200]!r}")
    if answer.status != http.HTTPStatus.OK and "error" not in document:
        raise AgentError(f"{method} {address.path}: {answer.status} {text[:200]!r}")
    return document
