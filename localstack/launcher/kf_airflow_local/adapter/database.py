"""RDS: names of arguments, and the master password that RDS did not keep in Secrets Manager then."""

import re

from kf_airflow_local.adapter.document import (
    Document,
    add,
    blocks,
    drop,
    rename,
    replace_reference,
    resources,
)
from kf_airflow_local.adapter.secrets import random_text, random_value

UNKNOWN = (
    "database_insights_mode",
    "dedicated_log_volume",
    "engine_lifecycle_support",
    "network_type",
    "storage_throughput",
    "upgrade_storage_config",
)
UNANSWERED = (
    "monitoring_interval",
    "monitoring_role_arn",
    "performance_insights_enabled",
    "performance_insights_kms_key_id",
    "performance_insights_retention_period",
)
"""What the local RDS takes and does not tell of, so that every plan would set it again."""


def adapt_databases(document: Document) -> None:
    """Rename arguments, and keep the master password of each database in a secret of ours."""
    for identifier, block in list(resources(document, "aws_db_instance").items()):
        rename(block, {"db_name": "name"})
        drop(block, *UNKNOWN, *UNANSWERED)
        if block.pop("manage_master_user_password", False):
            drop(block, "master_user_secret_kms_key_id")
            _keep_master_password(document, identifier)
    replace_reference(document, r"(aws_db_instance\.[A-Za-z0-9_-]+)\.db_name\b", r"\1.name")


def adapt_database_proxies(document: Document) -> None:
    """Leave out what proxies could not be told then; locally they are only recorded."""
    for block in resources(document, "aws_db_proxy").values():
        for login in blocks(block.get("auth")):
            drop(login, "client_password_auth_type")


def _keep_master_password(document: Document, identifier: str) -> None:
    """Make the secret that RDS would make, with the same keys."""
    secret = f"{identifier}_master"
    block = resources(document, "aws_db_instance")[identifier]
    add(document, "terraform_data", secret, random_value())
    block["password"] = f"${{{random_text(secret)}}}"
    add(
        document,
        "aws_secretsmanager_secret",
        secret,
        # A name of its own each time, as RDS gives it.
        {"name_prefix": "rds-master-", "recovery_window_in_days": 0},
    )
    user = re.sub(r"^\$\{(.*)\}$", r"\1", block["username"])
    username = user if user != block["username"] else f'"{user}"'
    add(
        document,
        "aws_secretsmanager_secret_version",
        secret,
        {
            "secret_id": f"${{aws_secretsmanager_secret.{secret}.id}}",
            "secret_string": (
                f'${{jsonencode({{"username" = {username}, "password" = {random_text(secret)}}})}}'
            ),
        },
    )
    # Terraform takes both ways of writing an index; CDKTF writes either.
    replace_reference(
        document,
        rf"aws_db_instance\.{identifier}\.master_user_secret(?:\[0\]|\.0)(?:\.secret_arn|\[\"secret_arn\"\])",
        # The version, not the secret: whoever reads the ARN may count on a value being there.
        f"aws_secretsmanager_secret_version.{secret}.arn",
    )
