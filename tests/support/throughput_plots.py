"""Pictures of the benchmark of throughput."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure
from short_tasks import Round, percentile

mpl.use("Agg")  # there is no screen

from matplotlib import pyplot as plt


def draw(rounds: Mapping[str, Sequence[Round]], folder: Path) -> list[Path]:
    """Draws throughput, latency and CPU time of each variant.

    Args:
        rounds: The rounds of each variant, in the order in which they ran.
        folder: Where the pictures go.

    Returns:
        Their paths.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [_progress(rounds, folder), _latency(rounds, folder), _cpu(rounds, folder)]


def _progress(rounds: Mapping[str, Sequence[Round]], folder: Path) -> Path:
    figure, axes = plt.subplots(figsize=(8, 4.5))
    for number, (name, ran) in enumerate(rounds.items()):
        for turn, one in enumerate(ran):
            label = f"{name}, {one.tasks_per_minute:.0f} tasks a minute"
            axes.plot(
                one.started,
                range(1, len(one.started) + 1),
                color=f"C{number}",
                linestyle=("-", "--", ":", "-.")[turn % 4],
                label=label,
            )
    axes.set(xlabel="seconds since all tasks were due", ylabel="tasks started", title="Throughput")
    axes.legend()
    return _save(figure, folder / "throughput.png")


def _latency(rounds: Mapping[str, Sequence[Round]], folder: Path) -> Path:
    figure, both = plt.subplots(1, 2, figsize=(10, 4.5))
    for axes, title, of in (
        (both[0], "From due to start", "started"),
        (both[1], "From message to start", "queued"),
    ):
        for name, ran in rounds.items():
            seconds = [second for one in ran for second in getattr(one, of)]
            axes.ecdf(seconds, label=f"{name}, p95 {percentile(seconds, 95):.1f} s")
        axes.axhline(0.95, color="grey", linewidth=0.5)
        axes.set(xlabel="seconds", ylabel="share of the tasks", title=title)
        axes.legend()
    return _save(figure, folder / "latency.png")


def _cpu(rounds: Mapping[str, Sequence[Round]], folder: Path) -> Path:
    figure, axes = plt.subplots(figsize=(8, 4.5))
    below = [0.0] * len(rounds)
    for component in next(iter(rounds.values()))[0].cpu:
        heights = [
            1000 * sum(one.cpu[component] for one in ran) / sum(len(one.started) for one in ran)
            for ran in rounds.values()
        ]
        axes.bar(list(rounds), heights, bottom=below, label=component, width=0.5)
        below = [a + b for a, b in zip(below, heights, strict=True)]
    axes.set(ylabel="ms of CPU a task", title="What a short task costs")
    axes.legend()
    return _save(figure, folder / "cpu.png")


def _save(figure: Figure, path: Path) -> Path:
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    plt.close(figure)
    return path
