"""An HCL root that uses the modules plans what the constructs are."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import moto_account
import pytest
from module_roots import Root, built, by_name, construct, defaults, others, wired

Planned = dict[str, dict[tuple[str, str], Any]]
PARTS = sorted(by_name())


@pytest.fixture(scope="module")
def account() -> Iterator[str]:
    with moto_account.account() as url:
        yield url


@pytest.fixture(scope="module")
def plan(account: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Planned]:
    """Plans each module beside the construct that it is to equal."""

    def plan(values_of: Callable[[str], dict[str, Any]]) -> Planned:
        calls: dict[str, Any] = {}
        for part in PARTS:
            values = values_of(part)
            needed = {
                name: value
                for name, value in values.items()
                if value != built(part)["variable"][name].get("default")
            }
            calls[part] = (built(part), needed)
            calls[f"{part}-itself"] = (construct(part, values), {})
        return Root(tmp_path_factory.mktemp("root"), url=account, calls=calls).planned()

    return plan


@pytest.fixture(scope="module")
def with_defaults(plan: Callable[..., Planned]) -> Planned:
    return plan(defaults)


@pytest.fixture(scope="module")
def with_others(plan: Callable[..., Planned]) -> Planned:
    return plan(others)


@pytest.mark.parametrize("part", PARTS)
def test_a_module_of_which_only_the_needed_is_said_is_the_construct(
    with_defaults: Planned, part: str
) -> None:
    assert with_defaults[part] == with_defaults[f"{part}-itself"]


@pytest.mark.parametrize("part", PARTS)
def test_a_module_of_which_everything_is_said_is_the_construct(with_others: Planned, part: str) -> None:
    assert with_others[part] == with_others[f"{part}-itself"]


def test_the_modules_can_be_told_of_each_other(account: str, tmp_path: Path) -> None:
    calls = wired("etl-dev", image="registry.example.org/etl:1", service=built("service"))

    planned = Root(tmp_path, url=account, calls=calls).planned()

    assert set(planned) == set(PARTS) - {"airflow", "background-service"}
    assert ("aws_ecs_service", "service_E7C408F2") in planned["service"]


@pytest.mark.parametrize("part", PARTS)
def test_most_variables_are_tried_with_other_values(part: str) -> None:
    before, after = defaults(part), others(part)
    optional = [name for name, variable in built(part)["variable"].items() if "default" in variable]

    same = [name for name in optional if after[name] == before[name]]
    assert len(same) <= len(optional) // 4, same
