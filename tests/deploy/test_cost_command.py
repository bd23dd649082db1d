"""`nox -s cost`: what is printed."""

import datetime
import json
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from tiny_project import TinyProject

from kf_airflow_deploy.command_line import main
from kf_airflow_deploy.costs.cost_table import notes, print_estimate
from kf_airflow_deploy.costs.estimate import Estimate, estimate
from kf_airflow_deploy.costs.prices import read_prices
from kf_airflow_deploy.costs.stack_resources import StackResources
from kf_airflow_deploy.costs.usage import read_usage

NAT: dict[str, dict[str, dict[str, object]]] = {"aws_nat_gateway": {"one": {}}}


def made(**resources: object) -> Estimate:
    return estimate(StackResources({"resource": resources}), read_usage(), read_prices())


def printed(found: Estimate, *, width: int = 120) -> str:
    console = Console(file=StringIO(), width=width)
    print_estimate(found, console, environment="dev", today=datetime.date(2026, 12, 1))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("option", ["--environment", "--env"])
def test_the_environment_has_the_name_it_has_elsewhere_and_a_short_one(
    project: TinyProject, capfd: pytest.CaptureFixture[str], option: str
) -> None:
    stack = json.loads((project.root / "stack.json").read_text())
    stack["resource"] |= NAT
    (project.root / "stack.json").write_text(json.dumps(stack))

    assert main(["cost", option, "dev"]) == 0

    said = capfd.readouterr().out
    assert "dev: USD a month" in said
    assert "32.85" in said


def test_for_programs_each_line_has_its_price_and_where_that_is_from(
    project: TinyProject, capfd: pytest.CaptureFixture[str]
) -> None:
    stack = json.loads((project.root / "stack.json").read_text())
    stack["resource"] |= NAT
    (project.root / "stack.json").write_text(json.dumps(stack))

    assert main(["cost", "--json"]) == 0

    found = json.loads(capfd.readouterr().out)
    line = found["parts"]["Network"]["lines"][0]
    assert line["month"] == {"least": 32.85, "typical": 32.85, "most": 32.85}
    assert (line["unit_cost"], line["page"]) == (0.045, "https://aws.amazon.com/vpc/pricing/")
    assert line["options"] == ["[network] nat", "[network] zones"]
    assert found["mwaa"]["mw1.small"] == {"month": 358.7, "worker": 40.15}


def test_a_resource_nobody_knows_ends_it_with_a_sentence(
    project: TinyProject, capfd: pytest.CaptureFixture[str]
) -> None:
    stack = json.loads((project.root / "stack.json").read_text())
    stack["resource"] |= {"aws_redshift_cluster": {"it": {}}}
    (project.root / "stack.json").write_text(json.dumps(stack))

    assert main(["cost"]) == 2
    assert "Nobody knows what these cost: aws_redshift_cluster" in capfd.readouterr().err


def test_usage_that_cannot_be_read_ends_it_before_anything_is_synthesized(
    project: TinyProject, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["cost", "--usage", str(tmp_path / "nowhere.toml")]) == 2
    assert "cannot be read" in capfd.readouterr().err
    assert not (project.root / "build").exists()


def test_each_part_has_its_sum_and_each_line_the_settings_that_change_it() -> None:
    lines = printed(made(**NAT)).splitlines()
    part = next(line for line in lines if "Network" in line)
    gateway = next(line for line in lines if "NAT gateways (1)" in line)

    assert part.split()[1:] == ["33.08", "35.10", "55.35"]
    assert gateway.split()[-2:] == ["[network]", "nat"]


def test_two_prices_of_one_thing_are_one_line() -> None:
    task = {"cpu": "1024", "memory": "2048", "container_definitions": "[]"}
    service = {"desired_count": 1, "task_definition": "${aws_ecs_task_definition.task.arn}"}
    said = printed(made(aws_ecs_service={"it": service}, aws_ecs_task_definition={"task": task}))

    assert said.count("1 task of 1 vCPU, 2 GiB") == 1
    assert f"{730 * (0.04048 + 2 * 0.004445):.2f}" in said


def test_mwaa_stands_beside_it() -> None:
    said = printed(made(**NAT))

    assert "mw1.small" in said
    assert "358.70" in said


def test_prices_from_memory_are_owned_up_to() -> None:
    prices = read_prices()
    alarm = replace(prices.of("alarm.month", item="an alarm"), from_memory=True)
    stack = StackResources({"resource": {"aws_cloudwatch_metric_alarm": {"it": {"period": 60}}}})
    found = estimate(stack, read_usage(), replace(prices, table={**prices.table, alarm.name: alarm}))

    assert any("$0.10 of the typical month go by prices from memory" in each for each in notes_of(found))


def test_prices_that_were_read_are_not_said_to_be_from_memory() -> None:
    assert not any("from memory" in each for each in notes_of(made(**NAT)))


def test_prices_that_are_old_are_said_to_be() -> None:
    found = made(**NAT)

    assert not any("days old" in each for each in notes_of(found))
    assert any("365 days old" in each for each in notes(found, today=datetime.date(2027, 11, 30)))


def notes_of(found: Estimate) -> list[str]:
    return list(notes(found, today=datetime.date(2026, 12, 1)))
