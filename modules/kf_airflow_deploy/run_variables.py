"""The variables a workspace's runs get: what the command line and the settings say of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kf_airflow_deploy.errors import DeployError

TERRAFORM = "terraform"
ENV = "env"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class RunVariable:
    """One variable of a workspace.

    Args:
        name: What it is called.
        value: What it is; its representation hides it.
        category: `terraform`, an input variable, or `env`, a variable of the environment.
        sensitive: Whether nobody can read it again.
    """

    name: str
    value: str = field(repr=False)
    category: str
    sensitive: bool = False


def run_variables(
    *,
    settings: Mapping[str, str],
    terraform: Iterable[str],
    env: Iterable[str],
    sensitive: Iterable[str],
    environment: Mapping[str, str],
) -> list[RunVariable]:
    """Returns the variables to set.

    `NAME=VALUE` is taken as it is. For `NAME` alone the value is that of the same name in the environment, so
    that it stands in no list of processes, and the variable is sensitive.

    Args:
        settings: What the settings have for the environment of runs. The command line overrides it.
        terraform: Input variables.
        env: Variables of the environment.
        sensitive: Names of those that are sensitive though their value was written out.
        environment: The environment.

    Raises:
        DeployError: if a name cannot be one, is given twice or has no value; the value is not in its text.
    """
    found = {(ENV, name): RunVariable(name, value, ENV) for name, value in settings.items()}
    given: set[tuple[str, str]] = set()
    hidden = set(sensitive)
    for category, option, texts in ((TERRAFORM, "--var", terraform), (ENV, "--env", env)):
        for text in texts:
            variable = _variable(text, option, category, hidden, environment)
            key = (category, variable.name)
            if key in given:
                raise DeployError(f"{option} {variable.name} is given twice: allowed is once.")
            given.add(key)
            found[key] = variable
    if unknown := hidden - {variable.name for variable in found.values()}:
        raise DeployError(
            f"--sensitive {min(unknown)} names no variable: allowed are those of --var, --env and the "
            "settings' state.variables."
        )
    return [_hidden(variable, hidden) for variable in found.values()]


def _variable(
    text: str, option: str, category: str, hidden: set[str], environment: Mapping[str, str]
) -> RunVariable:
    name, separator, value = text.partition("=")
    if not _NAME.fullmatch(name):
        # What cannot be a name may be a value whose name was forgotten.
        raise DeployError(
            f"{option} needs NAME=VALUE, or NAME for the value of that variable here; a name has letters, "
            "digits, underscores and hyphens, no digit first."
        )
    if separator:
        return RunVariable(name, value, category, sensitive=name in hidden)
    if name not in environment:
        raise DeployError(
            f"{option} {name} has no value: write {option} {name}=VALUE, or set {name} in the environment."
        )
    return RunVariable(name, environment[name], category, sensitive=True)


def _hidden(variable: RunVariable, hidden: set[str]) -> RunVariable:
    if variable.name not in hidden or variable.sensitive:
        return variable
    return RunVariable(variable.name, variable.value, variable.category, sensitive=True)
