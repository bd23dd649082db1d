"""What a topic tells: a queue that is subscribed to it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from local_system import LocalSystem


class AlarmMail:
    """All that was told so far.

    Args:
        sqs: A client of SQS.
        url: The queue.
    """

    def __init__(self, sqs: Any, url: str) -> None:
        self._sqs, self._url = sqs, url
        self._alarms: dict[str, dict[str, dict[str, Any]]] = {}
        self.sentences: list[str] = []

    def alarms(self, state: str = "ALARM") -> dict[str, dict[str, Any]]:
        """The alarms that were told to be in a state, by name, as CloudWatch tells them."""
        self._receive()
        return self._alarms.get(state, {})

    def told(self, beginning: str) -> list[str]:
        """The sentences of events that begin so."""
        self._receive()
        return [sentence for sentence in self.sentences if sentence.startswith(beginning)]

    def _receive(self) -> None:
        while True:
            found = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages", [])
            if not found:
                return
            for message in found:
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
                self._sort(json.loads(message["Body"])["Message"])

    def _sort(self, text: str) -> None:
        try:
            told = json.loads(text)
        except ValueError:
            told = text
        if isinstance(told, dict) and "AlarmName" in told:
            self._alarms.setdefault(told["NewStateValue"], {})[told["AlarmName"]] = told
        else:
            self.sentences.append(str(told))


@contextmanager
def alarm_mail(system: LocalSystem) -> Iterator[AlarmMail]:
    """Subscribes to the deployment's topic, until the block ends."""
    sqs, sns = system.aws("sqs"), system.aws("sns")
    url = sqs.create_queue(QueueName=f"alarms-{uuid4().hex[:8]}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    subscription = sns.subscribe(
        TopicArn=system.outputs["alarm_topic_arn"], Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True
    )["SubscriptionArn"]
    try:
        yield AlarmMail(sqs, url)
    finally:
        sns.unsubscribe(SubscriptionArn=subscription)
        sqs.delete_queue(QueueUrl=url)
