"""Which variables a workspace's runs get."""

from typing import Any

import pytest

from kf_airflow_deploy.errors import DeployError
from kf_airflow_deploy.run_variables import RunVariable, run_variables


def variables(**changed: Any) -> list[RunVariable]:
    nothing: dict[str, Any] = {"settings": {}, "terraform": (), "env": (), "sensitive": (), "environment": {}}
    return run_variables(**{**nothing, **changed})


def test_a_value_that_is_written_out_can_be_read_again() -> None:
    assert variables(terraform=["size=3=x"]) == [RunVariable("size", "3=x", "terraform")]


def test_a_value_from_the_environment_is_sensitive() -> None:
    assert variables(env=["KEY"], environment={"KEY": "v"}) == [
        RunVariable("KEY", "v", "env", sensitive=True)
    ]


def test_a_written_out_value_may_be_said_to_be_sensitive() -> None:
    assert variables(env=["KEY=v"], sensitive=["KEY"]) == [RunVariable("KEY", "v", "env", sensitive=True)]


def test_the_settings_may_be_overridden() -> None:
    found = variables(settings={"REGION": "a", "ROLE": "r"}, env=["REGION=b"])

    assert {variable.name: variable.value for variable in found} == {"REGION": "b", "ROLE": "r"}


def test_an_input_variable_and_one_of_the_environment_may_have_one_name() -> None:
    assert len(variables(terraform=["a=1"], env=["a=2"])) == 2


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"terraform": ["hunter2!"]}, "--var needs NAME=VALUE, or NAME for the value of that variable here"),
        ({"env": ["=hunter2!"]}, "--env needs NAME=VALUE"),
        ({"env": ["A=hunter2!", "A=b"]}, "--env A is given twice: allowed is once"),
        ({"env": ["A"]}, "--env A has no value: write --env A=VALUE, or set A in the environment"),
        ({"env": ["A=hunter2!"], "sensitive": ["B"]}, "--sensitive B names no variable"),
    ],
)
def test_what_cannot_be_meant_is_refused_without_telling_a_value(
    changed: dict[str, Any], message: str
) -> None:
    with pytest.raises(DeployError, match=message) as refused:
        variables(**changed)

    assert "hunter2!" not in str(refused.value)


def test_a_value_is_not_in_its_representation() -> None:
    assert "hunter2!" not in repr(variables(terraform=["a=hunter2!"]))
