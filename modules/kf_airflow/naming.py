"""Names: what AWS accepts, and the Kids First conventions."""

from __future__ import annotations

import re

from kf_airflow import checks

# What a target group's name may have.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/create-target-group.html
MAXIMUM_SERVICE_NAME_LENGTH = 32
# So that there is room for the longest suffix we add, "-airflow".
MAXIMUM_NAME_LENGTH = 24

_NAME = re.compile(r"[a-z](?:-?[a-z0-9])*")
# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
_DATABASE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
_RESERVED = frozenset({"admin", "rdsadmin", "template0", "template1"})
_RESERVED_PREFIXES = ("pg_", "rds_")


def checked_name(name: str) -> str:
    """Returns `name` if every AWS resource named after it can bear it.

    Raises:
        ValueError: if it is too long, or has other characters than AWS allows in all the names made from it.
    """
    return _checked(name, MAXIMUM_NAME_LENGTH)


def checked_service_name(name: str) -> str:
    """Returns `name` if an ECS service and its target group can bear it.

    Raises:
        ValueError: if it is too long or has other characters.
    """
    return _checked(name, MAXIMUM_SERVICE_NAME_LENGTH)


def checked_database_name(name: str) -> str:
    """Returns `name` if RDS takes it for a database and for the master role of PostgreSQL.

    Raises:
        ValueError: if it does not.
    """
    if not _DATABASE_NAME.fullmatch(name):
        raise ValueError(
            f"database_name is {name!r}: allowed are letters, digits and underscores, a letter first, at "
            "most 63 characters"
        )
    if name.lower() in _RESERVED or name.lower().startswith(_RESERVED_PREFIXES):
        raise ValueError(
            f"database_name is {name!r}: allowed are names that neither PostgreSQL nor RDS reserves, and "
            f"those are {', '.join(sorted(_RESERVED))} and what begins with {' or '.join(_RESERVED_PREFIXES)}"
        )
    return name


def checked_description(description: str | None, default: str) -> str:
    """Returns what resources are described as: `description`, or the default if it is None.

    Raises:
        ValueError: if a security group may not be described so, which of all takes the least.
    """
    if description is None:
        return default
    if not description.strip():
        raise ValueError(f"description is {description!r}: allowed is a text, or None for {default!r}")
    return checks.rule_description("description", description)


def log_group_prefix(*, environment: str, app: str) -> str:
    """Returns the Kids First log group of an app: `apps-<environment>/<app>`."""
    return f"apps-{environment}/{app}"


def namespace(name: str) -> str:
    """Returns the private DNS zone of a deployment: `<name>.internal`.

    The top-level domain `internal` is reserved for private use, so it can never clash with a public name.
    """
    return f"{name}.internal"


def state_bucket(account: str) -> str:
    """Returns the Kids First bucket for Terraform state of an account."""
    return f"{account}-remote-state-files"


def state_key(*, environment: str, project: str, region: str) -> str:
    """Returns the Kids First key of a project's Terraform state."""
    return f"{environment}/{project}-{region}-RSF"


def _checked(name: str, maximum_length: int) -> str:
    if len(name) > maximum_length or not _NAME.fullmatch(name):
        raise ValueError(
            f"name is {name!r}: allowed are lower-case letters, digits and single hyphens, "
            f"a letter first, at most {maximum_length} characters"
        )
    return name
