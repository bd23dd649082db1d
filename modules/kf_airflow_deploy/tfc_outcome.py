"""How a run is decided upon and ends: what is shown of its plan, what is refused, the exit code."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from kf_airflow_deploy.cloud_runs import CloudRuns
from kf_airflow_deploy.display import Display
from kf_airflow_deploy.errors import DeployError
from kf_airflow_deploy.plan_changes import changes
from kf_airflow_deploy.run_states import STUCK, PlanSummary, Run


@dataclass(frozen=True)
class Decision:
    """Whether a planned run is applied.

    Args:
        runs: The API.
        display: Where the plan is shown.
        allowed: Addresses of databases, buckets and the like that may be taken away.
        approved: Whether everything else may be applied without asking.
        ask: Asks a question; whether the answer is yes.
    """

    runs: CloudRuns
    display: Display
    allowed: Collection[str]
    approved: bool
    ask: Callable[[str], bool]

    def show(self, run: Run) -> PlanSummary | None:
        """Shows what the plan of a run changes, costs, and what policies say of it."""
        if run.plan_id is None:
            return None
        summary = self.runs.plan_summary(run.plan_id)
        self.display.say(f"Plan: {summary}.", style="bold")
        if run.cost_estimate_id and (cost := self.runs.monthly_cost(run.cost_estimate_id)):
            self.display.say(f"Cost: {cost}.")
        for result in self.runs.policy_results(run.id):
            self.display.say(f"Policies {result}.")
        return summary

    def objection(self, run: Run, summary: PlanSummary | None) -> str | None:
        """Says why a run must not be applied; None if it may be."""
        if run.status in STUCK:
            return (
                f"the run is {run.words}: somebody has to override that in Terraform Cloud and apply it there"
            )
        if summary is None or not summary.destructions or run.plan_id is None:
            return None
        plan = self.runs.plan_json(run.plan_id)
        if plan is None:
            return (
                f"the plan destroys {summary.destructions} resources, and the token may not read which: use "
                "one of an administrator of the workspace, or apply the run in Terraform Cloud"
            )
        lost = [change.address for change in changes(plan) if change.loses_data]
        refused = [address for address in lost if address not in self.allowed]
        if not refused:
            return None
        flags = " ".join(f"--allow-destroy {address}" for address in refused)
        return f"the plan takes away what keeps data; if that is meant, say so by {flags}"

    def settle(self, run: Run) -> bool:
        """Applies or discards a run that waits; returns whether it is applied.

        Raises:
            DeployError: if it is discarded because it must not be applied; its exit code is 3.
        """
        if objection := self.objection(run, self.show(run)):
            self.discard(run)
            raise DeployError(f"The run was discarded: {objection}.", code=3)
        if not self.approved and not self.ask("Apply this plan?"):
            self.discard(run)
            return False
        self.runs.apply(run.id)
        return True

    def discard(self, run: Run) -> None:
        """Gives up a run, so that it is in nobody's way."""
        if run.discardable:
            self.runs.discard(run.id)
        elif run.cancelable:
            self.runs.cancel(run.id)
