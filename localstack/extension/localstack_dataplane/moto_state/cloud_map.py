"""Cloud Map as moto records it."""

from collections.abc import Mapping
from typing import Any

from moto.servicediscovery.models import servicediscovery_backends

from localstack_dataplane.cloud_map import DnsService, Instance
from localstack_dataplane.ecs.instances import TaskInstance, Wanted
from localstack_dataplane.moto_state.backends import every

HEALTHY, UNHEALTHY = "HEALTHY", "UNHEALTHY"

_OWNED = "ECS_CLUSTER_NAME"
"""ECS gives its instances this attribute; others are left alone."""


class MotoCloudMap:
    """Instances and the names they give."""

    def sync(self, wanted: Wanted) -> None:
        """Make the instances that ECS registered those that are wanted.

        Args:
            wanted: ARN of a Cloud Map service -> instance id -> instance.
        """
        for backend in every(servicediscovery_backends):
            for service in list(backend.services.values()):
                _sync_service(backend, service, wanted.get(service.arn, {}))

    def dns_services(self) -> list[DnsService]:
        """Every service that DNS answers for."""
        found = []
        for backend in every(servicediscovery_backends):
            for service in list(backend.services.values()):
                namespace = backend.namespaces.get(service.namespace_id)
                if namespace is None or namespace.type == "HTTP" or not service.dns_config:
                    continue
                found.append(
                    DnsService(
                        host=f"{service.name}.{namespace.name}",
                        types=frozenset(record_types(service)),
                        weighted=service.dns_config.get("RoutingPolicy") == "WEIGHTED",
                        instances=tuple(_instance(item) for item in list(service.instances)),
                    )
                )
        return found


def backend_of(account: str, region: str) -> Any:
    """Moto's backend of one account and region."""
    return servicediscovery_backends[account][region]


def record_types(service: Any) -> list[str]:
    """Types of the DNS records of a service."""
    return [item["Type"] for item in (service.dns_config or {}).get("DnsRecords") or ()]


def has_custom_health(service: Any) -> bool:
    """Whether somebody tells Cloud Map the health of the instances: without, all count as healthy."""
    return service.health_check_custom_config is not None


def _instance(record: Any) -> Instance:
    port = record.attributes.get("AWS_INSTANCE_PORT", "")
    return Instance(
        id=record.instance_id,
        address=record.attributes.get("AWS_INSTANCE_IPV4", ""),
        port=int(port) if port.isdecimal() else None,
        healthy=record.health_status == HEALTHY,
    )


def _sync_service(backend: Any, service: Any, wanted: Mapping[str, TaskInstance]) -> None:
    present = {item.instance_id: item for item in list(service.instances) if _OWNED in item.attributes}
    for instance_id in present.keys() - wanted.keys():
        backend.deregister_instance(service.id, instance_id)
    for instance_id, instance in wanted.items():
        known = present.get(instance_id)
        if known is None or known.attributes != instance.attributes:
            if known is not None:
                backend.deregister_instance(service.id, instance_id)
            backend.register_instance(service.id, instance_id, "", dict(instance.attributes))
        healthy = instance.healthy or not has_custom_health(service)
        backend.get_instance(service.id, instance_id).health_status = HEALTHY if healthy else UNHEALTHY
