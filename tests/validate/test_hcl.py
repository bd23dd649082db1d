"""A stack in HCL is to Terraform what it is in JSON."""

from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

import pytest
import stacks
from synthesis import Synthesized
from terraform_runs import TerraformRuns
from terraform_schema import disagreements


@pytest.mark.parametrize("name", stacks.names())
def test_its_plan_is_that_of_the_json(
    name: str,
    runs: TerraformRuns,
    errors: Mapping[str, Future[str | None]],
    hcl_plans: Mapping[str, Future[dict[str, Any]]],
) -> None:
    assert errors[name].result(timeout=300) is None
    json = runs.planned(name)

    assert json["planned_values"]["root_module"]["resources"]
    assert hcl_plans[name].result(timeout=300) == json


@pytest.mark.parametrize("name", stacks.names())
def test_the_bindings_take_for_blocks_what_the_provider_does(
    name: str, made: dict[str, Synthesized], runs: TerraformRuns
) -> None:
    assert list(disagreements(made[name].document, runs.schemas, stacks.blocks(name))) == []
