"""Operations on tasks and task definitions that differ from moto's: real tasks stand behind them."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from localstack_dataplane.clock import now
from localstack_dataplane.ecs import protection
from localstack_dataplane.ecs.capacity import next_provider, parse_strategy, strategy_problem
from localstack_dataplane.ecs.checks import definition_problem, normalized
from localstack_dataplane.ecs.definition import apply_overrides
from localstack_dataplane.ecs.errors import client_error, invalid, refuse
from localstack_dataplane.ecs.lookup import Lookup, arn
from localstack_dataplane.ecs.requests import placement_problem, run_problem
from localstack_dataplane.ecs.store import TaskStore
from localstack_dataplane.ecs.task import Task
from localstack_dataplane.ecs.task_api import api_document
from localstack_dataplane.moto_state.ecs import MotoEcs, last_part

Handler = Callable[[Any, Any], Any]


class TaskOperations:
    """Handlers of the ECS API.

    Args:
        state: Services, clusters and task definitions.
        tasks: The tasks.
        lookup: Looks up what a request names.
        moto: Answers a request by moto.
    """

    def __init__(self, state: MotoEcs, tasks: TaskStore, lookup: Lookup, moto: Handler) -> None:
        self._state, self._tasks, self._lookup, self._moto = state, tasks, lookup, moto

    def overrides(self) -> dict[str, Handler]:
        """Operation -> handler."""
        return {
            "RegisterTaskDefinition": self._register_task_definition,
            "RunTask": self._run_task,
            "StopTask": self._stop_task,
            "ListTasks": self._list_tasks,
            "DescribeTasks": self._describe_tasks,
            "UpdateTaskProtection": self._update_task_protection,
            "GetTaskProtection": self._get_task_protection,
        }

    def _register_task_definition(self, context: Any, request: Mapping[str, Any]) -> Any:
        problem = definition_problem(request)
        if problem:
            raise client_error(problem)
        return self._moto(context, normalized(request))

    def _run_task(self, context: Any, request: Mapping[str, Any]) -> Any:
        cluster = self._lookup.cluster(context, request)
        definition = self._lookup.definition(context, request.get("taskDefinition"))
        overrides = request.get("overrides") or {}
        available, default = self._state.cluster_providers(context.account_id, context.region, cluster)
        strategy = parse_strategy(request.get("capacityProviderStrategy"))
        refuse(strategy_problem(strategy, available, request.get("launchType")))
        if not strategy and not request.get("launchType"):
            strategy = parse_strategy(default)
        launch_type = request.get("launchType") or "FARGATE"
        refuse(run_problem(request, definition))
        refuse(placement_problem(request, definition, launch_type, request.get("networkConfiguration")))
        network = (request.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}
        providers: Counter[str] = Counter()
        tasks = []
        for _ in range(request.get("count") or 1):
            provider = next_provider(strategy, providers)
            providers[provider] += 1
            task = Task(
                id=uuid.uuid4().hex,
                account=context.account_id,
                region=context.region,
                cluster=cluster,
                definition=apply_overrides(definition, overrides),
                group=request.get("group") or f"family:{definition.family}",
                started_by=request.get("startedBy") or "",
                launch_type=launch_type,
                capacity_provider=provider,
                subnet=next(iter(network.get("subnets") or ()), ""),
                tags=list(request.get("tags") or ()),
                overrides=dict(overrides),
                enable_execute_command=bool(request.get("enableExecuteCommand")),
            )
            tasks.append(task)
        for task in tasks:
            self._tasks.add(task)
        return {"tasks": [api_document(task) for task in tasks], "failures": []}

    def _stop_task(self, context: Any, request: Mapping[str, Any]) -> Any:
        cluster = self._lookup.cluster(context, request)
        task = self._lookup.task(context, cluster, request["task"])
        if task is None:
            raise invalid("The referenced task was not found.")
        task.stop("UserInitiated", request.get("reason") or "Task stopped by user")
        return {"task": api_document(task)}

    def _list_tasks(self, context: Any, request: Mapping[str, Any]) -> Any:
        cluster = self._lookup.cluster(context, request)
        wanted = request.get("desiredStatus") or "RUNNING"
        filters: dict[str, Callable[[Task], str]] = {
            "family": lambda task: task.definition.family,
            "startedBy": lambda task: task.started_by,
            "launchType": lambda task: task.launch_type,
        }
        found = [
            task
            for task in self._lookup.tasks(context, stopped=True)
            if task.cluster == cluster and task.desired_status == wanted
        ]
        for member, value in filters.items():
            if request.get(member):
                found = [task for task in found if value(task) == request[member]]
        if request.get("serviceName"):
            service = last_part(request["serviceName"])
            self._lookup.service(context, cluster, service)
            found = [task for task in found if task.service == service]
        return {"taskArns": [task.arn for task in found]}

    def _describe_tasks(self, context: Any, request: Mapping[str, Any]) -> Any:
        cluster = self._lookup.cluster(context, request)
        if not request.get("tasks"):
            raise invalid("Tasks cannot be empty.")
        tasks, failures = [], []
        for wanted, task in self._found(context, cluster, request):
            if task is None:
                failures.append({"arn": wanted, "reason": "MISSING"})
                continue
            document = api_document(task)
            if "TAGS" not in (request.get("include") or ()):
                document["tags"] = []
            tasks.append(document)
        return {"tasks": tasks, "failures": failures}

    def _update_task_protection(self, context: Any, request: Mapping[str, Any]) -> Any:
        cluster = self._lookup.cluster(context, request)
        refuse(protection.update_problem(request))
        return protection.update(self._found(context, cluster, request), request, now())

    def _get_task_protection(self, context: Any, request: Mapping[str, Any]) -> Any:
        cluster = self._lookup.cluster(context, request)
        if len(request.get("tasks") or ()) > protection.MOST_ASKED:
            raise invalid(f"Tasks cannot contain more than {protection.MOST_ASKED} elements.")
        if request.get("tasks"):
            return protection.describe(self._found(context, cluster, request), now())
        mine = [task for task in self._lookup.tasks(context) if task.cluster == cluster and task.service]
        return protection.describe(((task.arn, task) for task in mine), now())

    def _found(
        self, context: Any, cluster: str, request: Mapping[str, Any]
    ) -> Iterator[tuple[str, Task | None]]:
        """ARN and task, None where there is none, of the tasks that a request names."""
        for name in request["tasks"]:
            yield arn(context, "task", cluster, name), self._lookup.task(context, cluster, name)
