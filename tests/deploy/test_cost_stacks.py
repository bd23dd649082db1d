"""The cost of the stacks there are: nothing in them is left out."""

import dataclasses
import re

import pytest
import stacks
from project import ROOT

from kf_airflow_deploy.costs.counting import COUNTED, FREE
from kf_airflow_deploy.costs.estimate import Estimate, estimate
from kf_airflow_deploy.costs.prices import read_prices
from kf_airflow_deploy.costs.stack_resources import StackResources
from kf_airflow_deploy.costs.usage import read_usage
from kf_airflow_deploy.errors import DeployError


def estimated(name: str) -> Estimate:
    """The cost of a stack, as if it were in the region whose prices we have."""
    stack = StackResources(stacks.synthesized(name).document)
    prices = dataclasses.replace(read_prices(), region=stack.region or "us-east-1")
    return estimate(stack, read_usage(), prices)


@pytest.mark.parametrize(
    "name",
    [
        *(name for name in stacks.names() if name.startswith("config/")),
        "examples/everything",  # with most of the options on
        "examples/network_isolated",  # without NAT
        "examples/api_service",  # without Airflow
    ],
)
def test_every_resource_of_a_stack_is_priced_or_free(name: str) -> None:
    found = estimated(name)

    assert 0 < found.cost.least <= found.cost.typical <= found.cost.most


def test_every_type_the_library_makes_is_counted_or_free_and_not_both() -> None:
    made = {
        f"aws_{module}"
        for path in (ROOT / "modules/kf_airflow").rglob("*.py")
        for module in re.findall(r"provider_aws\.(?!data_|provider)(\w+) import", path.read_text())
    }
    counted = [type_ for types in COUNTED.values() for type_ in types]

    assert len(made) > 50
    assert made - set(counted) - FREE == set()
    assert set(counted) & FREE == set()
    assert len(counted) == len(set(counted))


def test_prd_costs_what_its_lines_cost() -> None:
    found = estimated("config/prd")

    assert found.cost.typical == pytest.approx(sum(line.cost.typical for line in found.lines))
    assert {line.quantity.part for line in found.lines} == set(found.parts)


def test_the_parts_of_prd_are_those_of_the_bill() -> None:
    assert estimated("config/prd").parts == (
        "Network",
        "Load balancer",
        "ECS services",
        "Database",
        "Broker",
        "S3",
        "Logs",
        "CloudWatch",
        "Secrets Manager",
        "KMS",
        "DNS",
    )


def test_the_database_of_prd_is_two_instances_at_the_price_of_the_table() -> None:
    found = estimated("config/prd")
    (line,) = [each for each in found.lines if each.price.name == "database.db.m7g.large.hour"]

    assert line.cost.typical == pytest.approx(2 * 730 * 0.168)


def test_every_option_that_is_named_is_one_of_the_settings() -> None:
    readme = (ROOT / "README.md").read_text()
    headers = set(re.findall(r"`\[+([a-z_.<>]+)\]+`", readme))
    options = {option for line in estimated("config/prd").lines for option in line.quantity.options}

    assert len(options) > 20
    for option in options:
        found = re.fullmatch(r"\[([a-z_.<>]+)\](?: ([a-z_, ]+))?", option)
        assert found, option
        assert found[1] in headers, option
        for name in (found[2] or "").split(", "):
            assert not name or f"| `{name}` |" in readme, option


def test_the_floor_of_mwaa_is_its_environment_and_a_database_of_ten_gigabytes() -> None:
    small = estimated("config/prd").floors[0]

    assert small.name == "mw1.small"
    assert small.cost == pytest.approx(730 * 0.49 + 10 * 0.10)
    assert small.worker == pytest.approx(730 * 0.055)


def test_the_prices_of_one_region_are_not_taken_for_another() -> None:
    stack = StackResources(stacks.synthesized("examples/everything").document)

    with pytest.raises(DeployError, match="prices are those of us-east-1, and the stack is in us-west-2"):
        estimate(stack, read_usage(), read_prices())
