"""Modifications of moto's DB instances: made at once, or kept until the maintenance window."""

from datetime import datetime
from typing import Any

from moto.rds.models import rds_backends

from localstack_dataplane.moto_state.backends import every
from localstack_dataplane.rds.pending import DEFERRED, in_window


def waiting(database: Any) -> dict[str, Any]:
    """What of a DB instance waits for its window, by member of ModifyDBInstance."""
    kept: dict[str, Any] = getattr(database, "dataplane_pending", {})
    return kept


def keep(database: Any, members: dict[str, Any]) -> None:
    """Let these, and nothing else, wait for the window."""
    database.dataplane_pending = members


def restarting(database: Any) -> tuple[Any, ...]:
    """What restarts the server when it is changed.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ModifyInstance.Settings.html
    """
    return (database.db_instance_class, database.engine_version)


def restart_if_changed(database: Any, before: tuple[Any, ...]) -> None:
    """Have the data plane restart the server, by a failover where there is a standby."""
    if restarting(database) != before:
        database.dataplane_fails_over = bool(database.multi_az)
        database.dataplane_restarts = True


def apply(database: Any) -> None:
    """Make the modifications that wait; the instance is `modifying` until its server has taken them over."""
    before = restarting(database)
    for member, value in waiting(database).items():
        setattr(database, DEFERRED[member], value)
    keep(database, {})
    restart_if_changed(database, before)
    database.status = "modifying"


def apply_in_windows(moment: datetime) -> None:
    """Make the modifications of the available instances whose maintenance window it is."""
    for backend in every(rds_backends):
        for database in list(backend.databases.values()):
            if (
                waiting(database)
                and database.status == "available"
                and in_window(database.preferred_maintenance_window, moment)
            ):
                apply(database)
