"""What the Application Auto Scaling API records."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from localstack_dataplane.application_autoscaling.decision import Bounds, Scaled
from localstack_dataplane.clock import now

ECS_DIMENSION = "ecs:service:DesiredCount"

Key = tuple[str, str, str]
"""Service namespace, resource id, scalable dimension."""


@dataclass(kw_only=True)
class Activity:
    """One scaling activity.

    Attributes:
        key: Of the scalable target.
        description: What it does.
        cause: Why.
        capacity: What was asked for; None for one that was not scaled.
        status: InProgress, Successful, Overridden, Failed or Unfulfilled.
        not_scaled: NotScaledReasons; only of an activity that was not scaled.
    """

    key: Key
    description: str
    cause: str
    capacity: int | None = None
    status: str = "InProgress"
    message: str = ""
    details: str = ""
    not_scaled: list[dict[str, Any]] = field(default_factory=list)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    started_at: datetime = field(default_factory=now)
    ended_at: datetime | None = None

    def end(self, status: str, message: str) -> None:
        """Bring it to its end."""
        self.status, self.message, self.ended_at = status, message, now()

    def to_api(self) -> dict[str, Any]:
        """As DescribeScalingActivities gives it."""
        namespace, resource, dimension = self.key
        document: dict[str, Any] = {
            "ActivityId": self.id,
            "ServiceNamespace": namespace,
            "ResourceId": resource,
            "ScalableDimension": dimension,
            "Description": self.description,
            "Cause": self.cause,
            "StartTime": self.started_at,
            "StatusCode": self.status,
        }
        optional = {
            "EndTime": self.ended_at,
            "StatusMessage": self.message,
            "Details": self.details,
            "NotScaledReasons": self.not_scaled,
        }
        return document | {name: value for name, value in optional.items() if value}


@dataclass(kw_only=True)
class Policy:
    """A scaling policy.

    Attributes:
        configuration: As it was given, by the name of its member.
        alarms: AlarmName and AlarmARN of those made for it.
    """

    key: Key
    name: str
    type: str
    arn: str
    configuration: dict[str, Any]
    alarms: list[dict[str, str]] = field(default_factory=list)
    created_at: datetime = field(default_factory=now)

    def to_api(self) -> dict[str, Any]:
        """As DescribeScalingPolicies gives it."""
        namespace, resource, dimension = self.key
        return {
            "PolicyARN": self.arn,
            "PolicyName": self.name,
            "ServiceNamespace": namespace,
            "ResourceId": resource,
            "ScalableDimension": dimension,
            "PolicyType": self.type,
            "Alarms": self.alarms,
            "CreationTime": self.created_at,
            f"{self.type}PolicyConfiguration": self.configuration,
        }


@dataclass(kw_only=True)
class ScheduledAction:
    """A scheduled action.

    Attributes:
        since: When its clock began: when it was made or changed.
        seen_until: Up to where, on its clock, it was looked at.
    """

    key: Key
    name: str
    arn: str
    schedule: str
    timezone: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    action: dict[str, int] = field(default_factory=dict)
    created_at: datetime = field(default_factory=now)
    since: datetime = field(default_factory=now)
    seen_until: datetime = field(default_factory=now)

    def to_api(self) -> dict[str, Any]:
        """As DescribeScheduledActions gives it."""
        namespace, resource, dimension = self.key
        document: dict[str, Any] = {
            "ScheduledActionName": self.name,
            "ScheduledActionARN": self.arn,
            "ServiceNamespace": namespace,
            "ResourceId": resource,
            "ScalableDimension": dimension,
            "Schedule": self.schedule,
            "ScalableTargetAction": self.action,
            "CreationTime": self.created_at,
        }
        optional = {"Timezone": self.timezone, "StartTime": self.start, "EndTime": self.end}
        return document | {name: value for name, value in optional.items() if value}


@dataclass(kw_only=True)
class ScalableTarget:
    """A scalable target, with what belongs to it.

    Attributes:
        enforce: Whether the capacity has still to be brought into the range.
        last: The last change by a policy.
    """

    key: Key
    account: str
    region: str
    arn: str
    minimum: int
    maximum: int
    role: str
    suspended: dict[str, bool] = field(default_factory=dict)
    created_at: datetime = field(default_factory=now)
    tags: dict[str, str] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)
    actions: dict[str, ScheduledAction] = field(default_factory=dict)
    enforce: bool = False
    last: Scaled | None = None

    @property
    def resource(self) -> str:
        """Such as service/cluster/name."""
        return self.key[1]

    @property
    def bounds(self) -> Bounds:
        """Its range and what is suspended."""
        return Bounds(
            minimum=self.minimum,
            maximum=self.maximum,
            in_suspended=self.suspended.get("DynamicScalingInSuspended", False),
            out_suspended=self.suspended.get("DynamicScalingOutSuspended", False),
        )

    def to_api(self) -> dict[str, Any]:
        """As DescribeScalableTargets gives it."""
        namespace, resource, dimension = self.key
        names = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")
        return {
            "ServiceNamespace": namespace,
            "ResourceId": resource,
            "ScalableDimension": dimension,
            "MinCapacity": self.minimum,
            "MaxCapacity": self.maximum,
            "RoleARN": self.role,
            "CreationTime": self.created_at,
            "SuspendedState": {name: self.suspended.get(name, False) for name in names},
            "ScalableTargetARN": self.arn,
        }
