"""Modifications of DB instances that wait for the maintenance window.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ModifyInstance.ApplyImmediately.html
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

DEFERRED = {
    "AllocatedStorage": "allocated_storage",
    "CACertificateIdentifier": "ca_certificate_identifier",
    "DBInstanceClass": "db_instance_class",
    "EnableIAMDatabaseAuthentication": "enable_iam_database_authentication",
    "EngineVersion": "engine_version",
    "Iops": "iops",
    "LicenseModel": "license_model",
    "MultiAZ": "multi_az",
    "StorageThroughput": "storage_throughput",
    "StorageType": "storage_type",
}
"""Member of ModifyDBInstance -> attribute of moto's record, of what is not changed at once unless asked for.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ModifyInstance.Settings.html
"""

_SHOWN = {"EnableIAMDatabaseAuthentication": "IAMDatabaseAuthenticationEnabled"}
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEK = timedelta(days=7)


def deferred(request: Mapping[str, Any], waiting: Mapping[str, Any], current: Any) -> dict[str, Any]:
    """What waits after a ModifyDBInstance that is not to be applied immediately.

    Args:
        request: Of ModifyDBInstance.
        waiting: What waited before, by member; one that is asked for as it is does so no longer.
        current: Moto's record of the instance.
    """
    asked = {member: request[member] for member in DEFERRED if request.get(member) is not None}
    together = {**waiting, **asked}
    return {
        member: value for member, value in together.items() if getattr(current, DEFERRED[member]) != value
    }


def shown(waiting: Mapping[str, Any]) -> dict[str, Any]:
    """PendingModifiedValues as DescribeDBInstances gives them."""
    return {_SHOWN.get(member, member): value for member, value in waiting.items()}


def in_window(window: str, moment: datetime) -> bool:
    """Whether a moment is in a weekly window.

    Args:
        window: Such as `sun:23:45-mon:00:15`, in UTC.
        moment: In UTC.
    """
    begin, end = (_since_monday(part) for part in window.lower().split("-"))
    now = timedelta(days=moment.weekday(), hours=moment.hour, minutes=moment.minute, seconds=moment.second)
    return (now - begin) % _WEEK < (end - begin) % _WEEK


def _since_monday(text: str) -> timedelta:
    day, hours, minutes = text.split(":")
    return timedelta(days=_DAYS.index(day), hours=int(hours), minutes=int(minutes))
