"""What the settings do not say about what a deployment costs: how much it is used."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Any

from kf_airflow_deploy.costs.amounts import Amounts
from kf_airflow_deploy.errors import DeployError


@dataclass(frozen=True)
class Usage:
    """How much of what is charged by use, in a month: `usage.toml` says what each is."""

    nat_gb: Amounts
    endpoint_gb: Amounts
    cross_zone_gb: Amounts
    load_balancer_units: Amounts
    service_logs_gb: Amounts
    flow_logs_gb: Amounts
    database_logs_gb: Amounts
    task_logs_gb: Amounts
    access_logs_gb: Amounts
    s3_writes: Amounts
    s3_reads: Amounts
    s3_months_kept: Amounts
    database_used_percent: Amounts
    database_change_percent: Amounts
    broker_snapshot_gb: Amounts
    secret_calls: Amounts
    key_requests: Amounts
    emails: Amounts


def read_usage(path: Path | None = None) -> Usage:
    """Returns what is assumed.

    Args:
        path: A file with what differs from our own assumptions. Nothing does if left out.

    Raises:
        DeployError: if the file cannot be read, or has what is not known or no amount.
    """
    ours = tomllib.loads(files(__package__).joinpath("usage.toml").read_text(encoding="utf-8"))
    return Usage(**{name: _amounts(name, value) for name, value in {**ours, **_theirs(path)}.items()})


def _theirs(path: Path | None) -> Mapping[str, Any]:
    if path is None:
        return {}
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DeployError(f"The usage in {path} cannot be read: {error}") from error
    known = [field.name for field in fields(Usage)]
    for name in found:
        if name not in known:
            raise DeployError(f"{path} has {name!r}: allowed are {', '.join(known)}.")
    return found


def _amounts(name: str, value: Any) -> Amounts:
    numbers = value if isinstance(value, list) else [value] * 3
    fine = len(numbers) == 3 and all(
        isinstance(number, int | float) and not isinstance(number, bool) and number >= 0 for number in numbers
    )
    if not fine or sorted(numbers) != numbers:
        raise DeployError(
            f"The usage {name} is {value!r}: allowed are a number from 0 on, or three that do not fall."
        )
    return Amounts(*map(float, numbers))
