"""How a run of ``up`` went, as a file for who reports on it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kf_airflow_local.progress import EndedStage


@dataclass(frozen=True)
class UpReport:
    """One run of ``up``.

    Args:
        stack: The stack as it was synthesized; empty when it did not come to that.
        stages: The stages that ended, in their order.
        error: What went wrong; empty when nothing did.
        explanation: What explains that: events, states and last words. Empty when nothing went wrong.
    """

    stack: Mapping[str, Any]
    stages: Sequence[EndedStage]
    error: str
    explanation: str

    @classmethod
    def read(cls, path: Path) -> "UpReport":
        """Read what `write` wrote."""
        values = json.loads(path.read_text())
        return cls(**{**values, "stages": [EndedStage(**stage) for stage in values["stages"]]})

    def write(self, path: Path) -> None:
        """Write it, over what was there."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")
