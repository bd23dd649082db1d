"""The commands that the documentation tells people to type."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from project import ROOT

PAGES = sorted(
    path
    for pattern in ("README.md", "CONTRIBUTING.md", "docs/*.md", "*/README.md")
    for path in ROOT.glob(pattern)
)
SHELLS = ("bash", "sh", "shell", "console")
_FENCE = re.compile(r"^ *```(?P<language>\S*)$")
_SPAN = re.compile(r"(?<!`)`([^`\n]+(?:\n[^`\n]+)?)`(?!`)")
_SUBSTITUTION = re.compile(r"\$\(((?:[^()]|\([^()]*\))+)\)")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=.*", re.DOTALL)
_ENDS = {"&&", "||", ";", "|"}
# What a sentence has in the place of something else.
_PLACEHOLDER = re.compile(r"<([a-z][a-z ._-]*)>")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page.

    Args:
        path: The page.
        line: Where it begins.
        language: What its fence says.
        text: What is in it.
    """

    path: Path
    line: int
    language: str
    text: str


@dataclass(frozen=True)
class ShellCommand:
    """One simple command.

    Args:
        place: Where it stands.
        words: What the shell makes of it.
        variables: What it sets for itself.
    """

    place: str
    words: tuple[str, ...]
    variables: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The command as it is typed."""
        return " ".join([*self.variables, *self.words])


def blocks(path: Path) -> Iterator[Block]:
    """Yields the fenced blocks of a page."""
    lines = path.read_text(encoding="utf-8").split("\n")
    begun: tuple[int, str] | None = None
    for number, line in enumerate(lines, 1):
        fence = _FENCE.match(line)
        if fence and begun is None:
            begun = (number, fence["language"])
        elif fence and begun is not None:
            yield Block(path, begun[0], begun[1], "\n".join(lines[begun[0] : number - 1]))
            begun = None


def typed(path: Path) -> Iterator[ShellCommand]:
    """Yields the commands of a page's blocks, in their order."""
    for block in blocks(path):
        if block.language in SHELLS:
            yield from parsed(block.text, f"{path.relative_to(ROOT)}:{block.line}")


def mentioned(path: Path, programs: frozenset[str]) -> Iterator[ShellCommand]:
    """Yields the commands in a page's sentences: what in backticks is a program with arguments.

    Args:
        path: The page.
        programs: Which programs are looked for.
    """
    text = path.read_text(encoding="utf-8")
    for block in blocks(path):
        text = text.replace(block.text, "\n" * block.text.count("\n")) if block.text.strip() else text
    for span in _SPAN.finditer(text):
        said = " ".join(span[1].split())
        first = next((word for word in said.split() if not _ASSIGNMENT.fullmatch(word)), "")
        if first not in programs or " " not in said or re.search(r"\[|\.\.\.|…", said):
            continue
        line = text.count("\n", 0, span.start()) + 1
        yield from parsed(_PLACEHOLDER.sub(r"\1", said), f"{path.relative_to(ROOT)}:{line}")


def parsed(script: str, place: str) -> Iterator[ShellCommand]:
    """Yields the simple commands of a script.

    Args:
        script: What is typed: commands, joined by `&&`, `|` and the like, with substitutions and comments.
        place: Where it stands.
    """
    for line in script.replace("\\\n", " ").split("\n"):
        for inner in _SUBSTITUTION.findall(line):
            yield from parsed(inner, place)
        lexer = shlex.shlex(_SUBSTITUTION.sub("SUBSTITUTED", line), posix=True, punctuation_chars=";&|")
        lexer.commenters, lexer.whitespace_split = "#", True
        words: list[str] = []
        for word in [*lexer, ";"]:
            if word not in _ENDS:
                words.append(word)
                continue
            variables = []
            while words and _ASSIGNMENT.fullmatch(words[0]):
                variables.append(words.pop(0))
            if words:
                yield ShellCommand(place, tuple(words), tuple(variables))
            words = []
