"""How long a worker takes to answer a health check, while its broker is there and while it is not."""

import time
from typing import Any

import pytest
from health_probes import probe_seconds, served
from short_tasks import percentile

from kf_airflow_runtime.consumer_state import ConsumerState, Sight

PROBES = 200


@pytest.mark.parametrize("broker", ["there", "away"])
def test_a_health_check_of_a_worker_is_measured(broker: str, report: dict[str, Any]) -> None:
    state = ConsumerState(time.monotonic)
    state.tick(Sight(wanted=True, queues=1, room=True, asked=0.1, running=0, waiting=0, slots=2))
    if broker == "away":
        state.disconnected(lambda: 0)

    with served(state) as port:
        seconds = probe_seconds(port, PROBES)

    report[f"worker health check, broker {broker}"] = {
        "probes": len(seconds),
        "p50_ms": round(percentile(seconds, 50) * 1000, 2),
        "p95_ms": round(percentile(seconds, 95) * 1000, 2),
        "p99_ms": round(percentile(seconds, 99) * 1000, 2),
    }
