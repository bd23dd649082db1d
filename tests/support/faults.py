"""Faults of the local cloud, for tests: S3 is down, Secrets Manager throttles, an API hangs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import requests

_ENDPOINT = os.environ.get("CONTRACT_ENDPOINT", "http://localhost:4566")
_URL = f"{_ENDPOINT}/_dataplane/faults"


@contextmanager
def fault(service: str, *operations: str, **settings: Any) -> Iterator[str]:
    """Makes a service fail for everybody, containers too, while the block runs.

    Args:
        service: As boto3 calls it.
        *operations: Only these; all if left out.
        **settings: `error` (AWS's code), `status`, `message`, `delay_seconds`, `requests_per_second` (which
            pass), `for_seconds` (ends by itself); see `localstack_dataplane.faults.Fault`.

    Yields:
        The name of the fault, for `hits`.
    """
    name = f"{service}-{uuid4().hex[:8]}"
    document = {"name": name, "service": service, "operations": operations, **settings}
    _checked(requests.put(_URL, json=document, timeout=10))
    try:
        yield name
    finally:
        _checked(requests.delete(_URL, json={"name": name}, timeout=10))


def hits(name: str) -> int:
    """Returns how many requests ran into a fault; it has to be switched on."""
    return int(_checked(requests.get(_URL, timeout=10))["faults"][name]["hits"])


def _checked(answer: requests.Response) -> dict[str, Any]:
    assert answer.ok, f"{answer.status_code}: {answer.text}"
    document: dict[str, Any] = answer.json()
    return document
