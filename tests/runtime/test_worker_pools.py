import json

import pytest

from kf_airflow_runtime.refusal import RefusalError
from kf_airflow_runtime.worker_pools import VARIABLE, WorkerPool, worker_pools


def test_each_pool_is_a_service_with_its_queues_and_its_concurrency() -> None:
    text = json.dumps([{"service": "workers", "queues": ["default", "slow"], "concurrency": 8}])

    assert worker_pools({VARIABLE: text}) == (WorkerPool("workers", ("default", "slow"), 8),)


@pytest.mark.parametrize(
    "text",
    [
        "workers",
        "{}}",
        "[1]",
        '[{"service": "workers", "queues": ["default"]}]',
        '[{"service": "workers", "queues": "default", "concurrency": 8}]',
        '[{"service": "workers", "queues": ["default"], "concurrency": 0}]',
        '[{"service": "workers", "queues": ["default"], "concurrency": true}]',
    ],
)
def test_anything_else_is_refused_with_what_it_has_to_be(text: str) -> None:
    with pytest.raises(
        RefusalError, match=r"it must be a JSON list of .* it comes from the plain environment"
    ):
        worker_pools({VARIABLE: text})
