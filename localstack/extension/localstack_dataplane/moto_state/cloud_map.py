"""Cloud Map as moto records it."""

from collections.abc import Mapping
from typing import Any

from moto.servicediscovery.models import servicediscovery_backends

from localstack_dataplane.moto_state.backends import every

_OWNED = "ECS_CLUSTER_NAME"
"""ECS gives its instances this attribute; others are left alone."""


class MotoCloudMap:
    """Instances and the names they give."""

    def sync(self, wanted: Mapping[str, Mapping[str, dict[str, str]]]) -> None:
        """Make the instances that ECS registered those that are wanted.

        Args:
            wanted: ARN of a Cloud Map service -> instance id -> attributes.
        """
        for backend in every(servicediscovery_backends):
            for service in list(backend.services.values()):
                _sync_service(backend, service, wanted.get(service.arn, {}))

    def hosts(self) -> dict[str, list[str]]:
        """Host name -> addresses of its healthy instances, of every service with A records."""
        found: dict[str, list[str]] = {}
        for backend in every(servicediscovery_backends):
            for service in list(backend.services.values()):
                namespace = backend.namespaces.get(service.namespace_id)
                if namespace is None or namespace.type == "HTTP":
                    continue
                addresses = found.setdefault(f"{service.name}.{namespace.name}", [])
                addresses += [
                    instance.attributes["AWS_INSTANCE_IPV4"]
                    for instance in list(service.instances)
                    if instance.health_status == "HEALTHY" and "AWS_INSTANCE_IPV4" in instance.attributes
                ]
        return found


def _sync_service(backend: Any, service: Any, wanted: Mapping[str, dict[str, str]]) -> None:
    present = {item.instance_id: item for item in list(service.instances) if _OWNED in item.attributes}
    for instance_id in present.keys() - wanted.keys():
        backend.deregister_instance(service.id, instance_id)
    for instance_id, attributes in wanted.items():
        if instance_id in present and present[instance_id].attributes == attributes:
            continue
        if instance_id in present:
            backend.deregister_instance(service.id, instance_id)
        backend.register_instance(service.id, instance_id, "", dict(attributes))
