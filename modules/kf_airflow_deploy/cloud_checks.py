"""Whether a workspace can do what is asked of it, before anything is begun there."""

from __future__ import annotations

import re
from dataclasses import dataclass

# What the stack requires: ephemeral resources and write-only arguments are no older.
MINIMUM_TERRAFORM = (1, 11)


@dataclass(frozen=True)
class WorkspaceFacts:
    """What matters of a workspace.

    Args:
        execution_mode: `remote`, `agent` or `local`.
        terraform_version: The version its runs use, or a constraint.
        holder: Who holds its lock, as it reads in a sentence. None if nobody does.
        repository: The repository it is bound to. None if it is bound to none.
        may_plan: Whether the token may start runs.
        may_apply: Whether the token may apply them.
        may_set_variables: Whether the token may set variables.
    """

    execution_mode: str = "remote"
    terraform_version: str = "latest"
    holder: str | None = None
    repository: str | None = None
    may_plan: bool = True
    may_apply: bool = True
    may_set_variables: bool = True


def objection(facts: WorkspaceFacts, *, name: str, applies: bool, variables: bool) -> str | None:
    """Says in a sentence why a workspace cannot be used; None if it can.

    Args:
        facts: What matters of it.
        name: Its name.
        applies: Whether the run is to be applied. A plan alone changes nothing, so no lock is in its way.
        variables: Whether variables are to be set.
    """
    if facts.execution_mode == "local":
        return (
            f"The workspace {name} has the execution mode 'local', in which Terraform Cloud runs nothing: "
            "allowed are remote and agent; set it in the workspace's settings, or use cdktf deploy."
        )
    found = re.fullmatch(r"(\d+)\.(\d+)\.\d+.*", facts.terraform_version)
    if found and tuple(map(int, found.groups())) < MINIMUM_TERRAFORM:
        minimum = ".".join(map(str, MINIMUM_TERRAFORM))
        return (
            f"The workspace {name} uses Terraform {facts.terraform_version}: allowed is {minimum} or newer; "
            "set it in the workspace's settings."
        )
    if applies and facts.repository:
        return (
            f"The workspace {name} is bound to the repository {facts.repository}, which alone may change "
            "what it deploys: merge there, or use a workspace without one."
        )
    if applies and facts.holder:
        return f"The workspace {name} is locked by {facts.holder}: wait, or have it unlocked there."
    if not facts.may_plan or (applies and not facts.may_apply):
        right = "apply runs" if facts.may_plan else "start runs"
        return f"The token may not {right} in the workspace {name}: use one that may."
    if variables and not facts.may_set_variables:
        return f"The token may not set variables of the workspace {name}: use one that may."
    return None
