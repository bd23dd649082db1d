"""Operations on services and clusters that differ from moto's, because real tasks stand behind them."""

from collections.abc import Callable, Mapping
from typing import Any

from localstack_dataplane.ecs.capacity import parse_strategy, strategy_problem
from localstack_dataplane.ecs.errors import EcsError, invalid, refuse
from localstack_dataplane.ecs.lookup import Lookup, arn
from localstack_dataplane.ecs.requests import placement_problem
from localstack_dataplane.moto_state.ecs import MotoEcs, last_part

Handler = Callable[[Any, Any], Any]

_CHECKED = (
    "taskDefinition",
    "networkConfiguration",
    "capacityProviderStrategy",
    "deploymentConfiguration",
    "loadBalancers",
)
"""Members of UpdateService that may ask for what does not go together."""


class ServiceOperations:
    """Handlers of the ECS API.

    Args:
        state: Services, clusters and task definitions.
        lookup: Looks up what a request names.
        moto: Answers a request by moto.
    """

    def __init__(self, state: MotoEcs, lookup: Lookup, moto: Handler) -> None:
        self._state, self._lookup, self._moto = state, lookup, moto

    def overrides(self) -> dict[str, Handler]:
        """Operation -> handler."""
        return {
            "CreateService": self._create_service,
            "UpdateService": self._update_service,
            "DeleteService": self._delete_service,
            "DescribeServices": self._describe_services,
            "ListServices": self._list_services,
            "DeleteCluster": self._delete_cluster,
        }

    def _create_service(self, context: Any, request: Mapping[str, Any]) -> Any:
        cluster, name = self._lookup.cluster(context, request), request["serviceName"]
        status = self._state.status(context.account_id, context.region, cluster, name)
        if status == "ACTIVE":
            raise invalid("Creation of service was not idempotent.")
        if status == "DRAINING":
            raise invalid("Unable to Start a service that is still Draining.")
        if not request.get("taskDefinition"):
            raise invalid("TaskDefinition cannot be empty.")
        request = self._with_default_strategy(context, cluster, request)
        self._check(context, cluster, request, request["taskDefinition"], request.get("networkConfiguration"))
        network = (request.get("networkConfiguration") or {}).get("awsvpcConfiguration")
        if network is not None:
            network.setdefault("securityGroups", [])
        self._moto(context, request)
        self._state.complete(context.account_id, context.region, request)
        return {"service": self._lookup.service(context, cluster, name)}

    def _with_default_strategy(
        self, context: Any, cluster: str, request: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The request with the cluster's own strategy, where it says neither launch type nor strategy."""
        request = dict(request)
        if not request.get("launchType") and not request.get("capacityProviderStrategy"):
            _, strategy = self._state.cluster_providers(context.account_id, context.region, cluster)
            if strategy:
                request["capacityProviderStrategy"] = strategy
        return request

    def _check(
        self, context: Any, cluster: str, request: Mapping[str, Any], definition: str, network: Any
    ) -> None:
        strategy = parse_strategy(request.get("capacityProviderStrategy"))
        available, _ = self._state.cluster_providers(context.account_id, context.region, cluster)
        refuse(strategy_problem(strategy, available, request.get("launchType")))
        launch_type = "FARGATE" if strategy else request.get("launchType") or ""
        wanted = self._lookup.definition(context, definition)
        refuse(placement_problem(request, wanted, launch_type, network))

    def _update_service(self, context: Any, request: Mapping[str, Any]) -> Any:
        cluster, name = self._lookup.cluster(context, request), last_part(request["service"])
        before = self._lookup.active_service(context, cluster, name)
        definition = request.get("taskDefinition") or before["taskDefinition"]
        network = request.get("networkConfiguration") or before.get("networkConfiguration")
        asked = {"loadBalancers": before["loadBalancers"], **request}
        if not request.get("capacityProviderStrategy"):
            asked["launchType"] = before.get("launchType")
        if any(request.get(member) for member in _CHECKED):
            self._check(context, cluster, asked, definition, network)
        self._state.update(context.account_id, context.region, request)
        return {"service": self._lookup.service(context, cluster, name)}

    def _delete_service(self, context: Any, request: Mapping[str, Any]) -> Any:
        cluster, name = self._lookup.cluster(context, request), last_part(request["service"])
        document = self._lookup.active_service(context, cluster, name)
        if document["desiredCount"] > 0 and not request.get("force"):
            raise invalid("The service cannot be stopped while it is scaled above 0.")
        self._state.drain(context.account_id, context.region, cluster, name)
        return {"service": self._lookup.service(context, cluster, name)}

    def _describe_services(self, context: Any, request: Mapping[str, Any]) -> Any:
        cluster = self._lookup.cluster(context, request)
        if not request.get("services"):
            raise invalid("Services cannot be empty.")
        services, failures = [], []
        for wanted in request["services"]:
            document = self._state.document(context.account_id, context.region, cluster, last_part(wanted))
            if document is None:
                failures.append({"arn": arn(context, "service", cluster, wanted), "reason": "MISSING"})
                continue
            if "TAGS" not in (request.get("include") or ()):
                document.pop("tags")
            services.append(document)
        return {"services": services, "failures": failures}

    def _list_services(self, context: Any, request: Mapping[str, Any]) -> Any:
        cluster = self._lookup.cluster(context, request)
        documents = self._state.documents(context.account_id, context.region, cluster)
        for member in ("launchType", "schedulingStrategy"):
            if request.get(member):
                documents = [item for item in documents if item.get(member) == request[member]]
        return {"serviceArns": sorted(item["serviceArn"] for item in documents)}

    def _delete_cluster(self, context: Any, request: Mapping[str, Any]) -> Any:
        cluster = self._lookup.cluster(context, request)
        if self._state.documents(context.account_id, context.region, cluster):
            raise EcsError(
                "ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active."
            )
        if any(task.cluster == cluster for task in self._lookup.tasks(context)):
            raise EcsError(
                "ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active."
            )
        return self._moto(context, request)
