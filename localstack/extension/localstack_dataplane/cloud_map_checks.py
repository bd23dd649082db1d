"""What Cloud Map refuses; each check answers with the reason, or with nothing.

https://docs.aws.amazon.com/cloud-map/latest/api/API_CreateService.html
https://docs.aws.amazon.com/cloud-map/latest/api/API_RegisterInstance.html
"""

from collections.abc import Collection, Mapping
from ipaddress import AddressValueError, IPv4Address
from typing import Any

_COMBINATIONS = ({"A"}, {"AAAA"}, {"A", "AAAA"}, {"SRV"}, {"CNAME"})
_HIGHEST_PORT = 65535


def service_problem(request: Mapping[str, Any], *, http_namespace: bool) -> str:
    """Why a service cannot be made.

    Args:
        request: CreateService.
        http_namespace: Whether its namespace has no DNS.
    """
    if request.get("HealthCheckConfig") and request.get("HealthCheckCustomConfig") is not None:
        return "Specify either HealthCheckConfig or HealthCheckCustomConfig, not both."
    configuration = request.get("DnsConfig")
    if not configuration:
        return ""
    if http_namespace:
        return "DnsConfig cannot be specified for a service of an HTTP namespace."
    types = {record["Type"] for record in configuration.get("DnsRecords") or ()}
    if types not in _COMBINATIONS:
        return "DnsRecords can be A, AAAA, A and AAAA, SRV or CNAME."
    if types == {"CNAME"}:
        if configuration.get("RoutingPolicy") != "WEIGHTED":
            return "The routing policy of CNAME records has to be WEIGHTED."
        if request.get("HealthCheckConfig"):
            return "CNAME records cannot have a HealthCheckConfig."
    return ""


def instance_problem(types: Collection[str], attributes: Mapping[str, str], *, custom_health: bool) -> str:
    """Why an instance cannot be registered.

    Args:
        types: Of the DNS records of the service.
        attributes: Of the instance.
        custom_health: Whether the service has a custom health check.
    """
    alias = "AWS_ALIAS_DNS_NAME" in attributes
    if alias and any(name.startswith("AWS_INSTANCE_") for name in attributes):
        return "AWS_ALIAS_DNS_NAME cannot be combined with AWS_INSTANCE attributes."
    needed = {"A": "AWS_INSTANCE_IPV4", "AAAA": "AWS_INSTANCE_IPV6", "CNAME": "AWS_INSTANCE_CNAME"}
    for kind, name in needed.items():
        if kind in types and not alias and name not in attributes:
            return f"{name} is required: the service has {kind} records."
    if "SRV" in types:
        if not {"AWS_INSTANCE_IPV4", "AWS_INSTANCE_IPV6"} & attributes.keys():
            return "AWS_INSTANCE_IPV4 or AWS_INSTANCE_IPV6 is required: the service has SRV records."
        if "AWS_INSTANCE_PORT" not in attributes:
            return "AWS_INSTANCE_PORT is required: the service has SRV records."
    return _values_problem(attributes, custom_health=custom_health)


def _values_problem(attributes: Mapping[str, str], *, custom_health: bool) -> str:
    address, port = attributes.get("AWS_INSTANCE_IPV4"), attributes.get("AWS_INSTANCE_PORT")
    if address is not None:
        try:
            IPv4Address(address)
        except AddressValueError:
            return f"AWS_INSTANCE_IPV4 is {address}, which is no IPv4 address."
    if port is not None and not (port.isdecimal() and 1 <= int(port) <= _HIGHEST_PORT):
        return f"AWS_INSTANCE_PORT is {port}, which is no port."
    status = attributes.get("AWS_INIT_HEALTH_STATUS")
    if status is not None:
        if status not in {"HEALTHY", "UNHEALTHY"}:
            return f"AWS_INIT_HEALTH_STATUS is {status}: it can be HEALTHY or UNHEALTHY."
        if not custom_health:
            return "AWS_INIT_HEALTH_STATUS needs a service with HealthCheckCustomConfig."
    return ""
