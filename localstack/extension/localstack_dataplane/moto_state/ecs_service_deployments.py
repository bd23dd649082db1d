"""The history of a service's deployments, kept beside moto's record of it.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html
"""

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from localstack_dataplane.clock import now
from localstack_dataplane.ecs.deployment import failure_threshold
from localstack_dataplane.ecs.errors import EcsError
from localstack_dataplane.moto_state.ecs_records import roll_back

_KEPT = 100
_UNDER_WAY = ("IN_PROGRESS", "ROLLBACK_IN_PROGRESS")
_TRIGGERED = ("STOPPED", "ROLLBACK_IN_PROGRESS", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED")


def begin(record: Any, configuration: Mapping[str, Any]) -> None:
    """Add the primary deployment of a service; what was under way is stopped by it.

    Args:
        record: Moto's record of the service.
        configuration: Its deployment configuration.
    """
    moment = now()
    for item in history(record):
        if item["status"] in _UNDER_WAY:
            _end(item, "STOPPED", "The service deployment was stopped because a new one began.")
    primary, *older = record.deployments
    item = {
        "serviceDeploymentArn": f"{_prefix(record, 'service-deployment')}/{secrets.token_urlsafe(15)}",
        "serviceArn": record.arn,
        "clusterArn": record.cluster_arn,
        "createdAt": moment,
        "startedAt": moment,
        "updatedAt": moment,
        "status": "IN_PROGRESS",
        "deploymentConfiguration": dict(configuration),
        "_deployment": primary["id"],
        "_sources": [document["id"] for document in older],
        "_revision": {**_revision(record), "serviceRevisionArn": _revision_arn(record, primary["id"])},
    }
    record.service_deployments = [item, *history(record)][:_KEPT]


def bring_up_to_date(record: Any) -> None:
    """Take over how the deployments of a service stand."""
    documents = {document["id"]: document for document in record.deployments}
    for item in history(record):
        document = documents.get(item["_deployment"], {})
        item["_failed"] = document.get("failedTasks", item.get("_failed", 0))
        if item["status"] == "IN_PROGRESS" and document.get("rolloutState") == "COMPLETED":
            _end(item, "SUCCESSFUL")
        elif item["status"] == "IN_PROGRESS" and document.get("rolloutState") == "FAILED":
            _fail(record, item, document["rolloutStateReason"])
        elif item["status"] == "ROLLBACK_IN_PROGRESS":
            target = documents.get(item["_rolled_back_to"], {})
            if target.get("rolloutState") == "COMPLETED":
                _end(item, "ROLLBACK_SUCCESSFUL")


def stop(record: Any, item: dict[str, Any]) -> None:
    """Roll back a deployment that is under way, whether or not it would be by itself.

    Raises:
        EcsError: It has ended, or there is nothing to roll back to.
    """
    if item["status"] not in _UNDER_WAY:
        raise EcsError("ConflictException", f"The service deployment is {item['status']}.")
    if item["status"] == "ROLLBACK_IN_PROGRESS":
        return
    if not any(document["rolloutState"] == "COMPLETED" for document in record.deployments):
        raise EcsError("ConflictException", "There is no service revision to roll back to.")
    reason = "The service deployment was stopped by a user."
    record.deployments[0].update(rolloutState="FAILED", rolloutStateReason=reason, updatedAt=now())
    roll_back(record)
    _begin_rollback(record, item, reason)


def history(record: Any) -> list[dict[str, Any]]:
    """What is kept of the deployments of a service, newest first."""
    kept: list[dict[str, Any]] = getattr(record, "service_deployments", [])
    return kept


def brief(item: Mapping[str, Any]) -> dict[str, Any]:
    """One deployment as ListServiceDeployments gives it."""
    document = {
        member: item.get(member)
        for member in (
            "serviceDeploymentArn",
            "serviceArn",
            "clusterArn",
            "startedAt",
            "createdAt",
            "finishedAt",
            "status",
            "statusReason",
        )
    }
    document["targetServiceRevisionArn"] = item["_revision"]["serviceRevisionArn"]
    return {key: value for key, value in document.items() if value is not None}


def full(record: Any, item: Mapping[str, Any]) -> dict[str, Any]:
    """One deployment as DescribeServiceDeployments gives it."""
    given = {key: value for key, value in item.items() if not key.startswith("_")}
    return given | {
        "targetServiceRevision": _summary(record, item["_deployment"]),
        "sourceServiceRevisions": [_summary(record, name) for name in item["_sources"]],
        "deploymentCircuitBreaker": _breaker(record, item),
    }


def revisions(records: Iterable[Any]) -> dict[str, dict[str, Any]]:
    """ARN -> revision as DescribeServiceRevisions gives it."""
    return {
        item["_revision"]["serviceRevisionArn"]: item["_revision"]
        for record in records
        for item in history(record)
    }


def _fail(record: Any, item: dict[str, Any], reason: str) -> None:
    breaker = item["deploymentConfiguration"].get("deploymentCircuitBreaker") or {}
    primary = next(document for document in record.deployments if document["status"] == "PRIMARY")
    if not breaker.get("rollback"):
        _end(item, "STOPPED", reason)
    elif primary["id"] == item["_deployment"]:
        _end(item, "ROLLBACK_FAILED", reason)
    else:
        _begin_rollback(record, item, reason)


def _begin_rollback(record: Any, item: dict[str, Any], reason: str) -> None:
    moment, target = now(), record.deployments[0]["id"]
    item |= {
        "status": "ROLLBACK_IN_PROGRESS",
        "statusReason": reason,
        "updatedAt": moment,
        "rollback": {
            "reason": reason,
            "startedAt": moment,
            "serviceRevisionArn": _revision_arn(record, target),
        },
        "_rolled_back_to": target,
    }


def _end(item: dict[str, Any], status: str, reason: str | None = None) -> None:
    moment = now()
    item |= {"status": status, "updatedAt": moment}
    item["stoppedAt" if status == "STOPPED" else "finishedAt"] = moment
    if reason:
        item["statusReason"] = reason


def _summary(record: Any, deployment: str) -> dict[str, Any]:
    documents = {document["id"]: document for document in record.deployments}
    document = documents.get(deployment, {})
    return {
        "arn": _revision_arn(record, deployment),
        "requestedTaskCount": document.get("desiredCount", 0),
        "runningTaskCount": document.get("runningCount", 0),
        "pendingTaskCount": document.get("pendingCount", 0),
    }


def _breaker(record: Any, item: Mapping[str, Any]) -> dict[str, Any]:
    given = item["deploymentConfiguration"].get("deploymentCircuitBreaker") or {}
    if not given.get("enable"):
        status = "DISABLED"
    elif item["status"] in _TRIGGERED and item.get("_failed"):
        status = "TRIGGERED"
    else:
        status = "MONITORING" if item["status"] == "IN_PROGRESS" else "MONITORING_COMPLETE"
    return {
        "status": status,
        "failureCount": item.get("_failed", 0),
        "threshold": failure_threshold(record.desired_count),
    }


def _revision(record: Any) -> dict[str, Any]:
    document = {
        "serviceArn": record.arn,
        "clusterArn": record.cluster_arn,
        "taskDefinition": record.task_definition,
        "capacityProviderStrategy": getattr(record, "capacity_provider_strategy", None),
        "launchType": record.launch_type,
        "platformVersion": "1.4.0",
        "platformFamily": "Linux",
        "loadBalancers": record.load_balancers,
        "serviceRegistries": record.service_registries,
        "networkConfiguration": record.network_configuration,
        "createdAt": now(),
    }
    return {key: value for key, value in document.items() if value}


def _revision_arn(record: Any, deployment: str) -> str:
    return f"{_prefix(record, 'service-revision')}/{deployment.rpartition('/')[2]}"


def _prefix(record: Any, kind: str) -> str:
    start, _, _ = record.arn.partition(":service/")
    return f"{start}:{kind}/{record.cluster_name}/{record.name}"
