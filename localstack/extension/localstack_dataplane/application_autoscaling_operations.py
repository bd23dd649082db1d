"""The Application Auto Scaling API, over records of our own.

https://docs.aws.amazon.com/autoscaling/application/APIReference/API_Operations.html
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from localstack.aws.api import CommonServiceException

from localstack_dataplane.application_autoscaling import checks, requests, tracking
from localstack_dataplane.application_autoscaling.errors import ApiError, invalid, not_found
from localstack_dataplane.application_autoscaling.model import Policy, ScalableTarget, ScheduledAction
from localstack_dataplane.application_autoscaling.store import ScalingStore
from localstack_dataplane.aws import Aws
from localstack_dataplane.clock import now

Handler = Callable[[Any, Any], Any]


class ApplicationAutoScalingOperations:
    """Handlers of the API.

    Args:
        store: Where targets are kept.
        service_status: Account, region, cluster and service -> its status; None if there never was one.
        aws: CloudWatch, for the alarms of target tracking.
    """

    def __init__(
        self,
        store: ScalingStore,
        service_status: Callable[[str, str, str, str], str | None],
        aws: Aws,
    ) -> None:
        self._store, self._service_status, self._aws = store, service_status, aws

    def overrides(self) -> dict[str, Handler]:
        """Operation -> handler."""
        handlers: dict[str, Handler] = {
            "RegisterScalableTarget": self._register,
            "DeregisterScalableTarget": self._deregister,
            "DescribeScalableTargets": self._describe_targets,
            "PutScalingPolicy": self._put_policy,
            "DeleteScalingPolicy": self._delete_policy,
            "DescribeScalingPolicies": self._describe_policies,
            "PutScheduledAction": self._put_action,
            "DeleteScheduledAction": self._delete_action,
            "DescribeScheduledActions": self._describe_actions,
            "DescribeScalingActivities": self._describe_activities,
            "TagResource": self._tag,
            "UntagResource": self._untag,
            "ListTagsForResource": self._tags,
        }
        return {operation: self._guarded(handler) for operation, handler in handlers.items()}

    def _guarded(self, handler: Handler) -> Handler:
        """With the store to itself, and with the API's errors."""

        def call(context: Any, request: Any) -> Any:
            try:
                with self._store.lock:
                    return handler(context, request)
            except ApiError as error:
                raise CommonServiceException(error.code, error.message) from error

        return call

    # Targets

    def _register(self, context: Any, request: Mapping[str, Any]) -> Any:
        key = checks.key_of(request)
        targets = self._store.targets(context.account_id, context.region)
        target = targets.get(key)
        namespace, resource, _ = key
        if namespace == "ecs":
            _, cluster, service = resource.split("/")
            if self._service_status(context.account_id, context.region, cluster, service) != "ACTIVE":
                raise invalid(f"ECS service doesn't exist: {resource}")
        ends = requests.capacity(request, target)
        checks.capacity_range(*ends)
        if target is None:
            target = targets[key] = ScalableTarget(
                key=key,
                account=context.account_id,
                region=context.region,
                arn=requests.target_arn(context.account_id, context.region),
                minimum=ends[0],
                maximum=ends[1],
                role=request.get("RoleARN") or requests.linked_role(context.account_id, namespace),
                tags=dict(request.get("Tags") or {}),
            )
        target.minimum, target.maximum = ends
        target.suspended |= request.get("SuspendedState") or {}
        target.enforce = True
        return {"ScalableTargetARN": target.arn}

    def _deregister(self, context: Any, request: Mapping[str, Any]) -> Any:
        key = checks.key_of(request)
        target = self._store.targets(context.account_id, context.region).pop(key, None)
        if target is None:
            raise not_found("No scalable target found", key)
        for policy in target.policies.values():
            self._delete_alarms(target, policy)
        return {}

    def _describe_targets(self, context: Any, request: Mapping[str, Any]) -> Any:
        wanted = request.get("ResourceIds") or ()
        found = [
            target.to_api()
            for target in self._matching(context, request)
            if not wanted or target.resource in wanted
        ]
        return requests.page("ScalableTargets", found, request)

    # Policies

    def _put_policy(self, context: Any, request: Mapping[str, Any]) -> Any:
        key = checks.key_of(request)
        target = self._store.registered(context.account_id, context.region, key)
        name = request["PolicyName"]
        known = target.policies.get(name)
        kind, configuration = requests.policy(request, known)
        checks.policy(kind, configuration, key[0])
        policy = Policy(
            key=key,
            name=name,
            type=kind,
            arn=known.arn if known else requests.policy_arn(target, name),
            configuration=configuration,
        )
        if known is not None:
            policy.created_at = known.created_at
            self._delete_alarms(target, known)
        if kind == "TargetTrackingScaling" and key[0] == "ecs":
            policy.alarms = self._make_alarms(target, policy)
        target.policies[name] = policy
        return {"PolicyARN": policy.arn, "Alarms": policy.alarms}

    def _make_alarms(self, target: ScalableTarget, policy: Policy) -> list[dict[str, str]]:
        client = self._aws.client("cloudwatch", target.account, target.region)
        made = []
        for alarm in tracking.alarms(policy.configuration, target.resource, policy.arn):
            client.put_metric_alarm(**alarm)
            arn = f"arn:aws:cloudwatch:{target.region}:{target.account}:alarm:{alarm['AlarmName']}"
            made.append({"AlarmName": alarm["AlarmName"], "AlarmARN": arn})
        return made

    def _delete_alarms(self, target: ScalableTarget, policy: Policy) -> None:
        names = [alarm["AlarmName"] for alarm in policy.alarms]
        if names:
            client = self._aws.client("cloudwatch", target.account, target.region)
            client.delete_alarms(AlarmNames=names)

    def _delete_policy(self, context: Any, request: Mapping[str, Any]) -> Any:
        key, name = checks.key_of(request), request["PolicyName"]
        target = self._store.target(context.account_id, context.region, key)
        policy = target.policies.pop(name, None) if target else None
        if target is None or policy is None:
            raise not_found("No scaling policy found", key, f", policy name: {name}")
        self._delete_alarms(target, policy)
        return {}

    def _describe_policies(self, context: Any, request: Mapping[str, Any]) -> Any:
        names = request.get("PolicyNames") or ()
        found = [
            policy.to_api()
            for target in self._matching(context, request)
            for policy in target.policies.values()
            if not names or policy.name in names
        ]
        return requests.page("ScalingPolicies", found, request)

    # Scheduled actions

    def _put_action(self, context: Any, request: Mapping[str, Any]) -> Any:
        key, name = checks.key_of(request), request["ScheduledActionName"]
        target = self._store.registered(context.account_id, context.region, key)
        known = target.actions.get(name)
        moment = now()
        members = requests.scheduled_action(request, known)
        action = ScheduledAction(
            key=key,
            name=name,
            arn=known.arn if known else requests.action_arn(target, name),
            created_at=known.created_at if known else moment,
            since=moment,
            seen_until=moment,
            **members,
        )
        target.actions[name] = action
        return {}

    def _delete_action(self, context: Any, request: Mapping[str, Any]) -> Any:
        key, name = checks.key_of(request), request["ScheduledActionName"]
        target = self._store.target(context.account_id, context.region, key)
        if target is None or target.actions.pop(name, None) is None:
            raise not_found("No scheduled action found", key, f", scheduled action name: {name}")
        return {}

    def _describe_actions(self, context: Any, request: Mapping[str, Any]) -> Any:
        names = request.get("ScheduledActionNames") or ()
        found = [
            action.to_api()
            for target in self._matching(context, request)
            for action in target.actions.values()
            if not names or action.name in names
        ]
        return requests.page("ScheduledActions", found, request)

    def _describe_activities(self, context: Any, request: Mapping[str, Any]) -> Any:
        everything = request.get("IncludeNotScaledActivities")
        found = [
            activity.to_api()
            for activity in self._store.activities(context.account_id, context.region)
            if requests.matches(activity.key, request) and (everything or not activity.not_scaled)
        ]
        return requests.page("ScalingActivities", found, request)

    # Tags

    def _tag(self, context: Any, request: Mapping[str, Any]) -> Any:
        self._by_arn(context, request).tags.update(request.get("Tags") or {})
        return {}

    def _untag(self, context: Any, request: Mapping[str, Any]) -> Any:
        tags = self._by_arn(context, request).tags
        for name in request.get("TagKeys") or ():
            tags.pop(name, None)
        return {}

    def _tags(self, context: Any, request: Mapping[str, Any]) -> Any:
        return {"Tags": dict(self._by_arn(context, request).tags)}

    def _by_arn(self, context: Any, request: Mapping[str, Any]) -> ScalableTarget:
        for target in self._store.targets(context.account_id, context.region).values():
            if target.arn == request["ResourceARN"]:
                return target
        raise ApiError("ResourceNotFoundException", f"The resource {request['ResourceARN']} doesn't exist")

    def _matching(self, context: Any, request: Mapping[str, Any]) -> Sequence[ScalableTarget]:
        targets = self._store.targets(context.account_id, context.region)
        return [target for key, target in targets.items() if requests.matches(key, request)]
