"""What all references have in common."""

from __future__ import annotations

from dataclasses import dataclass, fields

from kf_airflow import checks
from kf_airflow.tables import Table


@dataclass(frozen=True, kw_only=True)
class Ref(Table):
    """What is known of something, whoever made it.

    Raises:
        ValueError: if a value is empty, or no ARN where there has to be one.
    """

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, str):
                continue
            if not value.strip():
                raise ValueError(f"{field.name} is {value!r}: allowed is a value")
            if field.name.endswith("arn"):
                checks.arn(field.name, value)
