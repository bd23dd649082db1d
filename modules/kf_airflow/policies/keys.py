"""What KMS keys allow and what using them through a service takes."""

from __future__ import annotations

from collections.abc import Sequence

from kf_airflow.policies.documents import Statement, document


def decrypt(*key_arns: str, via: str) -> Statement:
    """Returns the statement that lets a service decrypt for whoever calls it.

    Args:
        key_arns: The keys.
        via: The service that uses them, such as `secretsmanager` or `s3`; they cannot be used directly.
    """
    return _use(["kms:Decrypt"], key_arns, via)


def encrypt_and_decrypt(key_arn: str, *, via: str) -> Statement:
    """Returns the statement that lets a service encrypt and decrypt for whoever calls it.

    Args:
        key_arn: The key.
        via: The service that uses it, such as `s3`; the key cannot be used directly.
    """
    return _use(["kms:Decrypt", "kms:GenerateDataKey"], [key_arn], via)


def key_policy(*, account_arn: str, logs_service: str, log_group_arns: str) -> str:
    """Returns the policy of a key of one account.

    Args:
        account_arn: Who administers it: the account's root, which leaves it to the account's IAM policies.
        logs_service: The principal of CloudWatch Logs of the region, which has no role to be given a policy.
        log_group_arns: The log groups it may use the key for, as a pattern.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    """
    return document(
        [
            {
                "Sid": "Account",
                "Effect": "Allow",
                "Principal": {"AWS": account_arn},
                "Action": "kms:*",
                # In a key's policy it means this key.
                "Resource": "*",
            },
            {
                "Sid": "Logs",
                "Effect": "Allow",
                "Principal": {"Service": logs_service},
                "Action": [
                    "kms:Decrypt",
                    "kms:Encrypt",
                    "kms:GenerateDataKey*",
                    "kms:ReEncrypt*",
                ],
                "Resource": "*",
                "Condition": {"StringLike": {"kms:EncryptionContext:aws:logs:arn": log_group_arns}},
            },
        ]
    )


def _use(actions: list[str], key_arns: Sequence[str], via: str) -> Statement:
    return {
        "Sid": f"KeyThrough{via.capitalize()}",
        "Effect": "Allow",
        "Action": actions,
        "Resource": list(key_arns),
        # The region is the key's; the second form is China's.
        "Condition": {
            "StringLike": {"kms:ViaService": [f"{via}.*.amazonaws.com", f"{via}.*.amazonaws.com.cn"]}
        },
    }
