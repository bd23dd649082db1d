"""Secrets in Secrets Manager, whoever made them."""

from __future__ import annotations

from dataclasses import dataclass

from kf_airflow.refs.ref import Ref


@dataclass(frozen=True, kw_only=True)
class SecretKey(Ref):
    """One key of a JSON secret in Secrets Manager.

    Args:
        secret_arn: The full ARN of the secret, with its random suffix.
        key: The key in its JSON object.
        key_arn: The KMS key the secret is encrypted with; ECS then needs its permission to read it. AWS's own
            key if left out.

    Raises:
        ValueError: if a value is not allowed.
    """

    secret_arn: str
    key: str
    key_arn: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if ":" in self.key:
            raise ValueError(f"key is {self.key!r}: allowed are keys without colons, at which ECS cuts")

    @property
    def value_from(self) -> str:
        """What ECS calls it in a container definition: the current version of this key."""
        return f"{self.secret_arn}:{self.key}::"


@dataclass(frozen=True, kw_only=True)
class CredentialsRef(Ref):
    """The secrets of an Airflow deployment, each a JSON object in Secrets Manager.

    Args:
        airflow_secret_arn: Keys `fernet_key` (32 bytes in URL-safe base64; while it is rotated, the new one,
            a comma and the old one), `api_secret_key` and `jwt_secret` (64 characters or more each).
        metadata_secret_arn: Keys `username` and `password` of the PostgreSQL role that owns Airflow's tables,
            which `migrate` creates. Unlike the database's master login, nobody rotates it behind the back of
            running tasks.
        results_secret_arn: Keys `username` and `password` of the PostgreSQL role for Celery's result tables,
            which `migrate` creates.
        admin_secret_arn: Keys `username` and `password` of Airflow's first administrator, whom `migrate`
            creates.
        flower_secret_arn: Keys `username` and `password` for Flower's basic authentication.
        key_arn: The KMS key the secrets are encrypted with. AWS's own key if left out.
    """

    airflow_secret_arn: str
    metadata_secret_arn: str
    results_secret_arn: str
    admin_secret_arn: str
    flower_secret_arn: str
    key_arn: str | None = None
