"""DB instances in moto's state."""

import json
import secrets
import string
from typing import Any

from moto.rds.models import rds_backends

from localstack_dataplane.moto_state.backends import every
from localstack_dataplane.rds.model import DbInstance

_ENGINE = "postgres"
_PASSWORD_CHARACTERS = string.ascii_letters + string.digits + "!#$%&*+-=?_"
_MANAGED_PASSWORD_LENGTH = 28
_RESOURCE_ID_CHARACTERS = string.ascii_uppercase + string.digits
_RESOURCE_ID_LENGTH = 26


class MotoRds:
    """What moto recorded of DB instances."""

    def instances(self) -> list[DbInstance]:
        """All with the PostgreSQL engine, those being deleted too."""
        return [_instance(found) for _, found in _databases()]

    def set_status(self, arn: str, status: str) -> None:
        """Write the status back; an instance that was deleted meanwhile stays so."""
        for _, database in _databases():
            if database.arn == arn and database.status != "deleting":
                database.status = status

    def forget(self, arn: str) -> None:
        """Remove an instance that is deleted."""
        for backend, database in _databases():
            if database.arn == arn:
                backend.databases.pop(database.db_instance_identifier, None)


def find(account_id: str, region: str, identifier: str) -> Any:
    """Moto's own DB instance with PostgreSQL; None if there is none of that name."""
    found = rds_backends[account_id][region].databases.get(identifier.lower())
    return found if found is not None and found.engine == _ENGINE else None


def keep(account_id: str, region: str, database: Any) -> None:
    """Put an instance back that moto has dropped at once, though its server still has to be stopped."""
    database.status = "deleting"
    rds_backends[account_id][region].databases[database.db_instance_identifier] = database


def parameters(account_id: str, region: str, group: str) -> dict[str, Any] | None:
    """What somebody set in a DB parameter group, by name of the parameter; None if there is no such group."""
    found = rds_backends[account_id][region].db_parameter_groups.get(group)
    return None if found is None else found.parameters


def new_resource_id() -> str:
    """What AWS knows an instance by, whatever it is called; moto gives the same to each."""
    return "db-" + "".join(secrets.choice(_RESOURCE_ID_CHARACTERS) for _ in range(_RESOURCE_ID_LENGTH))


def _databases() -> list[tuple[Any, Any]]:
    return [
        (backend, database)
        for backend in every(rds_backends)
        for database in list(backend.databases.values())
        if database.engine == _ENGINE and database.db_cluster_identifier is None
    ]


def _instance(database: Any) -> DbInstance:
    parameters = {
        name: str(parameter["ParameterValue"])
        for group in database.db_parameter_groups()
        for name, parameter in dict(group.parameters).items()
        if parameter.get("ParameterValue") is not None
    }
    return DbInstance(
        arn=database.arn,
        identifier=database.db_instance_identifier,
        status=database.status,
        host=database.address,
        port=int(database.port),
        engine_version=str(database.engine_version),
        master_username=database.master_username or "postgres",
        master_password=_password(database),
        database=database.db_name,
        parameters=parameters,
    )


def _password(database: Any) -> str:
    if database.manage_master_user_password and hasattr(database, "master_user_secret"):
        return settle_secret(database)
    # Moto makes its own of those it restores from a snapshot without one.
    return database._master_user_password or ""  # noqa: SLF001 - write-only in moto's public face


def settle_secret(database: Any) -> str:
    """Give an RDS-managed secret the user's name and a password of its own; return the password.

    Moto writes the same placeholder into every one. A secret with the right user name is left as it is.
    """
    secret = database.master_user_secret.secret
    version = secret.versions[secret.default_version_id]
    content = json.loads(version.get("secret_string") or "{}")
    if content.get("username") != database.master_username or content.get("password") == "P@55w0rd!":
        password = "".join(secrets.choice(_PASSWORD_CHARACTERS) for _ in range(_MANAGED_PASSWORD_LENGTH))
        content = {"username": database.master_username, "password": password}
        version["secret_string"] = secret.secret_string = json.dumps(content)
    return str(content["password"])
