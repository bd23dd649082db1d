"""The table of prices, and what is assumed about use."""

import datetime
import tomllib
from dataclasses import fields
from importlib.resources import files
from pathlib import Path

import pytest

from kf_airflow_deploy.costs.amounts import Amounts
from kf_airflow_deploy.costs.prices import read_prices
from kf_airflow_deploy.costs.usage import Usage, read_usage
from kf_airflow_deploy.errors import DeployError


def test_every_price_has_aws_s_page_and_the_day_it_was_taken() -> None:
    prices = read_prices().table.values()

    assert len(prices) > 80
    assert [each.name for each in prices if not each.page.startswith("https://aws.amazon.com/")] == []
    assert [each.name for each in prices if each.taken > datetime.datetime.now(tz=datetime.UTC).date()] == []


def test_every_price_was_read_somewhere_or_says_that_it_was_not() -> None:
    groups = tomllib.loads(files("kf_airflow_deploy.costs").joinpath("prices.toml").read_text())["group"]

    assert [group["name"] for group in groups if bool(group["read"]) == group["memory"]] == []


def test_the_prices_are_those_of_the_region_kids_first_is_in() -> None:
    assert read_prices().region == "us-east-1"


def test_an_instance_class_without_a_price_is_refused_with_those_there_are() -> None:
    with pytest.raises(DeployError) as caught:
        read_prices().of("database.db.m9x.large.hour", item="db.m9x.large")

    assert "no price 'database.db.m9x.large.hour' for db.m9x.large" in str(caught.value)
    assert "database.db.m7g.large.hour" in str(caught.value)
    assert "--prices" in str(caught.value)


def table(path: Path, prices: str) -> Path:
    path.write_text(
        'region = "eu-west-1"\ncurrency = "USD"\n[[group]]\npage = "https://aws.amazon.com/vpc/pricing/"\n'
        f"taken = 2026-11-30\nmemory = false\n[group.prices]\n{prices}\n"
    )
    return path


def test_a_table_of_another_region_can_be_given(tmp_path: Path) -> None:
    found = read_prices(table(tmp_path / "prices.toml", '"nat.hour" = 0.048'))

    assert found.region == "eu-west-1"
    assert found.of("nat.hour", item="NAT").amount == 0.048


@pytest.mark.parametrize("amount", ["0", "-1", "true", '"much"'])
def test_what_is_no_price_is_refused(tmp_path: Path, amount: str) -> None:
    with pytest.raises(DeployError, match=r"The price nat\.hour is .*: allowed are numbers over 0\."):
        read_prices(table(tmp_path / "prices.toml", f'"nat.hour" = {amount}'))


def test_a_table_without_a_region_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    path.write_text("")

    with pytest.raises(DeployError, match="it needs region and currency"):
        read_prices(path)


def test_a_table_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeployError, match="cannot be read"):
        read_prices(tmp_path / "prices.toml")


def test_something_is_assumed_of_all_that_is_used() -> None:
    usage = read_usage()

    assert [field.name for field in fields(Usage) if not getattr(usage, field.name)] == []


def test_own_usage_replaces_what_is_assumed_and_leaves_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "usage.toml"
    path.write_text("nat_gb = 7\ntask_logs_gb = [1, 2, 3]\n")
    usage = read_usage(path)

    assert usage.nat_gb == Amounts.of(7)
    assert usage.task_logs_gb == Amounts(1, 2, 3)
    assert usage.flow_logs_gb == read_usage().flow_logs_gb


@pytest.mark.parametrize("value", ["[3, 2, 1]", "-1", "[1, 2]", "true", '"much"'])
def test_what_is_no_amount_is_refused(tmp_path: Path, value: str) -> None:
    path = tmp_path / "usage.toml"
    path.write_text(f"nat_gb = {value}\n")

    with pytest.raises(DeployError, match=r"The usage nat_gb is .*: allowed are a number from 0 on"):
        read_usage(path)


def test_usage_of_what_is_not_known_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "usage.toml"
    path.write_text("nat_gigabytes = 7\n")

    with pytest.raises(DeployError, match="has 'nat_gigabytes': allowed are nat_gb, "):
        read_usage(path)
