"""A key of one's own for what is stored."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.kms_alias import KmsAlias
from cdktf_cdktf_provider_aws.kms_key import KmsKey
from constructs import Construct

from kf_airflow import policies
from kf_airflow.account import look_up_account
from kf_airflow.naming import checked_name
from kf_airflow.options import KeyOptions
from kf_airflow.refs import KeyRef


class Key(Construct):
    """A KMS key that changes its material every year, with the alias `alias/<name>`.

    The account's IAM policies say who may use it, and CloudWatch Logs may for log groups of the account and
    region. Whatever it encrypts is lost with it.

    Args:
        scope: Where it is placed.
        id_: Its id there.
        name: What its alias is called.
        options: How it is made. The defaults of `KeyOptions` if left out.

    Raises:
        ValueError: if the name is not allowed.
    """

    def __init__(self, scope: Construct, id_: str, *, name: str, options: KeyOptions | None = None) -> None:
        super().__init__(scope, id_)
        options = options or KeyOptions()
        name = checked_name(name)
        account = look_up_account(self)
        key = KmsKey(
            self,
            "key",
            description=f"What {name} stores",
            enable_key_rotation=True,
            deletion_window_in_days=options.deletion_window_days,
            policy=policies.key_policy(
                account_arn=f"arn:{account.partition}:iam::{account.id}:root",
                logs_service=f"logs.{account.region}.amazonaws.com",
                log_group_arns=account.arn("logs", "log-group:*"),
            ),
            tags={"Name": name},
        )
        KmsAlias(self, "alias", name=f"alias/{name}", target_key_id=key.key_id)
        self.ref = KeyRef(arn=key.arn)
