"""What the user sees while the launcher works, and how long each stage took."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.markup import escape

from kf_airflow_local.errors import LauncherError

State = TypeVar("State")


@dataclass(frozen=True)
class EndedStage:
    """How a stage of the work went.

    Args:
        name: Name of the stage in the report.
        title: What happened in it, for the user.
        seconds: How long it took, in seconds.
        outcome: What its closing line said; what went wrong, if it failed.
        good: Whether it came to its end.
    """

    name: str
    title: str
    seconds: float
    outcome: str
    good: bool


@dataclass
class Progress:
    """Prints each stage as it begins and ends.

    Args:
        console: Where to print. Left out, to standard output.
    """

    console: Console = field(default_factory=lambda: Console(highlight=False, soft_wrap=True))
    ended: list[EndedStage] = field(default_factory=list)

    @property
    def seconds(self) -> dict[str, float]:
        """The seconds of each stage that came to its end, by its name."""
        return {stage.name: stage.seconds for stage in self.ended if stage.good}

    @contextmanager
    def stage(self, name: str, title: str) -> Iterator["Stage"]:
        """Show one stage of the work and time it.

        Args:
            name: Name of the stage in the report.
            title: What happens in it, for the user.
        """
        stage = Stage(self.console, title)
        begun = time.monotonic()

        def end(outcome: str, *, good: bool) -> EndedStage:
            seconds = round(time.monotonic() - begun, 2)
            self.ended.append(EndedStage(name, title, seconds, outcome, good))
            return self.ended[-1]

        try:
            with stage.spinner():
                yield stage
        except BaseException as error:
            end(in_words(error), good=False)
            raise
        ended = end(stage.outcome, good=True)
        self.console.print(f"[green]✓[/] {title}: {escape(ended.outcome)} [dim]({ended.seconds:.1f} s)[/]")

    def finding(self, what: str, said: str, *, good: bool) -> None:
        """Print what a look showed."""
        mark = "[green]✓[/]" if good else "[red]✗[/]"
        self.console.print(f"{mark} {what}: {escape(said)}")

    def say(self, text: str) -> None:
        """Print a sentence."""
        self.console.print(text, markup=False)

    def write(self, path: Path, *, cold: bool) -> None:
        """Write the times of the stages.

        Args:
            path: File to write.
            cold: Whether the images had to be built.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"cold": cold, "stages": self.seconds}, indent=2) + "\n")


@dataclass
class Stage:
    """One stage of the work; ``outcome`` is what its closing line says."""

    console: Console
    title: str
    outcome: str = "done"
    _show: Callable[[str], None] | None = None

    @contextmanager
    def spinner(self) -> Iterator[None]:
        """Show the last thing said beside a spinner, or line by line where there is no terminal."""
        if not self.console.is_terminal:
            self.console.print(f"  {self.title}")
            yield
            return
        with self.console.status(self.title) as status:
            self._show = lambda text: status.update(f"{self.title} [dim]{escape(text)}[/]")
            yield
            self._show = None

    def say(self, text: str) -> None:
        """Tell what happens now; where there is no terminal this stays a line of its own."""
        if self._show:
            self._show(text)
        else:
            self.console.print(f"    [dim]{escape(text)}[/]")


def in_words(error: BaseException) -> str:
    """Return what an error says, or what it is where it says nothing."""
    return "interrupted" if isinstance(error, KeyboardInterrupt) else str(error) or type(error).__name__


def wait_until(
    what: str,
    look: Callable[[], State],
    good: Callable[[State], object],
    *,
    timeout_seconds: float,
    interval_seconds: float = 1.0,
    on_change: Callable[[str], None] | None = None,
    give_up: Callable[[State], str | None] | None = None,
) -> State:
    """Look again and again until what is seen is good.

    Args:
        what: What is waited for, as it reads in the error.
        look: Returns the present state.
        good: Says whether it is the wanted one.
        timeout_seconds: The limit, in seconds.
        interval_seconds: Seconds between two looks.
        on_change: Told of each new state. Left out, nobody is.
        give_up: Says why waiting on is of no use, or None. Left out, the limit alone ends the wait.

    Returns:
        The good state.

    Raises:
        LauncherError: At the limit or when it is of no use to wait on, with the last state seen.
    """
    deadline = time.monotonic() + timeout_seconds
    told = None
    while True:
        state = look()
        if good(state):
            return state
        if on_change and str(state) != told:
            told = str(state)
            on_change(told)
        if give_up and (reason := give_up(state)):
            raise LauncherError(f"{what}: {reason}")
        if time.monotonic() > deadline:
            raise LauncherError(f"{what}: not within {timeout_seconds:g} s; last seen: {state}.")
        time.sleep(interval_seconds)
