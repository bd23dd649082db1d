"""Cloud Map operations that differ from moto's.

https://docs.aws.amazon.com/cloud-map/latest/api/API_Operations.html
"""

import random
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from localstack.aws.api import CommonServiceException
from localstack.services.moto import call_moto, call_moto_with_request

from localstack_dataplane.cloud_map_checks import instance_problem, service_problem
from localstack_dataplane.moto_state.cloud_map import (
    UNHEALTHY,
    backend_of,
    has_custom_health,
    record_types,
)

_MOST_INSTANCES = 100


def _create_private_dns_namespace(context: Any, request: Mapping[str, Any]) -> Any:
    """A VPC may have several namespaces, each of another name; moto allows one."""
    backend, vpc = _backend(context), request["Vpc"]
    for namespace in list(backend.namespaces.values()):
        if (namespace.name, namespace.vpc) == (request["Name"], vpc):
            raise _taken("NamespaceAlreadyExists", request["Name"])
    stand_in = f"{vpc}#{uuid.uuid4()}"
    answer = call_moto_with_request(context, {**request, "Vpc": stand_in})
    for namespace in list(backend.namespaces.values()):
        if namespace.vpc == stand_in:
            namespace.vpc = vpc
    return answer


def _create_http_namespace(context: Any, request: Mapping[str, Any]) -> Any:
    for namespace in list(_backend(context).namespaces.values()):
        if (namespace.type, namespace.name) == ("HTTP", request["Name"]):
            raise _taken("NamespaceAlreadyExists", request["Name"])
    return call_moto(context)


def _delete_namespace(context: Any, request: Mapping[str, Any]) -> Any:
    namespace = _last_part(request["Id"])
    if any(service.namespace_id == namespace for service in list(_backend(context).services.values())):
        raise CommonServiceException("ResourceInUse", f"Namespace {namespace} still has services.")
    return call_moto_with_request(context, {**request, "Id": namespace})


def _create_service(context: Any, request: Mapping[str, Any]) -> Any:
    """A service whose namespace is named in DnsConfig belongs to it all the same."""
    backend = _backend(context)
    named = request.get("NamespaceId") or (request.get("DnsConfig") or {}).get("NamespaceId")
    if not named:
        raise _invalid("NamespaceId is required.")
    namespace = backend.namespaces.get(_last_part(named))
    if namespace is None:
        raise CommonServiceException("NamespaceNotFound", f"Namespace {named} is not found.")
    problem = service_problem(request, http_namespace=namespace.type == "HTTP")
    if problem:
        raise _invalid(problem)
    # Names of DNS do not differ by case.
    fold = str if namespace.type == "HTTP" else str.lower
    for service in list(backend.services.values()):
        if service.namespace_id == namespace.id and fold(service.name) == fold(request["Name"]):
            raise _taken("ServiceAlreadyExists", request["Name"])
    return call_moto_with_request(context, {**request, "NamespaceId": namespace.id})


def _delete_service(context: Any, request: Mapping[str, Any]) -> Any:
    service = _service(context, request["Id"])
    if service.instances:
        raise CommonServiceException("ResourceInUse", f"Service {service.id} still has instances.")
    return call_moto_with_request(context, {**request, "Id": service.id})


def _register_instance(context: Any, request: Mapping[str, Any]) -> Any:
    """An instance that is registered again is changed."""
    service = _service(context, request["ServiceId"])
    attributes, custom = request["Attributes"], has_custom_health(service)
    problem = instance_problem(record_types(service), attributes, custom_health=custom)
    if problem:
        raise _invalid(problem)
    known = [item for item in service.instances if item.instance_id == request["InstanceId"]]
    answer = call_moto_with_request(context, {**request, "ServiceId": service.id})
    for item in known:
        service.instances.remove(item)
    if custom and attributes.get("AWS_INIT_HEALTH_STATUS") == UNHEALTHY:
        _backend(context).get_instance(service.id, request["InstanceId"]).health_status = UNHEALTHY
    return answer


def _update_health(context: Any, request: Mapping[str, Any]) -> Any:
    service = _service(context, request["ServiceId"])
    if not has_custom_health(service):
        raise CommonServiceException("CustomHealthNotFound", f"Service {service.id} has no custom health.")
    return call_moto_with_request(context, {**request, "ServiceId": service.id})


def _discover_instances(context: Any, request: Mapping[str, Any]) -> Any:
    """In no order; without a health check there is no health, and no filter by it."""
    backend, name = _backend(context), request["NamespaceName"]
    namespaces = [item.id for item in list(backend.namespaces.values()) if item.name == name]
    asked = dict(request)
    asked.pop("MaxResults", None)
    checked = any(
        has_custom_health(service) or service.health_check_config
        for service in list(backend.services.values())
        if service.namespace_id in namespaces and service.name == request["ServiceName"]
    )
    if not checked:
        asked.pop("HealthStatus", None)
    answer = call_moto_with_request(context, asked)
    found = list(answer["Instances"])
    random.shuffle(found)
    if not checked:
        found = [{key: item[key] for key in item if key != "HealthStatus"} for item in found]
    return {**answer, "Instances": found[: request.get("MaxResults") or _MOST_INSTANCES]}


def _list_services(context: Any, request: Mapping[str, Any]) -> Any:
    answer = call_moto(context)
    services = _backend(context).services
    for item in request.get("Filters") or ():
        if item["Name"] == "NAMESPACE_ID":
            wanted = {_last_part(value) for value in item["Values"]}
            answer["Services"] = [
                found for found in answer["Services"] if services[found["Id"]].namespace_id in wanted
            ]
    return answer


def _list_namespaces(context: Any, request: Mapping[str, Any]) -> Any:
    answer = call_moto(context)
    for item in request.get("Filters") or ():
        member = {"TYPE": "Type", "NAME": "Name"}.get(item["Name"])
        if member:
            answer["Namespaces"] = [
                found for found in answer["Namespaces"] if found[member] in item["Values"]
            ]
    return answer


def _backend(context: Any) -> Any:
    return backend_of(context.account_id, context.region)


def _service(context: Any, name: str) -> Any:
    service = _backend(context).services.get(_last_part(name))
    if service is None:
        raise CommonServiceException("ServiceNotFound", f"Service {name} is not found.")
    return service


def _last_part(name: str) -> str:
    """The id in an ARN or an id."""
    return name.rpartition("/")[2]


def _invalid(message: str) -> CommonServiceException:
    return CommonServiceException("InvalidInput", message)


def _taken(code: str, name: str) -> CommonServiceException:
    return CommonServiceException(code, f"{name} exists already.")


OVERRIDES: dict[str, Callable[[Any, Any], Any]] = {
    "CreateHttpNamespace": _create_http_namespace,
    "CreatePrivateDnsNamespace": _create_private_dns_namespace,
    "CreateService": _create_service,
    "DeleteNamespace": _delete_namespace,
    "DeleteService": _delete_service,
    "DiscoverInstances": _discover_instances,
    "ListNamespaces": _list_namespaces,
    "ListServices": _list_services,
    "RegisterInstance": _register_instance,
    "UpdateInstanceCustomHealthStatus": _update_health,
}
