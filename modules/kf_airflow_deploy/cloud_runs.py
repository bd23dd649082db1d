"""Runs in Terraform Cloud: started, read, decided upon."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pytfe import errors as refusals
from pytfe.models import ConfigurationVersion, RunCreateOptions, Workspace

from kf_airflow_deploy.cloud_client import CloudClient
from kf_airflow_deploy.run_log import CHUNK_BYTES
from kf_airflow_deploy.run_states import PlanSummary, Run

# What a store answers before there is a log, or as much of one.
_NOT_WRITTEN = {404, 416}


class CloudRuns:
    """What the API is asked of runs.

    Args:
        client: The connection.
    """

    def __init__(self, client: CloudClient) -> None:
        self._client = client

    def start(self, workspace_id: str, version_id: str, *, plan_only: bool, message: str) -> Run:
        """Starts a run that waits for a decision before it applies anything, whatever the workspace says."""
        page = self._client.place.page
        with self._client.told(f"start a run (look whether there is one: {page})"):
            run = self._client.once.runs.create(
                RunCreateOptions.model_validate(
                    {
                        "workspace": Workspace.model_construct(id=workspace_id),
                        "configuration_version": ConfigurationVersion(id=version_id),
                        "plan_only": plan_only,
                        "auto_apply": False,
                        "message": message,
                    }
                )
            )
        return Run(run.id, "pending")

    def run(self, run_id: str) -> Run:
        """Returns a run as it is now."""
        # Not by pytfe's own reading, which refuses states that it does not know.
        return Run.of(self._client.data(f"runs/{run_id}", "read the run"))

    def log_url(self, kind: str, id_: str) -> str | None:
        """Returns where the log of a plan (`plans`) or apply (`applies`) is; None before there is one."""
        attributes = self._client.data(f"{kind}/{id_}", "read the run")["attributes"]
        return attributes.get("log-read-url") or None

    def log(self, url: str, offset: int) -> bytes:
        """Returns what a log has from an offset on; empty before there is as much of it."""
        parts = urlsplit(url)
        query = urlencode({**dict(parse_qsl(parts.query)), "limit": CHUNK_BYTES, "offset": offset})
        with self._client.told("read the log"):
            # The address is a secret of its own, and its host need not be one that gets our token.
            try:
                answer = self._client.patient.runs.t.request(
                    "GET", urlunsplit(parts._replace(query=query)), include_auth=False
                )
            except refusals.TFEError as error:
                if error.status in _NOT_WRITTEN:
                    return b""
                raise
        content: bytes = answer.content
        return content

    def plan_summary(self, plan_id: str) -> PlanSummary:
        """Returns how much a plan changes."""
        attributes = self._client.data(f"plans/{plan_id}", "read the plan")["attributes"]
        return PlanSummary(
            additions=attributes.get("resource-additions") or 0,
            changes=attributes.get("resource-changes") or 0,
            destructions=attributes.get("resource-destructions") or 0,
            imports=attributes.get("resource-imports") or 0,
        )

    def plan_json(self, plan_id: str) -> dict[str, Any] | None:
        """Returns a plan as JSON; None if the token may not read it, which takes an administrator's."""
        transport = self._client.patient.plans.t
        with self._client.told("read the plan"):
            try:
                answer = transport.request(
                    "GET", f"/api/v2/plans/{plan_id}/json-output", allow_redirects=False
                )
                if answer.is_redirect:
                    # pytfe's own reading would send our token along to where the plan is stored.
                    answer = transport.request("GET", answer.headers["Location"], include_auth=False)
            except (refusals.NotFound, refusals.AuthError):
                return None
            plan: dict[str, Any] = answer.json()
        return plan

    def policy_results(self, run_id: str) -> list[str]:
        """Returns a sentence for each set of policies that was checked."""
        with self._client.told("read the policy checks"):
            checks = list(self._client.patient.policy_checks.list(run_id))
        said = []
        for check in checks:
            result = check.result
            failed = result.total_failed if result else 0
            passed = result.passed if result else 0
            status = check.status.value if check.status else "unknown"
            said.append(f"{status.replace('_', ' ')}: {passed or 0} passed, {failed or 0} failed")
        return said

    def monthly_cost(self, cost_estimate_id: str) -> str | None:
        """Returns what a run is estimated to cost; None if that is not known."""
        attributes = self._client.data(f"cost-estimates/{cost_estimate_id}", "read the cost")["attributes"]
        if attributes.get("status") != "finished":
            return None
        return (
            f"${attributes.get('proposed-monthly-cost')} a month "
            f"(${attributes.get('prior-monthly-cost')} before)"
        )

    def apply(self, run_id: str) -> None:
        """Applies a run that waits for it."""
        with self._client.told("apply the run"):
            self._client.once.runs.apply(run_id)

    def discard(self, run_id: str) -> None:
        """Discards a run that waits."""
        with self._client.told("discard the run"):
            self._client.once.runs.discard(run_id)

    def cancel(self, run_id: str) -> None:
        """Cancels a run that has begun."""
        with self._client.told("cancel the run"):
            self._client.once.runs.cancel(run_id)
