"""Wall time of each stage of `nox -s up`: cold (no image of ours), warm (images built), as a deployment."""

import json
import sys
from typing import Any

from project import ROOT
from stopwatch import seconds_of

LAUNCHER = [sys.executable, "-m", "kf_airflow_local"]


def stages_of_up(*options: str, told_in: str = "up.json") -> dict[str, float]:
    """Brings the system up and returns the seconds of each stage, and their sum as `total`.

    Args:
        *options: Of `up`.
        told_in: The report it writes.
    """
    total = seconds_of([*LAUNCHER, "up", *options], cwd=ROOT)
    stages: dict[str, float] = json.loads((ROOT / "build/reports" / told_in).read_text())["stages"]
    return {**{name: round(seconds, 1) for name, seconds in stages.items()}, "total": round(total, 1)}


def test_stages_of_up_cold_and_warm(report: dict[str, Any]) -> None:
    seconds_of([*LAUNCHER, "down", "--all"], cwd=ROOT)
    cold = stages_of_up()
    seconds_of([*LAUNCHER, "down"], cwd=ROOT)
    warm = stages_of_up()
    unchanged = seconds_of([*LAUNCHER, "up"], cwd=ROOT)
    # Other DAGs are another image: all services are replaced, one after the other.
    deployment = stages_of_up("--dags", "tests/bench/dags", told_in="up-again.json")
    seconds_of([*LAUNCHER, "down"], cwd=ROOT)

    report["up"] = {
        "cold_seconds": cold,
        "warm_seconds": warm,
        "unchanged_seconds": round(unchanged, 1),
        "deployment_seconds": deployment,
        "warm_share_of_cold": round(warm["total"] / cold["total"], 2),
        "deployment_share_of_warm": round(deployment["total"] / warm["total"], 2),
        "aim_cold_seconds": 720,
        "aim_warm_seconds": 300,
    }
