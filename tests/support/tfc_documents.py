"""What Terraform Cloud answers, as JSON:API has it."""

from typing import Any

from flask import request
from tfc_runs import Run, Workspace

# A page has fewer items than anybody asks for, so that who reads one page alone is found out.
PAGE_ITEMS = 2


def refused(status: int, detail: str) -> tuple[dict[str, Any], int]:
    return {"errors": [{"status": str(status), "title": "refused", "detail": detail}]}, status


def one(kind: str, id_: str, attributes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"data": {"id": id_, "type": kind, "attributes": attributes, **more}}


def page(items: list[dict[str, Any]]) -> dict[str, Any]:
    """The page that is asked for, of a list that has more."""
    number = int(request.args.get("page[number]", 1))
    begin = (number - 1) * PAGE_ITEMS
    pages = -(-len(items) // PAGE_ITEMS) or 1
    return {
        "data": items[begin : begin + PAGE_ITEMS],
        "meta": {
            "pagination": {
                "current-page": number,
                "next-page": number + 1 if number < pages else None,
                "total-pages": pages,
                "total-count": len(items),
            }
        },
    }


def reference(kind: str, id_: str) -> dict[str, Any]:
    return {"data": {"type": kind, "id": id_}}


def workspace_of(workspace: Workspace) -> dict[str, Any]:
    rights = ("can-queue-run", "can-queue-apply", "can-update-variable", "can-lock", "can-unlock")
    attributes = {
        "name": workspace.name,
        "execution-mode": "remote",
        "terraform-version": "1.11.4",
        "locked": workspace.locked_by is not None,
        "permissions": dict.fromkeys(rights, True),
        "vcs-repo": None,
        "setting-overwrites": None,
        **workspace.attributes,
    }
    held = {"locked-by": {"data": workspace.locked_by}} if workspace.locked_by else {}
    document: dict[str, Any] = one("workspaces", workspace.id, attributes, relationships=held)["data"]
    return document


def run_of(run: Run) -> dict[str, Any]:
    ended = {"applied", "planned_and_finished", "errored", "discarded", "canceled", "policy_soft_failed"}
    attributes = {
        "status": run.status,
        "message": run.message,
        "plan-only": run.plan_only,
        "has-changes": run.has_changes,
        "position-in-queue": 0,
        "actions": {
            "is-confirmable": run.confirmable,
            "is-discardable": run.confirmable or run.status in {"pending", "policy_override"},
            "is-cancelable": run.status not in ended and not run.confirmable,
            "is-force-cancelable": False,
        },
    }
    related = {
        "workspace": reference("workspaces", run.workspace.id),
        "plan": reference("plans", f"plan-{run.id}"),
        "apply": reference("applies", f"apply-{run.id}"),
    }
    if run.workspace.cost:
        related["cost-estimate"] = reference("cost-estimates", f"ce-{run.id}")
    return one("runs", run.id, attributes, relationships=related)
