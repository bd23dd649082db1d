"""The pools of workers that `metrics` watches: what the library says of them in one variable."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kf_airflow_runtime import variables
from kf_airflow_runtime.refusal import RefusalError

VARIABLE = "KF_AIRFLOW_WORKER_POOLS"


@dataclass(frozen=True)
class WorkerPool:
    """An ECS service of workers.

    Args:
        service: Its name.
        queues: The Celery queues its workers take tasks from.
        concurrency: How many tasks each of them runs at once.
    """

    service: str
    queues: tuple[str, ...]
    concurrency: int


def worker_pools(environ: Mapping[str, str]) -> tuple[WorkerPool, ...]:
    """The pools in `KF_AIRFLOW_WORKER_POOLS`.

    Raises:
        RefusalError: The variable does not hold what it should.
    """
    text = environ[VARIABLE]
    try:
        return tuple(_pool(item) for item in json.loads(text))
    except (KeyError, TypeError, ValueError) as error:
        raise RefusalError(
            f'{VARIABLE} is {text!r}: it must be a JSON list of {{"service": name, "queues": [names],'
            f' "concurrency": 1 or more}}; it comes from {variables.SET_BY[VARIABLE]}.'
        ) from error


def _pool(item: Any) -> WorkerPool:
    queues, concurrency = item["queues"], item["concurrency"]
    if not isinstance(queues, list) or type(concurrency) is not int or concurrency < 1:
        raise ValueError(item)
    return WorkerPool(str(item["service"]), tuple(map(str, queues)), concurrency)
