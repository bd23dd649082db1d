"""The login at the load balancer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.data_aws_secretsmanager_secret_version import (
    DataAwsSecretsmanagerSecretVersion,
)
from constructs import Construct

from kf_airflow.options import OidcOptions


@dataclass(frozen=True, kw_only=True)
class Login:
    """A login with a provider of OpenID Connect.

    Args:
        arguments: What an action that authenticates is told, as Terraform's block has it.
    """

    arguments: Mapping[str, Any]


def place_login(scope: Construct, id_: str, *, options: OidcOptions) -> Login:
    """Places the data source that reads the client's secret, and returns the login that uses it."""
    secret = DataAwsSecretsmanagerSecretVersion(scope, id_, secret_id=options.client_secret_arn)
    return Login(
        arguments={
            "issuer": options.issuer,
            "authorization_endpoint": options.authorization_endpoint,
            "token_endpoint": options.token_endpoint,
            "user_info_endpoint": options.user_info_endpoint,
            "client_id": options.client_id,
            "client_secret": f'${{jsondecode({secret.fqn}.secret_string)["{options.client_secret_key}"]}}',
            "scope": options.scope,
            "session_timeout": options.session_timeout_seconds,
            "on_unauthenticated_request": "authenticate",
        }
    )
