"""ECS services, clusters and task definitions as moto records them."""

import threading
from collections.abc import Iterator, Mapping
from typing import Any

from moto.ecs.models import ecs_backends

from localstack_dataplane.clock import now
from localstack_dataplane.ecs.definition import TaskDefinition, parse_task_definition
from localstack_dataplane.ecs.errors import EcsError
from localstack_dataplane.ecs.service import Service, ServiceTruth
from localstack_dataplane.moto_state import ecs_records as records
from localstack_dataplane.moto_state import ecs_service_deployments as service_deployments


class MotoEcs:
    """ECS state; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._definitions: dict[str, tuple[Any, TaskDefinition]] = {}

    # What the controller reads and writes

    def services(self) -> list[Service]:
        """Every service that is not INACTIVE."""
        with self._lock:
            return [
                records.read_service(account, region, backend, record)
                for account, region, backend in _backends()
                for record in list(backend.services.values())
                if record.status != "INACTIVE" and record.deployments
            ]

    def task_definition(self, account: str, region: str, name: str) -> TaskDefinition:
        """A task definition by ARN, family or family:revision."""
        record = ecs_backends[account][region].describe_task_definition(name)
        with self._lock:
            known, definition = self._definitions.get(record.arn, (None, None))
            if definition is None or known is not record:
                definition = parse_task_definition(records.definition_document(record))
                self._definitions[record.arn] = (record, definition)
            return definition

    def write(self, service: Service, truth: ServiceTruth) -> None:
        """Write back how a service stands."""
        with self._lock:
            record = self._record(service.account, service.region, service.cluster, service.name)
            if record is None or record.arn != service.arn:
                return
            record.running_count, record.pending_count = truth.running, truth.pending
            for document in record.deployments:
                if document["id"] in truth.deployments:
                    records.update_deployment(document, truth.deployments[document["id"]])
            if truth.roll_back:
                records.roll_back(record)
            service_deployments.bring_up_to_date(record)
            record.deployments = [item for item in record.deployments if item["id"] not in truth.retired]
            for message in truth.events:
                records.add_event(record, message)
            if truth.inactive:
                record.status, record.deployments = "INACTIVE", []

    def write_clusters(self, counts: Mapping[tuple[str, str, str], tuple[int, int]]) -> None:
        """Write back (account, region, cluster) -> running and pending tasks."""
        with self._lock:
            for account, region, backend in _backends():
                for name, cluster in list(backend.clusters.items()):
                    running, pending = counts.get((account, region, name), (0, 0))
                    cluster.running_tasks_count, cluster.pending_tasks_count = running, pending
                    cluster.active_services_count = sum(
                        item.status == "ACTIVE" and item.cluster_name == name
                        for item in backend.services.values()
                    )

    def has_clusters(self) -> bool:
        """Whether there is an ACTIVE cluster."""
        return any(
            cluster.status == "ACTIVE"
            for _, _, backend in _backends()
            for cluster in list(backend.clusters.values())
        )

    # What the API handlers need

    def status(self, account: str, region: str, cluster: str, name: str) -> str | None:
        """Status of a service; None if there never was one of this name."""
        with self._lock:
            record = self._record(account, region, cluster, name)
            return record.status if record else None

    def complete(self, account: str, region: str, request: Mapping[str, Any]) -> None:
        """Add to a service that moto has just made what moto leaves out."""
        with self._lock:
            record = self._require(account, region, last_part(request.get("cluster")), request["serviceName"])
            for member, attribute in records.GIVEN.items():
                if member in request:
                    setattr(record, attribute, request[member])
            record.created_at = now()
            if request.get("capacityProviderStrategy"):
                record.launch_type = None
            elif record.launch_type != "EC2":
                record.platform_version = record.platform_version or "LATEST"
            records.fill_network(record.network_configuration)
            record.deployments = [records.new_deployment(record)]
            service_deployments.begin(record, records.deployment_configuration(record))

    def update(self, account: str, region: str, request: Mapping[str, Any]) -> None:
        """Do what UpdateService asks: change the record, start a deployment if one is needed."""
        with self._lock:
            record = self._require(
                account, region, last_part(request.get("cluster")), last_part(request["service"])
            )
            changed = bool(request.get("forceNewDeployment"))
            for member, attribute in records.GIVEN.items():
                if request.get(member) is None:
                    continue
                if member == "networkConfiguration":
                    records.fill_network(request[member])
                given = request[member]
                if member == "deploymentConfiguration":
                    # What the caller leaves out of it stays as it was.
                    given = {**(getattr(record, attribute, None) or {}), **given}
                differs = getattr(record, attribute, None) != given
                changed = changed or (differs and member in records.STARTS_DEPLOYMENT)
                setattr(record, attribute, given)
            if request.get("capacityProviderStrategy"):
                record.launch_type = None
            definition = self.active_task_definition(account, region, request.get("taskDefinition") or "")
            if definition is not None:
                changed = changed or definition.arn != record.task_definition
                record.task_definition = definition.arn
            if request.get("desiredCount") is not None:
                record.desired_count = request["desiredCount"]
            if changed:
                for document in record.deployments:
                    document["status"] = "ACTIVE"
                record.deployments = [records.new_deployment(record), *record.deployments]
                service_deployments.begin(record, records.deployment_configuration(record))
            record.deployments[0]["desiredCount"] = record.desired_count
            record.deployments[0]["updatedAt"] = now()

    def drain(self, account: str, region: str, cluster: str, name: str) -> None:
        """Start the end of a service: it keeps no task and becomes INACTIVE when the last one is gone."""
        with self._lock:
            record = self._require(account, region, cluster, name)
            record.status, record.desired_count = "DRAINING", 0
            for document in record.deployments:
                document["desiredCount"] = 0

    def document(self, account: str, region: str, cluster: str, name: str) -> dict[str, Any] | None:
        """A service as DescribeServices gives it; None if there never was one of this name."""
        with self._lock:
            record = self._record(account, region, cluster, name)
            return records.service_document(record) if record else None

    def documents(self, account: str, region: str, cluster: str) -> list[dict[str, Any]]:
        """Documents of the services of a cluster that are not INACTIVE."""
        with self._lock:
            return [
                records.service_document(record)
                for record in ecs_backends[account][region].services.values()
                if record.cluster_name == cluster and record.status != "INACTIVE"
            ]

    def service_deployments(self, account: str, region: str, cluster: str, name: str) -> list[dict[str, Any]]:
        """The deployments that a service ever had, in short, newest first."""
        with self._lock:
            record = self._require(account, region, cluster, name)
            return [service_deployments.brief(item) for item in service_deployments.history(record)]

    def service_deployments_by_arn(self, account: str, region: str) -> dict[str, dict[str, Any]]:
        """ARN -> deployment, of every service."""
        with self._lock:
            return {
                item["serviceDeploymentArn"]: service_deployments.full(record, item)
                for record in ecs_backends[account][region].services.values()
                for item in service_deployments.history(record)
            }

    def stop_service_deployment(self, account: str, region: str, arn: str) -> None:
        """Roll back a deployment that is under way.

        Raises:
            EcsError: There is none of this ARN, or it cannot be rolled back.
        """
        with self._lock:
            for record in ecs_backends[account][region].services.values():
                for item in service_deployments.history(record):
                    if item["serviceDeploymentArn"] == arn:
                        service_deployments.stop(record, item)
                        return
        raise EcsError("ServiceDeploymentNotFoundException", "Service deployment not found.")

    def service_revisions(self, account: str, region: str) -> dict[str, dict[str, Any]]:
        """ARN -> revision, of every service."""
        with self._lock:
            return service_deployments.revisions(ecs_backends[account][region].services.values())

    def active_task_definition(self, account: str, region: str, name: str) -> TaskDefinition | None:
        """A task definition that is ACTIVE; the latest such revision for a family. None if there is none."""
        family, _, revision = last_part(name).partition(":")
        revisions = ecs_backends[account][region].task_definitions.get(family, {})
        active = [number for number, record in revisions.items() if record.status == "ACTIVE"]
        number = int(revision) if revision.isdecimal() else max(active, default=0)
        return self.task_definition(account, region, f"{family}:{number}") if number in active else None

    def task_definition_exists(self, account: str, region: str, name: str) -> bool:
        """Whether there is or was such a task definition."""
        family, _, revision = last_part(name).partition(":")
        revisions = ecs_backends[account][region].task_definitions.get(family, {})
        return int(revision) in revisions if revision.isdecimal() else bool(revisions) and not revision

    def cluster_providers(self, account: str, region: str, name: str) -> tuple[list[str], list[Any]]:
        """Capacity providers of a cluster, and its default strategy as the API gives it."""
        cluster = ecs_backends[account][region].clusters[name]
        strategy = cluster.default_capacity_provider_strategy
        return list(cluster.capacity_providers or ()), list(strategy or ())

    def cluster_exists(self, account: str, region: str, name: str) -> bool:
        """Whether there is an ACTIVE cluster of this name."""
        cluster = ecs_backends[account][region].clusters.get(name)
        return cluster is not None and cluster.status == "ACTIVE"

    def _record(self, account: str, region: str, cluster: str, name: str) -> Any:
        return ecs_backends[account][region].services.get(f"{cluster}:{name}")

    def _require(self, account: str, region: str, cluster: str, name: str) -> Any:
        record = self._record(account, region, cluster, name)
        if record is None:
            raise LookupError(f"There is no service {name} in cluster {cluster}.")
        return record


def _backends() -> Iterator[tuple[str, str, Any]]:
    for account, regions in list(ecs_backends.items()):
        for region, backend in list(regions.items()):
            yield account, region, backend


def last_part(name: str | None) -> str:
    """The name in an ARN or a name."""
    return (name or "default").rpartition("/")[2]
