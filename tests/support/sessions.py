"""The sessions of noxfile.py, and the calls of them that files of other kinds have."""

import ast
import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from project import ROOT

from kf_airflow_deploy import command_line

WORKFLOWS = sorted((ROOT / ".github").rglob("*.yml"))
JENKINSFILE = ROOT / "Jenkinsfile"
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/*.md", "docker/*.md", "localstack/*.md", "modules/*.md")
    for path in ROOT.glob(pattern)
)


@dataclass(frozen=True)
class Call:
    """One call of nox.

    Args:
        path: The file that has it.
        words: What is called, as a shell sees it.
    """

    path: Path
    words: tuple[str, ...]

    @property
    def sessions(self) -> list[str]:
        """The sessions it names."""
        return [self.words[place + 1] for place, word in enumerate(self.words[:-1]) if word == "-s"]

    @property
    def tags(self) -> list[str]:
        """The tags it names."""
        return [self.words[place + 1] for place, word in enumerate(self.words[:-1]) if word == "-t"]

    @property
    def arguments(self) -> list[str]:
        """What is handed to the session."""
        return list(self.words[self.words.index("--") + 1 :]) if "--" in self.words else []


def sessions() -> dict[str, set[str]]:
    """Returns the sessions there are, with their tags."""
    found = {}
    for node in ast.parse((ROOT / "noxfile.py").read_text()).body:
        if not isinstance(node, ast.FunctionDef):
            continue
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "nox.session":
                tags = [word for word in decorator.keywords if word.arg == "tags"]
                found[node.name] = set(ast.literal_eval(tags[0].value)) if tags else set()
    return found


def calls(paths: Iterable[Path]) -> Iterator[Call]:
    """Yields the calls of nox in files, wherever they stand: commands, steps, sentences."""
    for path in paths:
        for found in re.findall(r"\bnox -[st] [^`'\n)|&;,]+", path.read_text()):
            yield Call(path, tuple(_words(found)))


def deploy_commands() -> set[str]:
    """Returns the sessions that are commands of `kf_airflow_deploy`."""
    words = command_line.parser().format_help()
    listed = re.findall(r"^    (\w+)\s", words, re.MULTILINE)
    return {name for name in listed if name in sessions()}


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # half of a sentence
        return text.split()
