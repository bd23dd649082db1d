"""Moto's ECS records as the controllers read them, and in the form of the API."""

import secrets
from typing import Any

from localstack_dataplane.clock import now
from localstack_dataplane.ecs.capacity import parse_strategy
from localstack_dataplane.ecs.deployment import Deployment
from localstack_dataplane.ecs.service import DeploymentTruth, LoadBalancer, Service, ServiceRegistry

_EVENTS_KEPT = 100

GIVEN = {
    "deploymentConfiguration": "deployment_configuration",
    "capacityProviderStrategy": "capacity_provider_strategy",
    "healthCheckGracePeriodSeconds": "health_check_grace_period_seconds",
    "enableExecuteCommand": "enable_execute_command",
    "enableECSManagedTags": "enable_ecs_managed_tags",
    "placementConstraints": "placement_constraints",
    "placementStrategy": "placement_strategy",
    "availabilityZoneRebalancing": "availability_zone_rebalancing",
    "loadBalancers": "load_balancers",
    "serviceRegistries": "service_registries",
    "networkConfiguration": "network_configuration",
    "propagateTags": "propagate_tags",
    "platformVersion": "platform_version",
    "serviceConnectConfiguration": "service_connect_configuration",
    "volumeConfigurations": "volume_configurations",
    "vpcLatticeConfigurations": "vpc_lattice_configurations",
}
"""Member of CreateService and UpdateService -> attribute of moto's record."""

STARTS_DEPLOYMENT = (
    "networkConfiguration",
    "loadBalancers",
    "serviceRegistries",
    "capacityProviderStrategy",
    "platformVersion",
    "serviceConnectConfiguration",
    "volumeConfigurations",
)
"""Members of UpdateService whose change starts a deployment."""


def read_service(account: str, region: str, backend: Any, record: Any) -> Service:
    """A service record as the controller reads it."""
    configuration = deployment_configuration(record)
    breaker = configuration["deploymentCircuitBreaker"]
    strategy = getattr(record, "capacity_provider_strategy", None) or []
    network = (record.network_configuration or {}).get("awsvpcConfiguration", {})
    return Service(
        account=account,
        region=region,
        cluster=record.cluster_name,
        name=record.name,
        arn=record.arn,
        status=record.status,
        desired=record.desired_count,
        deployments=tuple(_deployment(document) for document in record.deployments),
        task_definitions={document["id"]: document["taskDefinition"] for document in record.deployments},
        minimum_percent=configuration["minimumHealthyPercent"],
        maximum_percent=configuration["maximumPercent"],
        circuit_breaker=breaker["enable"],
        rollback=breaker["rollback"],
        load_balancers=tuple(
            LoadBalancer(
                target_group=item["targetGroupArn"],
                container=item["containerName"],
                port=item["containerPort"],
            )
            for item in record.load_balancers or ()
            if item.get("targetGroupArn")
        ),
        registries=tuple(
            ServiceRegistry(arn=item["registryArn"], port=item.get("port") or item.get("containerPort"))
            for item in record.service_registries or ()
        ),
        grace_period=getattr(record, "health_check_grace_period_seconds", None) or 0,
        launch_type=record.launch_type or "",
        strategy=parse_strategy(strategy),
        subnet=next(iter(network.get("subnets") or ()), ""),
        task_tags=_task_tags(backend, record),
        execute_command=bool(getattr(record, "enable_execute_command", False)),
    )


def _task_tags(backend: Any, record: Any) -> tuple[tuple[str, str], ...]:
    if record.propagate_tags == "SERVICE":
        tags = record.tags
    elif record.propagate_tags == "TASK_DEFINITION":
        tags = backend.describe_task_definition(record.task_definition).tags
    else:
        tags = []
    return tuple((tag["key"], tag.get("value", "")) for tag in tags or ())


def _deployment(document: dict[str, Any]) -> Deployment:
    return Deployment(
        id=document["id"],
        primary=document["status"] == "PRIMARY",
        state=document["rolloutState"],
        failed_tasks=document.get("failedTasks", 0),
        last_failure=document.get("_lastFailure"),
        reason=document.get("rolloutStateReason", ""),
        announced=document.get("_announced", False),
    )


def new_deployment(record: Any) -> dict[str, Any]:
    """A primary deployment of a service as it is configured now."""
    moment = now()
    number = secrets.randbelow(9 * 10**18) + 10**18
    document = {
        "id": f"ecs-svc/{number}",
        "status": "PRIMARY",
        "taskDefinition": record.task_definition,
        "desiredCount": record.desired_count,
        "pendingCount": 0,
        "runningCount": 0,
        "failedTasks": 0,
        "createdAt": moment,
        "updatedAt": moment,
        "platformVersion": "1.4.0",
        "platformFamily": "Linux",
        "networkConfiguration": record.network_configuration or None,
        "launchType": record.launch_type,
        "capacityProviderStrategy": getattr(record, "capacity_provider_strategy", None),
        "rolloutState": "IN_PROGRESS",
        "rolloutStateReason": f"ECS deployment ecs-svc/{number} in progress.",
    }
    return {key: value for key, value in document.items() if value is not None}


def update_deployment(document: dict[str, Any], truth: DeploymentTruth) -> None:
    """Write back how a deployment stands."""
    changed: dict[str, Any] = {
        "runningCount": truth.running,
        "pendingCount": truth.pending,
        "failedTasks": truth.failed,
        "_lastFailure": truth.last_failure,
    }
    if truth.announced:
        changed["_announced"] = True
    if truth.state:
        changed |= {"rolloutState": truth.state, "rolloutStateReason": truth.reason or ""}
    if any(document.get(key) != value for key, value in changed.items()):
        document.update(changed, updatedAt=now())


def roll_back(record: Any) -> None:
    """Make the last completed deployment the primary one again; leave things as they are without one."""
    completed = [item for item in record.deployments if item["rolloutState"] == "COMPLETED"]
    if not completed:
        return
    target = max(completed, key=lambda item: item["createdAt"])
    failed = next(item for item in record.deployments if item["status"] == "PRIMARY")
    failed["status"] = "ACTIVE"
    target.update(
        status="PRIMARY",
        desiredCount=record.desired_count,
        rolloutState="IN_PROGRESS",
        rolloutStateReason=f"ECS deployment circuit breaker: rolling back to deploymentId {target['id']}.",
        updatedAt=now(),
        _announced=False,
    )
    record.task_definition = target["taskDefinition"]
    record.deployments = [target, *(item for item in record.deployments if item is not target)]


def add_event(record: Any, message: str) -> None:
    """Put a message in front of a service's events."""
    event = {"id": secrets.token_hex(16), "createdAt": now(), "message": message}
    record.events = [event, *record.events][:_EVENTS_KEPT]


def fill_network(configuration: dict[str, Any] | None) -> None:
    """Add what ECS answers when the caller left it out."""
    network = (configuration or {}).get("awsvpcConfiguration")
    if network is not None:
        network.setdefault("assignPublicIp", "DISABLED")
        network.setdefault("securityGroups", [])


def deployment_configuration(record: Any) -> dict[str, Any]:
    """The deployment configuration of a service, with what ECS answers when the caller left it out."""
    given = getattr(record, "deployment_configuration", None) or {}
    breaker = {"enable": False, "rollback": False, **(given.get("deploymentCircuitBreaker") or {})}
    defaults = {
        "maximumPercent": 200,
        "minimumHealthyPercent": 100,
        "strategy": "ROLLING",
        "bakeTimeInMinutes": 0,
    }
    return {**defaults, **given, "deploymentCircuitBreaker": breaker}


def service_document(record: Any) -> dict[str, Any]:
    """A service as DescribeServices gives it."""
    document: dict[str, Any] = {
        "serviceArn": record.arn,
        "serviceName": record.name,
        "clusterArn": record.cluster_arn,
        "status": record.status,
        "desiredCount": record.desired_count,
        "runningCount": record.running_count,
        "pendingCount": record.pending_count,
        "taskDefinition": record.task_definition,
        "deployments": [
            {key: value for key, value in item.items() if not key.startswith("_")}
            for item in record.deployments
        ],
        "events": list(record.events),
        "launchType": record.launch_type,
        "platformFamily": "Linux" if record.launch_type != "EC2" else None,
        "roleArn": record.role_arn,
        "createdAt": getattr(record, "created_at", None),
        "schedulingStrategy": record.scheduling_strategy,
        "deploymentController": record.deployment_controller,
        "taskSets": [],
        "tags": list(record.tags),
    }
    document |= {member: getattr(record, attribute, None) for member, attribute in GIVEN.items()}
    document["deploymentConfiguration"] = deployment_configuration(record)
    for member in ("loadBalancers", "serviceRegistries", "placementConstraints", "placementStrategy"):
        document[member] = document[member] or []
    for member in ("enableExecuteCommand", "enableECSManagedTags"):
        document[member] = bool(document[member])
    if not document["networkConfiguration"]:
        document["networkConfiguration"] = None
    return {key: value for key, value in document.items() if value is not None}


def definition_document(record: Any) -> dict[str, Any]:
    """What the data plane reads of a task definition."""
    return {
        "taskDefinitionArn": record.arn,
        "containerDefinitions": record.container_definitions,
        "cpu": record.cpu,
        "memory": record.memory,
        "taskRoleArn": getattr(record, "task_role_arn", None),
        "executionRoleArn": getattr(record, "execution_role_arn", None),
        "volumes": record.volumes,
        "networkMode": record.network_mode,
    }
