"""Automated backups of moto's DB instances: the snapshots that RDS makes by itself.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.html
"""

from typing import Any

from moto.rds.models import rds_backends

from localstack_dataplane.moto_state.rds import begin_snapshot


def begin(database: Any) -> None:
    """Have the data plane fill the snapshot that moto makes with an instance, if backups are kept."""
    snapshots = rds_backends[database.account_id][database.region].database_snapshots
    for name, snapshot in _automated(database).items():
        if hasattr(snapshot, "dataplane_data"):
            continue
        if database.backup_retention_period:
            begin_snapshot(snapshot, database)
        else:
            del snapshots[name]


def change(database: Any, before: int) -> None:
    """Make a backup when they begin to be kept, and remove all when they no longer are.

    Args:
        database: The DB instance.
        before: Days that its backups were kept before.
    """
    if database.backup_retention_period and not before:
        database.save_automated_backup()
        begin(database)
    elif before and not database.backup_retention_period:
        snapshots = rds_backends[database.account_id][database.region].database_snapshots
        for name in _automated(database):
            del snapshots[name]


def _automated(database: Any) -> dict[str, Any]:
    snapshots = rds_backends[database.account_id][database.region].database_snapshots
    return {
        name: snapshot
        for name, snapshot in list(snapshots.items())
        if snapshot.snapshot_type == "automated"
        and snapshot.db_instance_identifier == database.db_instance_identifier
    }
