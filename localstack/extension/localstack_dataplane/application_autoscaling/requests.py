"""What requests mean: defaults, what an update leaves as it was, pages, ARNs."""

import secrets
import string
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from localstack_dataplane.application_autoscaling.checks import capacity_range
from localstack_dataplane.application_autoscaling.cron import ScheduleError
from localstack_dataplane.application_autoscaling.errors import ApiError, invalid
from localstack_dataplane.application_autoscaling.model import Key, Policy, ScalableTarget, ScheduledAction
from localstack_dataplane.application_autoscaling.schedule import Schedule

_PAGE = 50
_LINKED_ROLES = {"ecs": "ECSService", "dynamodb": "DynamoDBTable", "rds": "RDSCluster"}


def capacity(request: Mapping[str, Any], known: ScalableTarget | None) -> tuple[int, int]:
    """The range of a target; an update may leave out either end, a new target neither.

    Raises:
        ApiError: An end of a new target is missing.
    """
    minimum, maximum = request.get("MinCapacity"), request.get("MaxCapacity")
    if known is not None:
        minimum = known.minimum if minimum is None else minimum
        maximum = known.maximum if maximum is None else maximum
    if minimum is None or maximum is None:
        raise invalid("MinCapacity and MaxCapacity are required to register a new scalable target")
    return minimum, maximum


def policy(request: Mapping[str, Any], known: Policy | None) -> tuple[str, dict[str, Any]]:
    """Type and configuration of a policy; what an update leaves out stays."""
    kind = request.get("PolicyType") or (known.type if known else "StepScaling")
    configuration = request.get(f"{kind}PolicyConfiguration")
    if configuration is None and known is not None and known.type == kind:
        configuration = known.configuration
    return kind, dict(configuration or {})


def scheduled_action(request: Mapping[str, Any], known: ScheduledAction | None) -> dict[str, Any]:
    """What a scheduled action is made of; what an update leaves out stays, but for its begin and end.

    Raises:
        ApiError: The schedule or the range makes no sense.
    """
    schedule = request.get("Schedule") or (known.schedule if known else None)
    action = request.get("ScalableTargetAction") or (known.action if known else None)
    zone = request.get("Timezone") or (known.timezone if known else None)
    start, end = _aware(request.get("StartTime")), _aware(request.get("EndTime"))
    if not schedule:
        raise invalid("Schedule is required for a new scheduled action")
    if not action:
        raise invalid("ScalableTargetAction must have MinCapacity, MaxCapacity or both")
    capacity_range(action.get("MinCapacity"), action.get("MaxCapacity"))
    try:
        Schedule.parse(schedule, zone)
    except ScheduleError as error:
        raise invalid(str(error)) from error
    if start and end and start >= end:
        raise invalid("The start time must be before the end time")
    return {"schedule": schedule, "timezone": zone, "start": start, "end": end, "action": dict(action)}


def matches(key: Key, request: Mapping[str, Any]) -> bool:
    """Whether what belongs to a target is asked for; a filter that is left out lets all pass."""
    wanted = (request.get("ServiceNamespace"), request.get("ResourceId"), request.get("ScalableDimension"))
    return all(value is None or value == part for value, part in zip(wanted, key, strict=True))


def page(member: str, found: Sequence[Any], request: Mapping[str, Any]) -> dict[str, Any]:
    """One page of an answer.

    Raises:
        ApiError: The token is none that was given out.
    """
    token = request.get("NextToken") or "0"
    if not token.isdecimal() or int(token) > len(found):
        raise ApiError("InvalidNextTokenException", "The next token supplied is invalid")
    begin = int(token)
    end = begin + (request.get("MaxResults") or _PAGE)
    answer: dict[str, Any] = {member: list(found[begin:end])}
    return answer | ({"NextToken": str(end)} if end < len(found) else {})


def target_arn(account: str, region: str) -> str:
    """ARN of a new scalable target."""
    word = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(36))
    return f"arn:aws:application-autoscaling:{region}:{account}:scalable-target/{word}"


def policy_arn(target: ScalableTarget, name: str) -> str:
    """ARN of a new policy."""
    namespace, resource, _ = target.key
    return (
        f"arn:aws:autoscaling:{target.region}:{target.account}:scalingPolicy:{uuid.uuid4()}:"
        f"resource/{namespace}/{resource}:policyName/{name}"
    )


def action_arn(target: ScalableTarget, name: str) -> str:
    """ARN of a new scheduled action."""
    namespace, resource, _ = target.key
    return (
        f"arn:aws:autoscaling:{target.region}:{target.account}:scheduledAction:{uuid.uuid4()}:"
        f"resource/{namespace}/{resource}:scheduledActionName/{name}"
    )


def linked_role(account: str, namespace: str) -> str:
    """ARN of the service-linked role that scales a namespace."""
    name = _LINKED_ROLES.get(namespace, namespace.capitalize())
    return (
        f"arn:aws:iam::{account}:role/aws-service-role/{namespace}.application-autoscaling.amazonaws.com/"
        f"AWSServiceRoleForApplicationAutoScaling_{name}"
    )


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
