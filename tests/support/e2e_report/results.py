"""What became of the tests, read from pytest's JUnit XML."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as Xml

PICTURE = "picture"
"""Name of the property by which a test tells of a picture that it took."""

FEW_LINES = 5
"""How many lines tell of one failure where there is little room."""


@dataclass(frozen=True)
class Result:
    """One test.

    Args:
        module: The module it is in.
        name: What it is called.
        outcome: `passed`, `failed`, `error` (before or after it) or `skipped`.
        seconds: How long it took with its fixtures, in seconds.
        said: What explains an outcome other than `passed`.
        pictures: File names of the pictures that it took.
    """

    module: str
    name: str
    outcome: str
    seconds: float
    said: str = ""
    pictures: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Whether it did not fail."""
        return self.outcome in {"passed", "skipped"}

    @property
    def sentence(self) -> str:
        """Its name, which is one."""
        name, bracket, parameters = self.name.partition("[")
        return name.removeprefix("test_").replace("_", " ") + (f" {bracket}{parameters}" if bracket else "")

    @property
    def reason(self) -> str:
        """What it said of its failing, in a few lines: those that pytest marks so, or the last ones."""
        lines = [line for line in self.said.splitlines() if line.removeprefix("E").strip()]
        marked = [line[1:].strip() for line in lines if line.startswith("E ")]
        return "\n".join(marked[:FEW_LINES] or lines[-FEW_LINES:])


@dataclass(frozen=True)
class Module:
    """The tests of one module, in the order in which they ran."""

    name: str
    results: Sequence[Result]

    @property
    def seconds(self) -> float:
        """How long they took together, in seconds."""
        return sum(result.seconds for result in self.results)

    @property
    def good(self) -> bool:
        """Whether none failed."""
        return all(result.good for result in self.results)


def read(path: Path) -> list[Result] | None:
    """Returns what became of each test; None if pytest wrote nothing, as when it was killed or not begun."""
    if not path.is_file():
        return None
    return [_result(case) for case in Xml.parse(path).iter("testcase")]  # noqa: S314  # pytest wrote it


def by_module(results: Sequence[Result]) -> list[Module]:
    """Returns the modules in the order in which the first test of each ran."""
    names = dict.fromkeys(result.module for result in results)
    return [Module(name, [result for result in results if result.module == name]) for name in names]


def _result(case: Xml.Element) -> Result:
    outcome, said = "passed", ""
    for kind, word in (("skipped", "skipped"), ("failure", "failed"), ("error", "error")):
        for found in case.iter(kind):
            outcome = word
            said += f"{found.text or found.get('message', '')}\n"
    return Result(
        module=case.get("classname", "").rpartition(".")[2] or case.get("name", ""),
        name=case.get("name", ""),
        outcome=outcome,
        seconds=float(case.get("time", 0)),
        said=said.strip(),
        pictures=tuple(
            found.get("value", "") for found in case.iter("property") if found.get("name") == PICTURE
        ),
    )
