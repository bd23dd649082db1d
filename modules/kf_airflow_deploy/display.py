"""What people see while a command works."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

_DONE = re.compile(r": (?:Creation|Modifications|Destruction|Import) complete")


@dataclass
class Display:
    """Prints lines, and beneath them on a terminal how far the work is.

    Args:
        console: Where to print. Standard output if left out.
    """

    console: Console = field(default_factory=lambda: Console(highlight=False, soft_wrap=True))
    _progress: Progress | None = None
    _task: TaskID | None = None

    @property
    def is_interactive(self) -> bool:
        """Whether there is somebody to ask."""
        return self.console.is_terminal

    def say(self, text: str, *, style: str = "") -> None:
        """Prints a sentence."""
        self.console.print(Text(text, style=style))

    def log(self, line: str) -> None:
        """Prints a line of a log, with its colours where they can be seen."""
        self.console.print(Text.from_ansi(line))
        if self._progress and self._task is not None and _DONE.search(line):
            self._progress.advance(self._task)

    @contextmanager
    def progress(self) -> Iterator[None]:
        """Shows how far the work is, for as long as the block lasts."""
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TimeElapsedColumn(),
        )
        with Progress(
            *columns, console=self.console, transient=True, disable=not self.is_interactive
        ) as shown:
            self._progress, self._task = shown, shown.add_task("", total=None)
            try:
                yield
            finally:
                self._progress = self._task = None

    def stage(self, text: str, *, total: int | None = None) -> None:
        """Says what is worked on now.

        Args:
            text: What.
            total: How many steps it has, where that is known; lines of a log that tell of one count.
        """
        if self._progress and self._task is not None and self.is_interactive:
            self._progress.reset(self._task, description=text, total=total)
        else:
            self.say(text, style="dim")
