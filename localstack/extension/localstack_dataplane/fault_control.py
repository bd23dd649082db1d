"""The switch for faults, `/_dataplane/faults`, and what makes requests run into them."""

from collections.abc import Mapping
from typing import Any

from localstack.aws import handlers
from localstack.aws.api import CommonServiceException
from localstack.runtime.hooks import on_infra_start

from localstack_dataplane.control import CONTROLS, ControlError
from localstack_dataplane.faults import Fault, FaultError, Faults

_faults = Faults()


def _put(document: Mapping[str, Any]) -> None:
    """Switch on: a fault as `Fault` has it, and the `name` that it is switched off by (the service's)."""
    values = dict(document)
    name = values.pop("name", None)
    try:
        fault = Fault.parse(values)
    except FaultError as error:
        raise ControlError(str(error)) from error
    _faults.switch_on(str(name or fault.service), fault)


def _delete(document: Mapping[str, Any]) -> None:
    """Switch off the fault of that `name`, or all."""
    name = document.get("name")
    _faults.switch_off(None if name is None else str(name))


def _get(document: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG001 - there is nothing to ask
    return {"faults": _faults.described()}


def _run_into_faults(chain: Any, context: Any, response: Any) -> None:  # noqa: ARG001 - a handler of LocalStack
    """Fails a request whose service is to fail. LocalStack then writes the error as the protocol wants it."""
    if context.service is None or context.operation is None:
        return
    fault = _faults.meet(context.service.service_name, context.operation.name)
    if fault is not None:
        raise CommonServiceException(
            fault.error, fault.message, fault.status, sender_fault=fault.status < 500
        )


def _install() -> None:
    handlers.serve_custom_service_request_handlers.append(_run_into_faults)
    CONTROLS.add("faults", GET=_get, PUT=_put, DELETE=_delete)


# Before requests are held for a save: one that hangs must not be waited for.
install = on_infra_start(name="install_faults", priority=200)(_install)
