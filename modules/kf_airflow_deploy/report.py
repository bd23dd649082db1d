"""What a command said, as a Markdown file that a pipeline makes a comment of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from kf_airflow_deploy.display import Display
from kf_airflow_deploy.errors import DeployError

LIMIT = 60_000
"""Characters of what was said. GitHub takes 65,536 in a comment."""


@contextmanager
def reported(path: Path | None, title: str) -> Iterator[Display]:
    """Provide a display, and write what was shown on it at the end, however that comes.

    Args:
        path: The file. None is written if it is None.
        title: Its heading.
    """
    if path is None:
        yield Display()
        return
    console = Console(highlight=False, soft_wrap=True, record=True)
    problem = ""
    try:
        yield Display(console)
    except DeployError as error:
        problem = f"{error}\n"
        raise
    finally:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(markdown(title, console.export_text() + problem))


def markdown(title: str, text: str) -> str:
    """Return a page with a text as it is, or its end where it is too long for a comment."""
    left_out = ""
    if len(text) > LIMIT:
        text = text[-LIMIT:].partition("\n")[2]
        left_out = "The beginning is left out; the log of the run has it.\n\n"
    longest = max((len(found) for found in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)  # so that nothing in the text ends it
    return f"### {title}\n\n{left_out}{fence}text\n{text.rstrip()}\n{fence}\n"
