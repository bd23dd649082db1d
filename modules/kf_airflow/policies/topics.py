"""Who may tell a topic something."""

from __future__ import annotations

from kf_airflow.policies.documents import Statement, document

_ALARMS = "cloudwatch.amazonaws.com"
_EVENTS = "events.amazonaws.com"


def published_by_alarms(topic_arn: str, *, account_id: str, alarm_arns: str) -> Statement:
    """Returns the statement of a topic's policy that lets some alarms of one account publish.

    Args:
        topic_arn: The topic.
        account_id: The account.
        alarm_arns: The alarms, as a pattern.

    https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
    """
    return {
        "Sid": "Alarms",
        "Effect": "Allow",
        "Principal": {"Service": _ALARMS},
        "Action": "sns:Publish",
        "Resource": topic_arn,
        "Condition": _of_alarms(account_id, alarm_arns),
    }


def published_by_events(topic_arn: str) -> Statement:
    """Returns the statement of a topic's policy that lets rules of EventBridge publish.

    Without a condition: EventBridge meets none there, and its messages would be dropped without a word.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html
    """
    return {
        "Sid": "Events",
        "Effect": "Allow",
        "Principal": {"Service": _EVENTS},
        "Action": "sns:Publish",
        "Resource": topic_arn,
    }


def topic_key_policy(*, account_arn: str, account_id: str, alarm_arns: str) -> str:
    """Returns the policy of a key of a topic's own, which alarms and rules of one account use.

    EventBridge meets no condition here either, so the key is for nothing but the topic.

    Args:
        account_arn: Who administers it: the account's root, which leaves it to the account's IAM policies.
        account_id: The account.
        alarm_arns: The alarms, as a pattern.

    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    """
    uses = ["kms:Decrypt", "kms:GenerateDataKey*"]
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
                "Sid": "Alarms",
                "Effect": "Allow",
                "Principal": {"Service": _ALARMS},
                "Action": uses,
                "Resource": "*",
                "Condition": _of_alarms(account_id, alarm_arns),
            },
            {
                "Sid": "Events",
                "Effect": "Allow",
                "Principal": {"Service": _EVENTS},
                "Action": uses,
                "Resource": "*",
            },
        ]
    )


def _of_alarms(account_id: str, alarm_arns: str) -> dict[str, object]:
    return {
        "StringEquals": {"aws:SourceAccount": account_id},
        "ArnLike": {"aws:SourceArn": alarm_arns},
    }
