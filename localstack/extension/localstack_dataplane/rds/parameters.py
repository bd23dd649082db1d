"""Parameters of DB parameter groups: which there are, what they accept, and when a change takes effect.

`postgresql.tsv` is what PostgreSQL 17 says of itself in pg_settings: name, context, type, lowest and highest
value, values allowed.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithParamGroups.html
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

IMMEDIATE = "immediate"
PENDING_REBOOT = "pending-reboot"

_NEEDS_A_START = "postmaster"
_FALSE_OR_TRUE = frozenset({"0", "1", "off", "on", "false", "true", "no", "yes"})
_OF_OTHER_VERSIONS = frozenset(
    {
        "autovacuum_vacuum_max_threshold",
        "db_user_namespace",
        "effective_io_concurrency_max",
        "file_copy_method",
        "force_parallel_mode",
        "io_max_combine_limit",
        "io_max_concurrency",
        "io_method",
        "io_workers",
        "log_lock_failures",
        "max_active_replication_origins",
        "old_snapshot_threshold",
        "operator_precedence_warning",
        "promote_trigger_file",
        "stats_temp_directory",
        "track_cost_delay_timing",
        "vacuum_cleanup_index_scale_factor",
        "vacuum_defer_cleanup_age",
        "vacuum_truncate",
        "autovacuum_worker_slots",
    }
)
"""Accepted, for a group may be of a family whose PostgreSQL knows them; the one that runs does not."""

_OF_RDS_ALONE = frozenset(
    {
        "archive_cleanup_command",
        "archive_command",
        "archive_library",
        "archive_mode",
        "bonjour",
        "bonjour_name",
        "cluster_name",
        "config_file",
        "data_directory",
        "dynamic_library_path",
        "external_pid_file",
        "fsync",
        "full_page_writes",
        "hba_file",
        "ident_file",
        "listen_addresses",
        "log_directory",
        "logging_collector",
        "port",
        "restore_command",
        "ssl",
        "ssl_cert_file",
        "ssl_key_file",
        "unix_socket_directories",
        "unix_socket_group",
        "unix_socket_permissions",
        "wal_level",
    }
)
"""Parameters that users of RDS read only."""


class ParameterError(ValueError):
    """A parameter, value or apply method that RDS does not accept; `code` is that of its error."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A parameter of PostgreSQL.

    Attributes:
        static: Whether a change takes effect at the next start only.
        kind: bool, integer, real, string or enum.
        low: Lowest value of a number.
        high: Highest value of a number.
        allowed: Values of an enum.
    """

    static: bool
    kind: str
    low: str = ""
    high: str = ""
    allowed: tuple[str, ...] = ()

    def accepts(self, value: str) -> bool:
        """Whether a value is allowed."""
        if self.kind in {"integer", "real"}:
            try:
                number = float(value) if self.kind == "real" else int(value)
            except ValueError:
                return False
            return float(self.low) <= number <= float(self.high)
        if self.kind == "bool":
            return value.lower() in _FALSE_OR_TRUE
        words = self.allowed + (tuple(_FALSE_OR_TRUE) if "on" in self.allowed else ())
        return self.kind != "enum" or value.lower() in words

    @property
    def range(self) -> str:
        """What is allowed, as it reads in an error."""
        if self.kind in {"integer", "real"}:
            return f"{self.low}-{self.high}"
        return "0,1" if self.kind == "bool" else ",".join(self.allowed)


@lru_cache
def postgresql() -> Mapping[str, Parameter]:
    """The parameters of PostgreSQL by name, in lower case."""
    table = (Path(__file__).parent / "postgresql.tsv").read_text(encoding="ascii")
    known = {}
    for line in table.splitlines():
        name, context, kind, low, high, allowed = line.split("\t")
        known[name.lower()] = Parameter(
            static=context == _NEEDS_A_START,
            kind=kind,
            low=low,
            high=high,
            allowed=tuple(filter(None, allowed.split(","))),
        )
    return known


def is_static(name: str) -> bool:
    """Whether a change of the parameter needs a reboot."""
    parameter = postgresql().get(name.lower())
    return parameter is not None and parameter.static


def check(name: str, value: str | None, method: str) -> None:
    """Check one item of a ModifyDBParameterGroup request.

    Args:
        name: Parameter.
        value: None if it is not to be changed.
        method: `immediate` or `pending-reboot`.

    Raises:
        ParameterError: As RDS would refuse it.
    """
    parameter = postgresql().get(name.lower())
    if parameter is None:
        if "." not in name and name.lower() not in _OF_OTHER_VERSIONS:
            raise ParameterError("InvalidParameterValue", f"Could not find parameter with name: {name}")
        return
    if name.lower() in _OF_RDS_ALONE:
        raise ParameterError("InvalidParameterValue", f"The parameter {name} cannot be modified.")
    if method not in {IMMEDIATE, PENDING_REBOOT}:
        raise ParameterError("InvalidParameterValue", f"Invalid apply method: {method}")
    if parameter.static and method == IMMEDIATE:
        raise ParameterError(
            "InvalidParameterCombination", "cannot use immediate apply method for static parameter"
        )
    if value is not None and not is_formula(value) and not parameter.accepts(value):
        raise ParameterError(
            "InvalidParameterValue",
            f"Invalid parameter value: {value} for: {name} allowed values are: {parameter.range}",
        )


def is_formula(value: str) -> bool:
    """Whether RDS computes the value, such as `{DBInstanceClassMemory/32768}` or `GREATEST(...)`."""
    return "{" in value or "(" in value


def waiting(
    wanted: Mapping[str, str], methods: Mapping[str, str], held: Mapping[str, str | None]
) -> frozenset[str]:
    """Parameters whose changes wait for a reboot.

    Args:
        wanted: What somebody set in the group.
        methods: Apply method of each.
        held: What the group said when the instance got it instead of another: waits, until it is changed.
    """
    deferred = {name for name in wanted if is_static(name) or methods.get(name) == PENDING_REBOOT}
    return frozenset(deferred | {name for name, value in held.items() if wanted.get(name) == value})


def in_force(running: Mapping[str, str], wanted: Mapping[str, str], waits: Collection[str]) -> dict[str, str]:
    """What a server runs with until it is started again.

    Args:
        running: What it runs with now.
        wanted: What the parameter group says.
        waits: Parameters whose changes wait for a reboot; those that need a start always do.
    """
    chosen = {
        name: (running if name in waits or is_static(name) else wanted).get(name)
        for name in running.keys() | wanted.keys()
    }
    return {name: value for name, value in chosen.items() if value is not None}
