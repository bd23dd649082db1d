"""How users log in at the load balancer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from kf_airflow.checks import arn, between
from kf_airflow.options.requests import check_paths
from kf_airflow.tables import Table

# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AuthenticateOidcActionConfig.html
_LONGEST_SESSION_SECONDS = 604800
# What a rule has room for beside a host name and the method.
_MOST_EXEMPT_PATHS = 3
_ENDPOINTS = ("issuer", "authorization_endpoint", "token_endpoint", "user_info_endpoint")
_KEY = re.compile(r"[\w.-]+")


@dataclass(frozen=True, kw_only=True)
class OidcOptions(Table):
    """How users log in at the load balancer, with a provider of OpenID Connect, before Airflow sees them.

    Register `https://<host>/oauth2/idpresponse` there as redirect URI, once for each host name. The load
    balancer asks for token and user info itself, over the internet: an internal one by way of a NAT gateway.

    Airflow's own login, and Flower's, come after that as before. So who calls the REST API by a program
    cannot come through: let it call from inside, or without this.

    Terraform reads the client's secret when it plans, and keeps it in its state: the argument has no
    write-only form. Neither a plan nor `terraform show` prints it. Keep the state where only those may read
    it who may read the secret.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html

    Args:
        issuer: The provider's issuer, an https URL. This and the endpoints stand in the provider's
            `/.well-known/openid-configuration`.
        authorization_endpoint: Where the browser is sent to log in, an https URL.
        token_endpoint: Where the load balancer gets the token, an https URL.
        user_info_endpoint: Where it asks who the user is, an https URL.
        client_id: What the provider calls the load balancer.
        client_secret_arn: The secret in Secrets Manager with the client's secret, a JSON object. After a
            change, apply again.
        client_secret_key: The key in that object. `client_secret` if left out.
        scope: What is asked for, separated by spaces, `openid` among it. Only that if left out.
        session_timeout_seconds: How long a login is good, 1 to 604800 s. 43200 s, 12 hours, if left out.
        exempt_paths: What may be read (GET) without this login, at most three patterns such as
            `/api/v2/version`, on what serves all paths of its host names. None if left out, but for health.

    Raises:
        ValueError: if a value is not allowed.
    """

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    user_info_endpoint: str
    client_id: str
    client_secret_arn: str
    client_secret_key: str = "client_secret"  # noqa: S105
    scope: str = "openid"
    session_timeout_seconds: int = 43200
    exempt_paths: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for key in _ENDPOINTS:
            _check_https_url(key, getattr(self, key))
        if not self.client_id.strip():
            raise ValueError(f"client_id is {self.client_id!r}: allowed is a value")
        arn("client_secret_arn", self.client_secret_arn)
        if not _KEY.fullmatch(self.client_secret_key):
            raise ValueError(
                f"client_secret_key is {self.client_secret_key!r}: "
                "allowed are letters, digits, underscores, points and hyphens"
            )
        if "openid" not in self.scope.split():
            raise ValueError(f"scope is {self.scope!r}: allowed are scopes with openid among them")
        between("session_timeout_seconds", self.session_timeout_seconds, 1, _LONGEST_SESSION_SECONDS)
        check_paths("exempt_paths", self.exempt_paths)
        if len(self.exempt_paths) > _MOST_EXEMPT_PATHS:
            raise ValueError(
                f"exempt_paths has {len(self.exempt_paths)} patterns: allowed are {_MOST_EXEMPT_PATHS}"
            )


def _check_https_url(key: str, value: str) -> None:
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme != "https" or not parts.hostname:
        raise ValueError(f"{key} is {value!r}: allowed is an https URL")
