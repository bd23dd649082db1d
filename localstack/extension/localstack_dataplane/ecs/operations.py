"""ECS operations that differ from moto's, because real tasks stand behind them."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from localstack.aws.api import CommonServiceException
from localstack.services.moto import call_moto, call_moto_with_request

from localstack_dataplane.ecs.checks import dependency_problem
from localstack_dataplane.ecs.definition import apply_overrides
from localstack_dataplane.ecs.store import TaskStore
from localstack_dataplane.ecs.task import Task
from localstack_dataplane.moto_state.ecs import MotoEcs, last_part

Handler = Callable[[Any, Any], Any]


class EcsOperations:
    """Handlers of the ECS API.

    Args:
        state: Services, clusters and task definitions.
        tasks: The tasks.
        wake: Called after a change, so that it is acted on at once.
    """

    def __init__(self, state: MotoEcs, tasks: TaskStore, wake: Callable[[], None]) -> None:
        self._state, self._tasks, self._wake = state, tasks, wake

    def overrides(self) -> dict[str, Handler]:
        """Operation -> handler."""
        return {
            "CreateService": self._create_service,
            "UpdateService": self._update_service,
            "DeleteService": self._delete_service,
            "DescribeServices": self._describe_services,
            "ListServices": self._list_services,
            "DeleteCluster": self._delete_cluster,
            "RegisterTaskDefinition": self._register_task_definition,
            "RunTask": self._run_task,
            "StopTask": self._stop_task,
            "ListTasks": self._list_tasks,
            "DescribeTasks": self._describe_tasks,
        }

    def _create_service(self, context: Any, request: Mapping[str, Any]) -> Any:
        cluster, name = self._cluster(context, request), request["serviceName"]
        status = self._state.status(context.account_id, context.region, cluster, name)
        if status == "ACTIVE":
            raise _invalid("Creation of service was not idempotent.")
        if status == "DRAINING":
            raise _invalid("Unable to Start a service that is still Draining.")
        if not request.get("taskDefinition"):
            raise _invalid("TaskDefinition cannot be empty.")
        request = dict(request)
        network = (request.get("networkConfiguration") or {}).get("awsvpcConfiguration")
        if network is not None:
            network.setdefault("securityGroups", [])
        call_moto_with_request(context, request)
        self._state.complete(context.account_id, context.region, request)
        self._wake()
        return {"service": self._state.document(context.account_id, context.region, cluster, name)}

    def _update_service(self, context: Any, request: Mapping[str, Any]) -> Any:
        cluster, name = self._cluster(context, request), last_part(request["service"])
        self._active_service(context, cluster, name)
        if request.get("taskDefinition"):
            self._definition(context, request["taskDefinition"])
        self._state.update(context.account_id, context.region, request)
        self._wake()
        return {"service": self._state.document(context.account_id, context.region, cluster, name)}

    def _delete_service(self, context: Any, request: Mapping[str, Any]) -> Any:
        cluster, name = self._cluster(context, request), last_part(request["service"])
        document = self._active_service(context, cluster, name)
        if document["desiredCount"] > 0 and not request.get("force"):
            raise _invalid("The service cannot be stopped while it is scaled above 0.")
        self._state.drain(context.account_id, context.region, cluster, name)
        self._wake()
        return {"service": self._state.document(context.account_id, context.region, cluster, name)}

    def _describe_services(self, context: Any, request: Mapping[str, Any]) -> Any:
        cluster = self._cluster(context, request)
        services, failures = [], []
        for wanted in request.get("services") or ():
            document = self._state.document(context.account_id, context.region, cluster, last_part(wanted))
            if document is None:
                arn = _arn(context, "service", cluster, wanted)
                failures.append({"arn": arn, "reason": "MISSING"})
                continue
            if "TAGS" not in (request.get("include") or ()):
                document.pop("tags")
            services.append(document)
        return {"services": services, "failures": failures}

    def _list_services(self, context: Any, request: Mapping[str, Any]) -> Any:
        cluster = self._cluster(context, request)
        documents = self._state.documents(context.account_id, context.region, cluster)
        for member in ("launchType", "schedulingStrategy"):
            if request.get(member):
                documents = [item for item in documents if item.get(member) == request[member]]
        return {"serviceArns": sorted(item["serviceArn"] for item in documents)}

    def _delete_cluster(self, context: Any, request: Mapping[str, Any]) -> Any:
        cluster = self._cluster(context, request)
        if self._state.documents(context.account_id, context.region, cluster):
            raise CommonServiceException(
                "ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active."
            )
        if any(task.cluster == cluster for task in self._mine(context)):
            raise CommonServiceException(
                "ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active."
            )
        return call_moto(context)

    def _register_task_definition(self, context: Any, request: Mapping[str, Any]) -> Any:
        problem = dependency_problem(request.get("containerDefinitions") or ())
        if problem:
            raise CommonServiceException("ClientException", problem)
        return call_moto(context)

    def _run_task(self, context: Any, request: Mapping[str, Any]) -> Any:
        cluster = self._cluster(context, request)
        definition = self._definition(context, request["taskDefinition"])
        overrides = request.get("overrides") or {}
        strategy = request.get("capacityProviderStrategy") or []
        network = (request.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}
        tasks = [
            Task(
                id=uuid.uuid4().hex,
                account=context.account_id,
                region=context.region,
                cluster=cluster,
                definition=apply_overrides(definition, overrides),
                group=request.get("group") or f"family:{definition.family}",
                started_by=request.get("startedBy") or "",
                launch_type=request.get("launchType") or "FARGATE",
                capacity_provider=strategy[0]["capacityProvider"] if strategy else "",
                subnet=next(iter(network.get("subnets") or ()), ""),
                tags=list(request.get("tags") or ()),
                overrides=dict(overrides),
                enable_execute_command=bool(request.get("enableExecuteCommand")),
            )
            for _ in range(request.get("count") or 1)
        ]
        for task in tasks:
            self._tasks.add(task)
        self._wake()
        return {"tasks": [task.to_api() for task in tasks], "failures": []}

    def _stop_task(self, context: Any, request: Mapping[str, Any]) -> Any:
        cluster = self._cluster(context, request)
        task = self._find(context, cluster, request["task"])
        if task is None:
            raise _invalid("The referenced task was not found.")
        task.stop("UserInitiated", request.get("reason") or "Task stopped by user")
        self._wake()
        return {"task": task.to_api()}

    def _list_tasks(self, context: Any, request: Mapping[str, Any]) -> Any:
        cluster = self._cluster(context, request)
        wanted = request.get("desiredStatus") or "RUNNING"
        filters: dict[str, Callable[[Task], str]] = {
            "family": lambda task: task.definition.family,
            "startedBy": lambda task: task.started_by,
            "launchType": lambda task: task.launch_type,
        }
        found = [
            task
            for task in self._mine(context, stopped=True)
            if task.cluster == cluster and task.desired_status == wanted
        ]
        for member, value in filters.items():
            if request.get(member):
                found = [task for task in found if value(task) == request[member]]
        if request.get("serviceName"):
            found = [task for task in found if task.service == last_part(request["serviceName"])]
        return {"taskArns": [task.arn for task in found]}

    def _describe_tasks(self, context: Any, request: Mapping[str, Any]) -> Any:
        cluster = self._cluster(context, request)
        if not request.get("tasks"):
            raise _invalid("Tasks cannot be empty.")
        tasks, failures = [], []
        for wanted in request["tasks"]:
            task = self._find(context, cluster, wanted)
            if task is None:
                arn = _arn(context, "task", cluster, wanted)
                failures.append({"arn": arn, "reason": "MISSING"})
                continue
            document = task.to_api()
            if "TAGS" not in (request.get("include") or ()):
                document["tags"] = []
            tasks.append(document)
        return {"tasks": tasks, "failures": failures}

    def _cluster(self, context: Any, request: Mapping[str, Any]) -> str:
        name = last_part(request.get("cluster"))
        if not self._state.cluster_exists(context.account_id, context.region, name):
            raise CommonServiceException("ClusterNotFoundException", "Cluster not found.")
        return name

    def _active_service(self, context: Any, cluster: str, name: str) -> dict[str, Any]:
        document = self._state.document(context.account_id, context.region, cluster, name)
        if document is None:
            raise CommonServiceException("ServiceNotFoundException", "Service not found.")
        if document["status"] != "ACTIVE":
            raise CommonServiceException("ServiceNotActiveException", "Service was not ACTIVE.")
        return document

    def _definition(self, context: Any, name: str) -> Any:
        definition = self._state.active_task_definition(context.account_id, context.region, name)
        if definition is None:
            raise CommonServiceException("ClientException", "TaskDefinition not found.")
        return definition

    def _mine(self, context: Any, *, stopped: bool = False) -> list[Task]:
        tasks = self._tasks.all() if stopped else self._tasks.active()
        return [task for task in tasks if (task.account, task.region) == (context.account_id, context.region)]

    def _find(self, context: Any, cluster: str, name: str) -> Task | None:
        task = self._tasks.get(last_part(name))
        if task is None or (task.account, task.region) != (context.account_id, context.region):
            return None
        return task if task.cluster == cluster else None


def _arn(context: Any, kind: str, cluster: str, name: str) -> str:
    return f"arn:aws:ecs:{context.region}:{context.account_id}:{kind}/{cluster}/{last_part(name)}"


def _invalid(message: str) -> CommonServiceException:
    return CommonServiceException("InvalidParameterException", message)
