"""Passwords of DB instances in moto's state: those in secrets that RDS manages, and plain ones.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
"""

import json
import secrets
import string
import time
import uuid
from typing import Any

from moto.rds.models import MasterUserSecret

_PASSWORD_CHARACTERS = string.ascii_letters + string.digits + "!#$%&*+-=?_"
_MANAGED_PASSWORD_LENGTH = 28
_OF_MOTO = "P@55w0rd!"

# Moto copies all of an instance that is restored to a point in time; the key of the secret cannot be copied.
MasterUserSecret.__deepcopy__ = lambda self, _: self


def password(database: Any) -> str:
    """The master password as of now."""
    if is_managed(database):
        return settle(database)
    # Moto makes its own of those it restores from a snapshot without one.
    return database._master_user_password or ""  # noqa: SLF001 - write-only in moto's public face


def is_managed(database: Any) -> bool:
    """Whether RDS keeps the master password in a secret of its own."""
    return bool(database.manage_master_user_password and hasattr(database, "master_user_secret"))


def settle(database: Any) -> str:
    """Give an RDS-managed secret the user's name and a password of its own; return the password.

    Moto writes the same placeholder into every one. A secret with the right user name is left as it is.
    """
    secret = database.master_user_secret.secret
    version = secret.versions[secret.default_version_id]
    content = json.loads(version.get("secret_string") or "{}")
    if content.get("username") != database.master_username or content.get("password") == _OF_MOTO:
        content = {"username": database.master_username, "password": _new_password()}
        version["secret_string"] = secret.secret_string = json.dumps(content)
    return str(content["password"])


def rotate(database: Any) -> None:
    """Put a new password into an RDS-managed secret; the old one is its previous version."""
    secret = database.master_user_secret.secret
    text = json.dumps({"username": database.master_username, "password": _new_password()})
    version, now = str(uuid.uuid4()), int(time.time())
    secret.reset_default_version(
        {
            "secret_string": text,
            "createdate": now,
            "version_id": version,
            "version_stages": ["AWSCURRENT"],
        },
        version,
    )
    secret.secret_string = text
    secret.last_rotation_date = secret.last_changed_date = now


def unmanage(database: Any, password: str) -> None:
    """Give an instance a plain password; the secret that moto made for it is deleted."""
    if is_managed(database):
        database.update(manage_master_user_password=False)
    database.master_user_password = password


def _new_password() -> str:
    return "".join(secrets.choice(_PASSWORD_CHARACTERS) for _ in range(_MANAGED_PASSWORD_LENGTH))
