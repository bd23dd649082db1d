"""The secrets of an Airflow deployment that belong to no other part."""

from __future__ import annotations

from constructs import Construct

from kf_airflow.checks import recovery_window
from kf_airflow.naming import checked_name
from kf_airflow.randoms import random_password, write_only_secret
from kf_airflow.refs import CredentialsRef, KeyRef

# PyJWT warns of keys for HS512 below 64 bytes.
_SIGNING_KEY_LENGTH = 64
_PASSWORD_LENGTH = 32


class Credentials(Construct):
    """Airflow's keys, and the logins of its tables, of Celery's results, of its administrator and of Flower.

    Terraform makes the values and hands them to Secrets Manager without keeping them; who may, reads them
    there, and whoever changes a value there keeps the change. The database's master login and the broker's
    token are with `Database` and `Broker`.

    Args:
        scope: Where it is placed.
        id_: Its id there.
        name: What the secrets' names begin with: `<name>/airflow`, `<name>/metadata`, `<name>/results`,
            `<name>/admin`, `<name>/flower`.
        admin_username: The first administrator of the UI. `admin` if left out.
        recovery_window_days: How long a deleted secret can be had back, 7 to 30 days; 0 deletes at once, so
            that the name can be used again. 30 if left out.
        key: What they are encrypted with. Secrets Manager's own key if left out.

    Raises:
        ValueError: if a value is not allowed.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        admin_username: str = "admin",
        recovery_window_days: int = 30,
        key: KeyRef | None = None,
    ) -> None:
        super().__init__(scope, id_)
        self._name = checked_name(name)
        self._key = key
        self._recovery_window_days = checked_recovery_window(recovery_window_days)
        self.ref = CredentialsRef(
            airflow_secret_arn=self._secret(
                "airflow",
                "Airflow's keys",
                {
                    # A Fernet key is 32 bytes in URL-safe base64. Base64 of letters and digits never has the
                    # two characters in which the URL-safe form differs, and 32 of them are worth 190 bits.
                    "fernet_key": f"base64encode({self._random('fernet-key', 32)})",
                    "api_secret_key": self._random("api-secret-key", _SIGNING_KEY_LENGTH),
                    "jwt_secret": self._random("jwt-secret", _SIGNING_KEY_LENGTH),
                },
            ),
            metadata_secret_arn=self._login("metadata", "Airflow's tables", "airflow_metadata"),
            results_secret_arn=self._login("results", "Celery's result tables", "celery_results"),
            admin_secret_arn=self._login("admin", "Airflow's administrator", admin_username),
            flower_secret_arn=self._login("flower", "Flower", "flower"),
            key_arn=key.arn if key else None,
        )

    def _login(self, id_: str, description: str, username: str) -> str:
        if not username.isidentifier():
            raise ValueError(
                f"admin_username is {username!r}: allowed are letters, digits and underscores, a letter first"
            )
        password = self._random(f"{id_}-password", _PASSWORD_LENGTH)
        return self._secret(
            id_, f"Login of {description}", {"username": f'"{username}"', "password": password}
        )

    def _random(self, id_: str, length: int) -> str:
        return random_password(self, id_, length=length)

    def _secret(self, id_: str, description: str, values: dict[str, str]) -> str:
        return write_only_secret(
            self,
            id_,
            name=f"{self._name}/{id_}",
            description=description,
            values=values,
            recovery_window_days=self._recovery_window_days,
            key=self._key,
        )


def checked_recovery_window(days: int) -> int:
    """Returns `days` if Secrets Manager can keep a deleted secret for that long.

    Raises:
        ValueError: if it cannot.
    """
    return recovery_window("recovery_window_days", days)
