"""Refuses variables for Airflow that it would not read, or that would break what the library sets.

Airflow itself says nothing of them: an option it does not know is a variable like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from kf_airflow.owned_variables import REASONS, SETTINGS
from kf_airflow.removed_options import REMOVED, REMOVED_SECTIONS, REPLACEMENTS, STILL_READ

# The sections of Airflow 3.3 and of the providers in the image, and those that are gone.
# https://airflow.apache.org/docs/apache-airflow/3.3.2/configurations-ref.html
SECTIONS = (
    *("api", "api_auth", "aws", "aws_auth_manager", "aws_batch_executor", "aws_ecs_executor"),
    *("aws_eks_executor", "aws_lambda_executor", "callbacks", "celery", "celery_broker_transport_options"),
    *("celery_kubernetes_executor", "celery_result_backend_transport_options", "common_io"),
    *("connection_test", "core", "dag_processor", "database", "email", "execution_api", "fab", "kerberos"),
    *("lineage", "logging", "metrics", "operators", "postgres", "profiling", "scheduler", "sdk", "secrets"),
    *("sensors", "sentry", "smtp", "standard", "state_store", "traces", "triggerer", "workers"),
    *REMOVED_SECTIONS,
)

_PREFIX = "AIRFLOW__"
# AIRFLOW__SECTION__OPTION, and AIRFLOW__TEAM___SECTION__OPTION where there are teams. Celery has options with
# hyphens.
_VARIABLE = re.compile(
    rf"{_PREFIX}(?:[A-Z0-9]+(?:_[A-Z0-9]+)*___)?"
    r"(?P<section>[A-Z0-9]+(?:_[A-Z0-9]+)*)__(?P<option>[A-Z0-9]+(?:(?:__?|-)[A-Z0-9]+)*)"
)
# What says where a value is instead of having it.
# https://airflow.apache.org/docs/apache-airflow/stable/howto/set-config.html
_SUFFIXES = ("_CMD", "_SECRET")


def problems(variables: Iterable[str]) -> list[str]:
    """Returns a sentence for each variable that is no use, or that is not the user's to set.

    Args:
        variables: The names of environment variables, not only those of Airflow.
    """
    found = ((name, _problem(name)) for name in sorted(variables))
    return [f"{name} {problem}" for name, problem in found if problem is not None]


def checked_variables(variables: Iterable[str]) -> None:
    """Refuses variables that are no use, or that are not the user's to set.

    Args:
        variables: The names of environment variables, not only those of Airflow.

    Raises:
        ValueError: if there are such, with a sentence for each.
    """
    found = problems(variables)
    if found:
        raise ValueError("; ".join(found))


def _problem(name: str) -> str | None:
    spelling = _spelling(name)
    if spelling != name:
        further = _problem(spelling)
        return "is not spelt as Airflow reads it" + (
            f", and {spelling} {further}" if further else f": use {spelling}"
        )
    variable = _VARIABLE.fullmatch(name)
    if variable is None:
        return None
    section, option = variable["section"].lower(), variable["option"].lower()
    for plain in _without_suffix(option):
        problem = _of_option(section, plain)
        if problem is not None:
            return problem
    return None


def _of_option(section: str, option: str) -> str | None:
    key, variable = f"{section}.{option}", _variable(section, option)
    if variable in SETTINGS:
        return f"has a setting of its own: use {SETTINGS[variable]}"
    if variable in REASONS:
        return f"is set by the library: remove it, {REASONS[variable]}"
    if key in REPLACEMENTS:
        return f"is not an option of Airflow 3.3: {_instead(REPLACEMENTS[key])}"
    hint = REMOVED.get(key)
    if hint is None and key not in STILL_READ:
        hint = REMOVED_SECTIONS.get(section)
    if hint is None:
        return None
    return f"is not an option of Airflow 3.3 and has no replacement: remove it{hint and f', {hint}'}"


def _instead(replacement: str) -> str:
    """Returns what to do where the replacement is not the user's to set either."""
    variable = _variable(*replacement.split("."))
    if variable in REASONS:
        return f"remove it, for {variable} is set by the library, {REASONS[variable]}"
    return f"use {SETTINGS.get(variable, variable)}"


def _without_suffix(option: str) -> Iterable[str]:
    """Returns the option itself, as some end like a suffix, and what is before one."""
    return (
        option,
        *(option.removesuffix(suffix.lower()) for suffix in _SUFFIXES if option.endswith(suffix.lower())),
    )


def _spelling(name: str) -> str:
    """Returns how Airflow would have to be told; the name as it is, if it means something else."""
    if _VARIABLE.fullmatch(name):
        return name
    upper = re.sub(r"[^A-Z0-9_]", "_", name.upper())
    if _VARIABLE.fullmatch(upper):
        return upper
    single = _PREFIX.removesuffix("_")
    if not upper.startswith(single):
        return name
    rest = upper.removeprefix(single)
    # Variables and connections, such as AIRFLOW_VAR_X and AIRFLOW_CONN_X, have one underscore: only what has
    # two somewhere, and a section, means an option.
    for section in sorted(map(str.upper, SECTIONS), key=len, reverse=True):
        written = re.fullmatch(rf"(?P<before>_*){section}(?P<between>_+)(?P<option>[A-Z0-9].*?)_*", rest)
        if written and (written["before"] or len(written["between"]) > 1):
            return f"{_PREFIX}{section}__{written['option']}"
    return "AIRFLOW__SECTION__OPTION" if rest.startswith("_") else name


def _variable(section: str, option: str) -> str:
    return f"{_PREFIX}{section}__{option}".upper()
