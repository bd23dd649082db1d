"""Cloud Map operations that differ from moto's."""

from collections.abc import Callable, Mapping
from typing import Any

from localstack.services.moto import call_moto_with_request


def _create_service(context: Any, request: Mapping[str, Any]) -> Any:
    """A service whose namespace is named in DnsConfig belongs to it all the same."""
    namespace = request.get("NamespaceId") or (request.get("DnsConfig") or {}).get("NamespaceId")
    return call_moto_with_request(context, {**request, **({"NamespaceId": namespace} if namespace else {})})


OVERRIDES: dict[str, Callable[[Any, Any], Any]] = {"CreateService": _create_service}
