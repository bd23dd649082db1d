"""How a planned run is decided upon: what is shown of its plan, what is refused, who is asked."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from kf_airflow_deploy.cloud_runs import CloudRuns
from kf_airflow_deploy.display import Display
from kf_airflow_deploy.errors import DeployError
from kf_airflow_deploy.plan_changes import changes
from kf_airflow_deploy.run_states import ABANDONED_CODE, STUCK, PlanSummary, Run


@dataclass(frozen=True)
class RunDecision:
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
            DeployError: if it must not be applied, and was discarded; its exit code is that of a run that was
                given up.
        """
        if objection := self.objection(run, self.show(run)):
            give_up(self.runs, run)
            raise DeployError(f"The run was discarded: {objection}.", code=ABANDONED_CODE)
        if not self.approved and not self.ask("Apply this plan?"):
            give_up(self.runs, run)
            return False
        self.runs.apply(run.id)
        return True


def give_up(runs: CloudRuns, run: Run) -> None:
    """Discards or cancels a run, so that it is in nobody's way.

    Raises:
        DeployError: if it cannot be.
    """
    if run.discardable:
        runs.discard(run.id)
    elif run.cancelable:
        runs.cancel(run.id)
    else:
        raise DeployError(f"The run {run.id} is {run.words}, and can be neither discarded nor cancelled.")
