"""What a service's code may do in AWS besides what the library gives it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kf_airflow.tables import Table

_ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z0-9*?]+")


@dataclass(frozen=True, kw_only=True)
class Permission(Table):
    """A statement of an IAM policy that allows something.

    Args:
        actions: What is allowed, such as `batch:SubmitJob`.
        resources: On which ARNs, or `*` where AWS knows no resource for the action.

    Raises:
        ValueError: if an action is not one, or all actions of a service or of AWS are allowed at once.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...]

    def __post_init__(self) -> None:
        for key in ("actions", "resources"):
            if not getattr(self, key):
                raise ValueError(f"{key} is empty: allowed is one or more")
        for action in self.actions:
            if not _ACTION.fullmatch(action) or action.endswith(":*"):
                raise ValueError(
                    f"actions has {action!r}: allowed are actions of IAM such as batch:SubmitJob, "
                    "and not all of a service"
                )
        for resource in self.resources:
            # Terraform's references stand for ARNs.
            if resource != "*" and not resource.startswith(("arn:", "${")):
                raise ValueError(f"resources has {resource!r}: allowed are ARNs, and '*' alone")
