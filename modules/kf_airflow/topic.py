"""A topic that alarms and events are sent to, and who gets them."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.kms_key import KmsKey
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from cdktf_cdktf_provider_aws.sns_topic_policy import SnsTopicPolicy
from cdktf_cdktf_provider_aws.sns_topic_subscription import SnsTopicSubscription
from constructs import Construct

from kf_airflow import policies
from kf_airflow.account import Account
from kf_airflow.refs import TopicRef


def place_topic(scope: Construct, *, name: str, prefix: str, account: Account) -> TopicRef:
    """Makes a topic that alarms and rules of EventBridge may publish to, encrypted with a key of its own.

    CloudWatch and EventBridge may not use AWS's key, and whoever may use another one needs not be they.

    Args:
        scope: Where it is placed.
        name: What it is called.
        prefix: What the names of the alarms begin with.
        account: The account it is in.
    """
    alarm_arns = account.arn("cloudwatch", f"alarm:{prefix}*")
    key = KmsKey(
        scope,
        "topic-key",
        description=f"What {name} is told",
        enable_key_rotation=True,
        # It encrypts messages on their way, and keeps nothing.
        deletion_window_in_days=7,
        policy=policies.topic_key_policy(
            account_arn=f"arn:{account.partition}:iam::{account.id}:root",
            account_id=account.id,
            alarm_arns=alarm_arns,
        ),
        tags={"Name": name},
    )
    topic = SnsTopic(scope, "topic", name=name, kms_master_key_id=key.arn, tags={"Name": name})
    SnsTopicPolicy(
        scope,
        "topic-policy",
        arn=topic.arn,
        policy=policies.document(
            [
                policies.published_by_alarms(topic.arn, account_id=account.id, alarm_arns=alarm_arns),
                policies.published_by_events(topic.arn),
            ]
        ),
    )
    return TopicRef(arn=topic.arn)


def place_subscriptions(
    scope: Construct, *, topic: TopicRef, emails: Sequence[str], urls: Sequence[str]
) -> None:
    """Subscribes people and pagers to a topic, each by what it is called.

    Args:
        scope: Where it is placed.
        topic: The topic.
        emails: Addresses of people, who have to confirm.
        urls: Addresses that begin with `https://`.
    """
    for protocol, endpoints in (("email", emails), ("https", urls)):
        for endpoint in endpoints:
            SnsTopicSubscription(
                scope,
                f"{protocol}-{endpoint.replace('/', '-')}",
                topic_arn=topic.arn,
                protocol=protocol,
                endpoint=endpoint,
            )
