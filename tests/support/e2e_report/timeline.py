"""A run of a DAG from its trigger to the last of its logs, as it was watched."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "timeline.json"


@dataclass(frozen=True)
class TaskTimes:
    """A task instance; all times are seconds since the run was triggered, None where there is none.

    Args:
        name: What it is called.
        scheduled: When the scheduler found that it may run.
        queued: When it went to the broker, the last time.
        started: When a worker began it.
        ended: When it ended.
        in_s3: When its whole log was first seen in S3.
        readable: When the REST API, which the UI's log page asks, first answered with its whole log.
    """

    name: str
    scheduled: float | None
    queued: float | None
    started: float | None
    ended: float | None
    in_s3: float | None
    readable: float | None


@dataclass(frozen=True)
class Timeline:
    """A run.

    Args:
        run: DAG and id of the run.
        triggered_at: When it was triggered, in ISO format.
        queued: When Airflow had it, in seconds since then.
        started: When the scheduler began it.
        ended: When it ended.
        tasks: Its task instances.
    """

    run: str
    triggered_at: str
    queued: float | None
    started: float | None
    ended: float | None
    tasks: Sequence[TaskTimes]

    @classmethod
    def read(cls, path: Path) -> "Timeline | None":
        """Reads what `write` wrote; None if no run was watched."""
        if not path.is_file():
            return None
        values = json.loads(path.read_text())
        return cls(**{**values, "tasks": [TaskTimes(**task) for task in values["tasks"]]})

    def write(self, path: Path) -> None:
        """Writes it, over what was there."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")

    @property
    def log_seconds(self) -> float | None:
        """The longest time from a task's end until its log could be read; None if one never could."""
        times = [
            task.readable - task.ended
            for task in self.tasks
            if task.readable is not None and task.ended is not None
        ]
        return max(times) if times and len(times) == len(self.tasks) else None
