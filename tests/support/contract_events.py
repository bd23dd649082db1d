"""Events of the cloud, caught by a rule and kept in a queue."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from contract import Cloud, unique, wait_for


@dataclass
class Caught:
    """The events that a rule has caught.

    Args:
        cloud: Where they happen.
        queue: URL of the queue they are in.
    """

    cloud: Cloud
    queue: str
    _events: list[dict[str, Any]] = field(default_factory=list)

    def so_far(self) -> list[dict[str, Any]]:
        """Returns all events so far."""
        sqs = self.cloud.client("sqs")
        while messages := sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self._events.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return self._events

    def wait_for(
        self,
        what: str,
        wanted: Callable[[dict[str, Any]], object],
        *,
        count: int = 1,
        timeout_seconds: float = 60,
    ) -> list[dict[str, Any]]:
        """Waits until there are as many events as wanted; returns all of them."""
        return wait_for(
            what,
            lambda: [event for event in self.so_far() if wanted(event)],
            lambda found: len(found) >= count,
            timeout_seconds=timeout_seconds,
            interval_seconds=0.25,
        )


@contextmanager
def caught(cloud: Cloud, *detail_types: str) -> Iterator[Caught]:
    """Catches the events of ECS that have one of these detail types."""
    events, sqs, name = cloud.client("events"), cloud.client("sqs"), unique("contract")
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    pattern = {"source": ["aws.ecs"], "detail-type": list(detail_types)}
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
    try:
        yield Caught(cloud, queue)
    finally:
        events.remove_targets(Rule=name, Ids=["queue"])
        events.delete_rule(Name=name)
        sqs.delete_queue(QueueUrl=queue)
