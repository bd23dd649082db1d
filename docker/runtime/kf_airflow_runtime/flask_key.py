"""The key that Flask, in which FAB has its login, signs sessions and forms with."""

import hmac
import secrets
from collections.abc import Mapping

_JWT_SECRET = "AIRFLOW__API_AUTH__JWT_SECRET"  # noqa: S105
_PURPOSE = b"kf-airflow: key of Flask"


def flask_key(environ: Mapping[str, str]) -> str:
    """A key that follows from the JWT secret, so that all webservers have the same.

    FAB takes `[api] secret_key`, which workers have too, for the logs they serve: a task could sign a login
    as whom it likes. Whoever has the JWT secret can sign a token of the API anyway, so this key gives them
    nothing new.

    Args:
        environ: The environment. Where it has no JWT secret nobody logs in (the entrypoint lets no webserver
            start without), and the key is a random one that no other process has.
    """
    secret = environ.get(_JWT_SECRET)
    if not secret:
        return secrets.token_hex(32)
    return hmac.digest(secret.encode(), _PURPOSE, "sha256").hex()
