"""PostgreSQL's parameters on RDS: which the library sets, and when a value takes effect."""

from __future__ import annotations

from collections.abc import Mapping

# What everything that connects counts on. RDS's own default since PostgreSQL 15; said so that nobody turns it
# off elsewhere.
OURS: Mapping[str, str] = {"rds.force_ssl": "1"}

# Those that PostgreSQL, an extension or RDS reads at start alone; RDS refuses to change them at once.
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Parameters.html
_AFTER_REBOOT = frozenset(
    {
        "autovacuum_freeze_max_age",
        "autovacuum_max_workers",
        "autovacuum_multixact_freeze_max_age",
        "autovacuum_worker_slots",
        "commit_timestamp_buffers",
        "cron.database_name",
        "cron.log_run",
        "cron.log_statement",
        "cron.max_running_jobs",
        "cron.use_background_workers",
        "event_source",
        "huge_pages",
        "io_max_combine_limit",
        "io_max_concurrency",
        "io_method",
        "jit_provider",
        "max_active_replication_origins",
        "max_connections",
        "max_files_per_process",
        "max_locks_per_transaction",
        "max_logical_replication_workers",
        "max_notify_queue_pages",
        "max_pred_locks_per_transaction",
        "max_prepared_transactions",
        "max_replication_slots",
        "max_wal_senders",
        "max_worker_processes",
        "multixact_member_buffers",
        "multixact_offset_buffers",
        "notify_buffers",
        "old_snapshot_threshold",
        "pg_prewarm.autoprewarm",
        "pg_stat_statements.max",
        "rds.custom_dns_resolution",
        "rds.enable_pgactive",
        "rds.logical_replication",
        "rds.rds_superuser_reserved_connections",
        "rds.restrict_password_commands",
        "reserved_connections",
        "serializable_buffers",
        "shared_buffers",
        "shared_preload_libraries",
        "subtransaction_buffers",
        "superuser_reserved_connections",
        "track_activity_query_size",
        "track_commit_timestamp",
        "transaction_buffers",
        "wal_buffers",
        "wal_decode_buffer_size",
    }
)


def apply_method(name: str) -> str:
    """Returns when RDS may apply a parameter: `immediate`, or `pending-reboot` for those read at start."""
    return "pending-reboot" if name in _AFTER_REBOOT else "immediate"


def connections_asked_for(parameters: Mapping[str, str]) -> tuple[bool, int | None]:
    """Returns whether `max_connections` is among the parameters, and its number.

    The number is None where a formula of RDS stands, which only RDS can work out.
    """
    value = parameters.get("max_connections")
    return value is not None, int(value) if value is not None and value.isdecimal() else None
