"""Operations on the history of deployments, by which Terraform waits for a service to be steady."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from localstack_dataplane.ecs.errors import invalid
from localstack_dataplane.ecs.lookup import Lookup
from localstack_dataplane.moto_state.ecs import MotoEcs, last_part

Handler = Callable[[Any, Any], Any]

_MOST_DESCRIBED = 20


class ServiceDeploymentOperations:
    """Handlers of the ECS API.

    Args:
        state: Services and their deployments.
        lookup: Looks up what a request names.
    """

    def __init__(self, state: MotoEcs, lookup: Lookup) -> None:
        self._state, self._lookup = state, lookup

    def overrides(self) -> dict[str, Handler]:
        """Operation -> handler."""
        return {
            "ListServiceDeployments": self._list,
            "DescribeServiceDeployments": self._describe,
            "DescribeServiceRevisions": self._describe_revisions,
            "StopServiceDeployment": self._stop,
        }

    def _list(self, context: Any, request: Mapping[str, Any]) -> Any:
        cluster, name = self._lookup.cluster(context, request), last_part(request["service"])
        self._lookup.service(context, cluster, name)
        found = self._state.service_deployments(context.account_id, context.region, cluster, name)
        wanted, created = request.get("status"), request.get("createdAt") or {}
        return {
            "serviceDeployments": [
                item
                for item in found
                if (not wanted or item["status"] in wanted) and _between(item["createdAt"], created)
            ]
        }

    def _describe(self, context: Any, request: Mapping[str, Any]) -> Any:
        arns = request.get("serviceDeploymentArns") or ()
        if not 1 <= len(arns) <= _MOST_DESCRIBED:
            raise invalid(f"ServiceDeploymentArns must have between 1 and {_MOST_DESCRIBED} elements.")
        known = self._state.service_deployments_by_arn(context.account_id, context.region)
        return {
            "serviceDeployments": [known[arn] for arn in arns if arn in known],
            "failures": [{"arn": arn, "reason": "MISSING"} for arn in arns if arn not in known],
        }

    def _stop(self, context: Any, request: Mapping[str, Any]) -> Any:
        if request.get("stopType", "ROLLBACK") != "ROLLBACK":
            raise invalid("stopType must be ROLLBACK.")
        arn = request["serviceDeploymentArn"]
        self._state.stop_service_deployment(context.account_id, context.region, arn)
        return {"serviceDeploymentArn": arn}

    def _describe_revisions(self, context: Any, request: Mapping[str, Any]) -> Any:
        known = self._state.service_revisions(context.account_id, context.region)
        arns = request["serviceRevisionArns"]
        return {
            "serviceRevisions": [known[arn] for arn in arns if arn in known],
            "failures": [{"arn": arn, "reason": "MISSING"} for arn in arns if arn not in known],
        }


def _between(moment: datetime, limits: Mapping[str, Any]) -> bool:
    before, after = _aware(limits.get("before")), _aware(limits.get("after"))
    return (before is None or moment < before) and (after is None or moment > after)


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
