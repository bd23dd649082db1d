"""DB instances as the API recorded them, and what PostgreSQL is told of them."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from localstack_dataplane.rds.parameters import is_formula

ETC = "/etc/backing"
RUN = "/run/backing"

_FIRST_VERSION_THAT_FORCES_TLS = 15
"""https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html"""

_TRUE = {"1", "on", "true", "yes"}
_SCRAM_ITERATIONS = 4096


@dataclass(frozen=True, kw_only=True)
class DbInstance:
    """A DB instance with the PostgreSQL engine.

    Attributes:
        status: As in DescribeDBInstances.
        host: Endpoint, as the API returns it.
        engine_version: Asked for; the image decides which PostgreSQL runs.
        database: Initial database besides `postgres`; None for none.
        parameters: Of its DB parameter group, only those somebody set.
        waiting: Parameters whose changes wait for a reboot.
        allocated_storage: GiB it was given.
        restored_from: Data of the snapshot it begins with; None: it begins empty.
        fails_over: Whether it is rebooted by a failover.
        restarts: Whether a modification restarts the server.
    """

    arn: str
    identifier: str
    status: str
    host: str
    port: int
    engine_version: str
    master_username: str
    master_password: str = field(repr=False)
    database: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    waiting: frozenset[str] = frozenset()
    allocated_storage: int = 20
    restored_from: str | None = None
    fails_over: bool = False
    restarts: bool = False

    @property
    def forces_tls(self) -> bool:
        """Whether connections without TLS are refused: `rds.force_ssl`, on by default since PostgreSQL 15."""
        value = self.parameters.get("rds.force_ssl")
        if value is not None:
            return value.lower() in _TRUE
        major = self.engine_version.split(".")[0]
        return not major.isdecimal() or int(major) >= _FIRST_VERSION_THAT_FORCES_TLS


def server_files(instance: DbInstance) -> dict[str, tuple[bytes, int]]:
    """Configuration files of the server: path -> content and mode."""
    return {
        f"{ETC}/postgresql.conf": (_settings(instance).encode(), 0o644),
        f"{ETC}/parameters.conf": (_parameters(instance).encode(), 0o644),
        f"{ETC}/pg_hba.conf": (_access(instance).encode(), 0o644),
    }


def _settings(instance: DbInstance) -> str:
    settings = {
        "listen_addresses": "'*'",
        "port": str(instance.port),
        "max_connections": "200",
        "hba_file": f"'{RUN}/pg_hba.conf'",
        "ident_file": f"'{RUN}/pg_ident.conf'",
        "unix_socket_directories": "'/var/run/postgresql'",
        "password_encryption": "scram-sha-256",
        "log_destination": "stderr",
        "timezone": "'UTC'",
        "jit": "off",
        # A killed container loses nothing by it, for what was written is with the kernel.
        "fsync": "off",
        "full_page_writes": "off",
        # After the parameter group, so that it cannot undo them.
        "ssl": "on",
        "ssl_cert_file": f"'{RUN}/tls.crt'",
        "ssl_key_file": f"'{RUN}/tls.key'",
    }
    lines = [f"{name} = {value}" for name, value in settings.items()]
    return "\n".join([*lines[:-3], f"include = '{RUN}/parameters.conf'", *lines[-3:]]) + "\n"


def _parameters(instance: DbInstance) -> str:
    """What the parameter group says, without RDS's own parameters and formulas of the instance class."""
    quoted = {
        name: value.replace("'", "''")
        for name, value in sorted(instance.parameters.items())
        if not name.startswith("rds.") and not is_formula(value)
    }
    return "".join(f"{name} = '{value}'\n" for name, value in quoted.items())


def _access(instance: DbInstance) -> str:
    kind = "hostssl" if instance.forces_tls else "host"
    return (
        "local all rdsadmin peer map=backing\n"
        "local all all reject\n"
        # For snapshots: nobody but what runs in the server's own network namespace comes from this address.
        "host replication rdsadmin 127.0.0.1/32 trust\n"
        "host all rdsadmin all reject\n"
        f"{kind} all all all scram-sha-256\n"
    )


def accounts(instance: DbInstance) -> str:
    """SQL that makes the master user and the initial database, and sets the password; harmless when repeated.

    The password is in it only as a SCRAM verifier, from which it cannot be read back.
    """
    master, verifier = _identifier(instance.master_username), _literal(scram(instance.master_password))
    statements = [
        _unless_role("rds_superuser", "CREATE ROLE rds_superuser NOLOGIN"),
        _unless_role(instance.master_username, f"CREATE ROLE {master}"),
        "GRANT pg_monitor, pg_signal_backend, pg_checkpoint TO rds_superuser WITH ADMIN OPTION;",
        f"GRANT rds_superuser TO {master} WITH ADMIN OPTION;",
        f"ALTER ROLE {master} LOGIN CREATEDB CREATEROLE PASSWORD {verifier};",
        f"ALTER DATABASE postgres OWNER TO {master};",
    ]
    if instance.database:
        create = f"CREATE DATABASE {_identifier(instance.database)} OWNER {master}"
        statements.append(
            _unless(create, f"SELECT FROM pg_database WHERE datname = {_literal(instance.database)}")
        )
    return "\n".join(statements) + "\n"


def _unless_role(name: str, statement: str) -> str:
    return _unless(statement, f"SELECT FROM pg_roles WHERE rolname = {_literal(name)}")


def _unless(statement: str, query: str) -> str:
    """Psql runs a statement unless a query finds a row. All values in both are quoted by `_literal`."""
    return f"SELECT {_literal(statement)} WHERE NOT EXISTS ({query})\\gexec"


def scram(password: str, salt: bytes | None = None) -> str:
    """PostgreSQL's SCRAM-SHA-256 verifier of a password (RFC 5803).

    Args:
        password: RDS allows printable ASCII only, so that it needs no normalisation.
        salt: Random if left out.
    """
    salt = salt or secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _SCRAM_ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    encoded = (base64.b64encode(part).decode() for part in (salt, stored, server))
    return "SCRAM-SHA-256${}:{}${}:{}".format(_SCRAM_ITERATIONS, *encoded)


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
