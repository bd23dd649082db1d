"""Wall time of commands, compared in one run: these machines are noisy, so only ratios mean something."""

import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path


def seconds_of(command: Sequence[str], *, cwd: Path, environment: Mapping[str, str] | None = None) -> float:
    """Runs a command, which has to succeed, and returns its wall time in seconds."""
    started = time.perf_counter()
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    elapsed = time.perf_counter() - started
    assert done.returncode == 0, f"{command}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return elapsed


def medians_of(
    commands: Mapping[str, tuple[Sequence[str], Mapping[str, str]]], *, cwd: Path, rounds: int
) -> dict[str, float]:
    """Runs several commands in turn, several rounds, and returns each one's median wall time in seconds.

    In turn, so that what else the machine does falls on all of them alike.
    """
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, (command, environment) in commands.items():
            times[name].append(seconds_of(command, cwd=cwd, environment=environment))
    return {name: statistics.median(seen) for name, seen in times.items()}
