"""The states of a run in Terraform Cloud, and what they mean to who waits for it.

https://developer.hashicorp.com/terraform/cloud-docs/api-docs/run#run-states
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

QUEUED = frozenset({"pending", "fetching", "fetching_completed", "queuing", "plan_queued"})
APPLYING = frozenset(
    {"confirmed", "pre_apply_running", "pre_apply_completed", "queuing_apply", "apply_queued", "applying"}
)
SUCCEEDED = frozenset({"applied", "planned_and_finished", "planned_and_saved"})
ABANDONED = frozenset({"discarded", "canceled", "force_canceled"})
# A policy that is no more than advised failed in a run that only plans, which ends with that.
FAILED = frozenset({"errored", "policy_soft_failed"})
ABANDONED_CODE = 3
"""Exit code of a run that was given up."""
FINAL = SUCCEEDED | ABANDONED | FAILED
# They wait until somebody overrides what failed.
STUCK = frozenset({"policy_override", "tf_policy_override", "post_plan_awaiting_decision"})


@dataclass(frozen=True)
class Run:
    """A run as the API tells of it.

    Args:
        id: Its id.
        status: Its state.
        confirmable: Whether it waits to be applied.
        discardable: Whether it can be discarded.
        cancelable: Whether it can be cancelled.
        plan_id: Its plan.
        apply_id: Its apply.
        cost_estimate_id: Its cost estimate. None where there is none.
        position: How many runs come before it.
        has_changes: Whether it has anything to change, once that is known.
    """

    id: str
    status: str
    confirmable: bool = False
    discardable: bool = False
    cancelable: bool = False
    plan_id: str | None = None
    apply_id: str | None = None
    cost_estimate_id: str | None = None
    position: int = 0
    has_changes: bool | None = None

    @classmethod
    def of(cls, resource: Mapping[str, Any]) -> Run:
        """Returns the run that a JSON:API resource describes."""
        attributes = resource["attributes"]
        actions = attributes.get("actions") or {}
        related = {
            name: (relation.get("data") or {}).get("id")
            for name, relation in (resource.get("relationships") or {}).items()
            if not isinstance(relation.get("data"), list)
        }
        return cls(
            id=resource["id"],
            status=attributes["status"],
            confirmable=bool(actions.get("is-confirmable")),
            discardable=bool(actions.get("is-discardable")),
            cancelable=bool(actions.get("is-cancelable")),
            plan_id=related.get("plan"),
            apply_id=related.get("apply"),
            cost_estimate_id=related.get("cost-estimate"),
            position=attributes.get("position-in-queue") or 0,
            has_changes=attributes.get("has-changes"),
        )

    @property
    def ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self.status in FINAL

    @property
    def planned(self) -> bool:
        """Whether it came to the end of its plan."""
        return self.status in SUCCEEDED | {"policy_soft_failed"}

    @property
    def waits(self) -> bool:
        """Whether it stands still until somebody decides."""
        return self.confirmable or self.status in STUCK

    @property
    def words(self) -> str:
        """Its state as people read it."""
        behind = f", {self.position} before it" if self.status == "pending" and self.position else ""
        return self.status.replace("_", " ") + behind


@dataclass(frozen=True)
class PlanSummary:
    """How much a plan changes.

    Args:
        additions: Resources it makes.
        changes: Resources it changes.
        destructions: Resources it takes away; one that is replaced counts here and as an addition.
        imports: Resources it takes over.
    """

    additions: int
    changes: int
    destructions: int
    imports: int = 0

    @property
    def total(self) -> int:
        """How many steps its apply has."""
        return self.additions + self.changes + self.destructions

    def __str__(self) -> str:
        """Says it in Terraform's words."""
        imports = f"{self.imports} to import, " if self.imports else ""
        return f"{imports}{self.additions} to add, {self.changes} to change, {self.destructions} to destroy"


def exit_code(status: str) -> int:
    """Returns the exit code that tells how a run ended: 0 for success, 3 if it was given up, else 1."""
    if status in SUCCEEDED:
        return 0
    return ABANDONED_CODE if status in ABANDONED else 1
