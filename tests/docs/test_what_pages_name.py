"""Names in the documentation are those of what is deployed, and settings those there are."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

import pytest
import stacks
from project import ROOT
from shell_commands import PAGES, Block, blocks, typed

from kf_airflow.kinds import below
from kf_airflow.settings import Settings
from kf_airflow_deploy.costs.usage import Usage

TABLES = [block for page in PAGES for block in blocks(page) if block.language == "toml"]
# What a command of the documentation makes, and the stack does not have.
MADE_THERE = {"kf-airflow-prd-restored"}


@pytest.mark.parametrize("environment", ["prd", "dev"])
def test_what_a_command_names_is_in_the_stack(environment: str) -> None:
    text = json.dumps(stacks.synthesized(f"config/{environment}").document)
    ours = rf"kf-airflow-{environment}(?:-[\w-]+|/(?!kf-)\w+)?"
    pattern = re.compile(rf"{ours}|apps-{environment}[\w/-]*|airflow_\w+_token-seed_\w+")
    named = {
        name
        for page in PAGES
        for command in typed(page)
        for word in command.words
        for name in pattern.findall(word)
        if environment == "prd" or "token-seed" not in name
    }

    assert named
    assert [name for name in sorted(named - MADE_THERE) if f'"{name}"' not in text] == []


@pytest.mark.parametrize("package", ["localstack-core", "moto-ext"])
def test_the_versions_of_the_local_cloud_are_those_it_is_built_from(package: str) -> None:
    page = (ROOT / "docs/localstack_limits.md").read_text(encoding="utf-8")
    lock = (ROOT / "localstack/requirements.lock").read_text(encoding="utf-8")

    said = re.findall(rf"\w+ (\S+) \(`{package}`\)", page)

    assert said == re.findall(rf"^{package}==(\S+) ", lock, re.MULTILINE)
    assert len(said) == 1


@pytest.mark.parametrize("block", TABLES, ids=lambda block: f"{block.path.relative_to(ROOT)}:{block.line}")
def test_every_setting_in_a_block_is_one(block: Block) -> None:
    table = tomllib.loads(block.text)
    if set(table) <= {field.name for field in fields(Usage)}:
        return

    assert [path for path, kind in _kinds(Settings, table) if kind is None] == []


def test_a_setting_that_is_none_would_be_found() -> None:
    assert [path for path, kind in _kinds(Settings, {"worker": {"warp": 9}}) if kind is None] == [
        "worker.warp"
    ]


def _kinds(kind: Any, table: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Yields each key of a table by its whole name, with its type."""
    for key, value in table.items():
        found = below(kind, key)
        yield f"{path}{key}", found
        if isinstance(value, dict) and found is not None:
            yield from _kinds(found, value, f"{path}{key}.")
