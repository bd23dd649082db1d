"""A picture of a run's timeline."""

import io

import matplotlib as mpl

from e2e_report.timeline import TaskTimes, Timeline

mpl.use("Agg")  # there is no screen

from matplotlib import pyplot as plt
from matplotlib.axes import Axes

_SPANS = (
    ("scheduled", "queued", "scheduled", "#cbd5e1"),
    ("queued", "started", "queued", "#fbbf24"),
    ("started", "ended", "runs", "#3b82f6"),
    ("ended", "readable", "until its log is readable", "#fecaca"),
)
_MARKS = (("in_s3", "log in S3", "D", "#16a34a"), ("readable", "log readable in the UI", "|", "#dc2626"))
_RUN = (("queued", "run queued", ":"), ("started", "run started", "--"), ("ended", "run ended", "-"))


def svg(timeline: Timeline) -> str:
    """Returns the picture, as an element of a page."""
    tasks = sorted(timeline.tasks, key=lambda task: (task.started is None, task.started))
    figure, axes = plt.subplots(figsize=(11, 1.8 + 0.32 * len(tasks)))
    for row, task in enumerate(tasks):
        _draw(axes, row, task)
    for attribute, label, style in _RUN:
        moment = getattr(timeline, attribute)
        if moment is not None:
            axes.axvline(
                moment, color="#334155", linewidth=1, linestyle=style, label=f"{label} ({moment:.1f} s)"
            )
    axes.set_yticks(range(len(tasks)), [task.name for task in tasks])
    axes.set_ylim(len(tasks) - 0.5, -0.6)
    axes.set_xlim(left=0)
    axes.set_xlabel("seconds since the trigger")
    axes.spines[["top", "right"]].set_visible(False)
    handles, labels = axes.get_legend_handles_labels()
    known = dict(zip(labels, handles, strict=True))
    axes.legend(known.values(), known.keys(), loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)
    text = drawn.getvalue()
    return text[text.index("<svg") :]


def _draw(axes: Axes, row: int, task: TaskTimes) -> None:
    for begin, end, label, color in _SPANS:
        first, last = getattr(task, begin), getattr(task, end)
        # A task that was deferred is queued once more after its start.
        if first is not None and last is not None and last >= first:
            axes.barh(row, last - first, left=first, color=color, height=0.6, label=label)
    for attribute, label, marker, color in _MARKS:
        moment = getattr(task, attribute)
        if moment is not None:
            axes.plot([moment], [row], marker, color=color, markersize=7, label=label, linestyle="none")
