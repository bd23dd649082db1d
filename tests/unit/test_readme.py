"""README.md tells of every setting, and what tells of them in general."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from option_tables import (
    BEGIN,
    END,
    README,
    Option,
    UndescribedError,
    option_tables,
    options_of,
    replaced,
    rewrite,
)
from pydantic import BaseModel, Field

from kf_airflow.tables import Table


@dataclass(frozen=True, kw_only=True)
class Disk(Table):
    """A disk.

    Args:
        gib: How large it is,
            in GiB.
    """

    gib: int


@dataclass(frozen=True, kw_only=True)
class FastDisk(Disk):
    """A fast disk.

    Args:
        kinds: `a` | `b`, or both.
        labels: What stands on it. Nothing if left out.
    """

    kinds: tuple[str, ...] = ("a", "b")
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Machine(Table):
    """A machine.

    Raises:
        ValueError: never.

    Args:
        name: What it is called.
        noisy: Whether it is heard. True if left out.
        label: What stands on it. Nothing if left out.
        disk: Its disk, one of either kind.
        spare: Another disk. None if left out.
    """

    name: str = 'an "old" one'
    noisy: bool = True
    label: str | None = None
    disk: Disk | FastDisk
    spare: Disk | None = None


class House(BaseModel):
    """A house.

    Args:
        rooms: How many it has. 3 if left out.
        machine: The machine in it.
        machines: Further ones by name. None if left out.
        shelves: What lies on the shelves. Nothing if left out.
    """

    rooms: int = 3
    machine: Machine
    machines: dict[str, Machine] = Field(default_factory=dict)
    shelves: tuple[Disk, ...] = ()


class Silent(Machine):
    """A class that adds nothing to say."""


@dataclass(frozen=True, kw_only=True)
class Undescribed(Table):
    """It says too little and too much.

    Args:
        known: What is known.
        gone: What is no more.
        empty:
    """

    known: int
    unknown: int
    empty: int


class Shed(BaseModel):
    """A shed.

    Args:
        content: What is in it.
    """

    content: Undescribed
    key: str


def test_the_readme_tells_of_every_setting() -> None:
    text = README.read_text(encoding="utf-8")

    assert text == replaced(text, option_tables()), "README.md is not up to date: `nox -s readme` rewrites it"


def test_an_option_has_a_default_or_is_required() -> None:
    assert {option.name: option.default for option in options_of(Machine)} == {
        "name": '"an \\"old\\" one"',
        "noisy": "true",
        "label": "",
        "disk": "required",
        "spare": "",
    }


def test_lists_and_tables_are_written_as_in_toml() -> None:
    assert [option.default for option in options_of(FastDisk)] == ["required", '["a", "b"]', "{}"]


def test_a_filled_table_is_written_as_in_toml() -> None:
    class Labelled(BaseModel):
        """Something.

        Args:
            labels: What stands on it.
        """

        labels: dict[str, str] = {"colour": "red"}

    assert [option.default for option in options_of(Labelled)] == ['{ colour = "red" }']


def test_what_a_class_does_not_describe_is_described_by_the_one_it_derives_from() -> None:
    assert [option.text for option in options_of(FastDisk)][:2] == [
        "How large it is, in GiB.",
        "`a` | `b`, or both.",
    ]
    assert options_of(Silent) == options_of(Machine)


def test_a_row_is_one_of_a_markdown_table() -> None:
    rows = [option.row for option in (*options_of(FastDisk)[:2], Option("label", str, "", "Its label."))]

    assert rows == [
        "| `gib` | required | How large it is, in GiB. |",
        '| `kinds` | `["a", "b"]` | `a` \\| `b`, or both. |',
        "| `label` |  | Its label. |",
    ]


def test_every_table_stands_below_each_place_it_may_have() -> None:
    assert option_tables(House).split("\n\n### ")[1:] == [
        "`[machine]`, `[machines.<name>]`\n\n"
        "- `[machine]`: The machine in it. Required.\n"
        "- `[machines.<name>]`: Further ones by name. None if left out.\n\n"
        "| Setting | Default | What it is |\n"
        "|---|---|---|\n"
        '| `name` | `"an \\"old\\" one"` | What it is called. |\n'
        "| `noisy` | `true` | Whether it is heard. True if left out. |\n"
        "| `label` |  | What stands on it. Nothing if left out. |",
        "`[machine.disk]`, `[machine.spare]`, `[machines.<name>.disk]`, `[machines.<name>.spare]`, "
        "`[[shelves]]`\n\n"
        "- `[machine.disk]`: Its disk, one of either kind. A disk. Required.\n"
        "- `[machine.spare]`: Another disk. None if left out.\n"
        "- `[machines.<name>.disk]`: Its disk, one of either kind. A disk. Required.\n"
        "- `[machines.<name>.spare]`: Another disk. None if left out.\n"
        "- `[[shelves]]`: What lies on the shelves. Nothing if left out.\n\n"
        "| Setting | Default | What it is |\n"
        "|---|---|---|\n"
        "| `gib` | required | How large it is, in GiB. |",
        "`[machine.disk]`, `[machines.<name>.disk]`\n\n"
        "- `[machine.disk]`: Its disk, one of either kind. A fast disk. Required.\n"
        "- `[machines.<name>.disk]`: Its disk, one of either kind. A fast disk. Required.\n\n"
        "| Setting | Default | What it is |\n"
        "|---|---|---|\n"
        "| `gib` | required | How large it is, in GiB. |\n"
        '| `kinds` | `["a", "b"]` | `a` \\| `b`, or both. |\n'
        "| `labels` | `{}` | What stands on it. Nothing if left out. |",
    ]


def test_the_top_level_has_what_is_in_no_table() -> None:
    assert option_tables(House).split("\n\n### ")[0] == (
        "### Top level\n\n"
        "What stands before the first table of a file.\n\n"
        "| Setting | Default | What it is |\n"
        "|---|---|---|\n"
        "| `rooms` | `3` | How many it has. 3 if left out. |"
    )


def test_what_the_name_of_a_file_says_is_no_setting() -> None:
    assert "`environment`" not in option_tables().split("\n\n### ")[0]


def test_options_and_descriptions_that_miss_each_other_are_all_named() -> None:
    with pytest.raises(UndescribedError) as refused:
        option_tables(Shed)

    assert str(refused.value).splitlines() == [
        "Shed.key has no description",
        "Undescribed.unknown has no description",
        "Undescribed.empty has no description",
        "Undescribed describes gone, which it does not have",
    ]


def test_only_what_is_between_the_markers_is_replaced() -> None:
    assert replaced(f"# Title\n{BEGIN}\nold\n{END}\nrest\n", "new") == f"# Title\n{BEGIN}\nnew\n{END}\nrest\n"


@pytest.mark.parametrize(
    "text",
    ["", BEGIN, END, f"{END}{BEGIN}", f"{BEGIN}{END}{END}", f"{BEGIN}{BEGIN}{END}"],
    ids=["none", "begin alone", "end alone", "turned round", "end twice", "begin twice"],
)
def test_a_file_without_the_markers_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"the file has to have {BEGIN} and then {END} once")):
        replaced(text, "new")


def test_a_file_is_rewritten_in_place(tmp_path: Path) -> None:
    file = tmp_path / "README.md"
    file.write_text(f"before\n{BEGIN}\n{END}\nafter\n")

    rewrite(file)

    assert file.read_text() == f"before\n{BEGIN}\n{option_tables()}\n{END}\nafter\n"
