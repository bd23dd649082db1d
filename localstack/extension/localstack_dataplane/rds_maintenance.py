"""The maintenance window of a DB instance, on demand: what waits for it is done now."""

from collections.abc import Callable, Mapping
from typing import Any

from localstack_dataplane.control import ControlError
from localstack_dataplane.moto_state import rds, rds_modifications

CONTROL = "maintenance-window"


class MaintenanceWindows:
    """Opens maintenance windows.

    Args:
        wake: Called afterwards, so that it is acted on at once.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake

    def open(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Answer to POST /_dataplane/maintenance-window with `{"instance": <ARN of a DB instance>}`."""
        arn = str(request.get("instance", ""))
        database = rds.find_by_arn(arn)
        if database is None:
            raise ControlError(f"There is no DB instance {arn!r}.", 404)
        if database.status != "available":
            raise ControlError(f"DB instance {database.db_instance_identifier} is {database.status}.")
        applied = sorted(rds_modifications.waiting(database))
        if applied:
            rds_modifications.apply(database)
            self._wake()
        return {"applied": applied}
