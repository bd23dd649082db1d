"""A login of PostgreSQL that stays."""

from __future__ import annotations

import re

from constructs import Construct

from kf_airflow.checks import recovery_window
from kf_airflow.naming import checked_name
from kf_airflow.randoms import random_password, write_only_secret
from kf_airflow.refs import KeyRef, SecretKey

_PASSWORD_LENGTH = 32

# What PostgreSQL takes without quotes, and folds to nothing else.
_USERNAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


class DatabaseLogin(Construct):
    """The name and password of a role of PostgreSQL that RDS does not change, unlike its master login.

    Terraform makes the password and hands it to Secrets Manager without keeping it. The role itself is made
    by what has the master login, such as migrations, with this name and password.

    Args:
        scope: Where it is placed.
        id_: Its id there, also the last part of the secret's name: `<name>/<id>`.
        name: What the secret's name begins with.
        username: What the role is called: lower-case letters, digits and underscores, no digit first, at most
            63 characters.
        recovery_window_days: How long the deleted secret can be had back, 7 to 30 days; 0 deletes at once. 30
            if left out.
        key: What the secret is encrypted with. Secrets Manager's own key if left out.

    Raises:
        ValueError: if a value is not allowed.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        username: str,
        recovery_window_days: int = 30,
        key: KeyRef | None = None,
    ) -> None:
        super().__init__(scope, id_)
        checked_name(name)
        recovery_window("recovery_window_days", recovery_window_days)
        if not _USERNAME.fullmatch(username) or username.startswith("pg_"):
            raise ValueError(
                f"username is {username!r}: allowed are lower-case letters, digits and underscores, no digit "
                "first, at most 63 characters, and not pg_ first"
            )
        password = random_password(self, "password", length=_PASSWORD_LENGTH)
        self._key_arn = key.arn if key else None
        self.secret_arn = write_only_secret(
            self,
            "secret",
            name=f"{name}/{id_}",
            description=f"Login of {username} in PostgreSQL",
            values={"username": f'"{username}"', "password": password},
            recovery_window_days=recovery_window_days,
            key=key,
        )

    @property
    def username(self) -> SecretKey:
        """The name, as a container gets it."""
        return self._value_of("username")

    @property
    def password(self) -> SecretKey:
        """The password, as a container gets it."""
        return self._value_of("password")

    def _value_of(self, key: str) -> SecretKey:
        return SecretKey(secret_arn=self.secret_arn, key=key, key_arn=self._key_arn)
