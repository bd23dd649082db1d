"""What containers write goes to CloudWatch Logs."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from botocore.exceptions import BotoCoreError, ClientError

from localstack_dataplane.aws import Aws
from localstack_dataplane.containers import DockerError
from localstack_dataplane.docker_host import DockerHost
from localstack_dataplane.embedded_metrics import metrics_in

LOG = logging.getLogger(__name__)

_BATCH_EVENTS = 5_000
_BATCH_BYTES = 900_000
_EVENT_OVERHEAD = 26
_BUFFERED_EVENTS = 20_000
_FLUSH_SECONDS = 1.0
_GIVE_UP_SECONDS = 60.0


class LogError(RuntimeError):
    """The log stream of a container cannot be opened; the message is ECS's reason."""


@dataclass(frozen=True)
class LogTarget:
    """One log stream."""

    account: str
    region: str
    group: str
    stream: str


@dataclass(frozen=True)
class LogEvent:
    """One line; time in milliseconds since 1970."""

    timestamp: int
    message: str


def parse_messages(chunks: Iterable[bytes]) -> Iterator[LogEvent]:
    """Make events of Docker's messages: `<RFC 3339 time> <text>`, one each; long lines come in several."""
    timestamp, parts = 0, list[str]()
    for chunk in chunks:
        stamp, _, text = chunk.decode(errors="replace").partition(" ")
        if not parts:
            timestamp = int(datetime.fromisoformat(stamp).timestamp() * 1000)
        parts.append(text)
        if text.endswith("\n"):
            yield LogEvent(timestamp, "".join(parts).rstrip("\r\n"))
            parts.clear()
    if parts:
        yield LogEvent(timestamp, "".join(parts))


def batch(events: list[LogEvent]) -> list[LogEvent]:
    """The first events that one PutLogEvents call takes (at most 1 MiB, each counting 26 bytes more)."""
    size = 0
    for count, event in enumerate(events[:_BATCH_EVENTS]):
        size += len(event.message.encode()) + _EVENT_OVERHEAD
        if size > _BATCH_BYTES and count:
            return events[:count]
    return events[:_BATCH_EVENTS]


@dataclass
class _Follower:
    """One container whose output is followed."""

    target: LogTarget
    events: list[LogEvent] = field(default_factory=list)
    room: threading.Condition = field(default_factory=threading.Condition)
    ended: bool = False
    failing_since: float | None = None


class LogShipper:
    """Follows containers and sends what they write, in order, at most a second later.

    A burst never blocks a container: Docker keeps it on disk until it is sent.

    Args:
        docker: Where the containers run.
        aws: CloudWatch Logs.
    """

    def __init__(self, docker: DockerHost, aws: Aws) -> None:
        self._docker, self._aws = docker, aws
        self._followers: dict[str, _Follower] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._sender = threading.Thread(target=self._send_forever, name="dataplane-logs", daemon=True)

    def start(self) -> None:
        """Start sending."""
        self._sender.start()

    def stop(self) -> None:
        """Send what is there and stop."""
        self._stopping.set()
        self._sender.join(timeout=5)

    def open(self, target: LogTarget, *, create_group: bool) -> None:
        """Make the log stream, and the group if asked to.

        Raises:
            LogError: There is no such group.
        """
        client = self._aws.client("logs", target.account, target.region)
        try:
            if create_group:
                _make(client.create_log_group, logGroupName=target.group)
            _make(client.create_log_stream, logGroupName=target.group, logStreamName=target.stream)
        except ClientError as error:
            detail = error.response["Error"]
            raise LogError(
                "ResourceInitializationError: failed to validate logger args: create stream has been retried "
                f"1 times: failed to create Cloudwatch log stream: {detail['Code']}: {detail['Message']} "
                f"({target.group})"
            ) from error

    def follow(self, container_id: str, target: LogTarget, since: float = 0.0, skip: int = 0) -> None:
        """Send what a container writes until it exits.

        Args:
            container_id: A container that runs.
            target: An open stream.
            since: Unix time in seconds; everything it ever wrote if left out.
            skip: How many events from then on are not to be sent.
        """
        follower = _Follower(target)
        with self._lock:
            self._followers[container_id] = follower
        threading.Thread(
            target=self._follow, args=(container_id, follower, since, skip), name="dataplane-log", daemon=True
        ).start()

    def resume(self, container_id: str, target: LogTarget) -> None:
        """Send what a container writes after what its stream has already."""
        client = self._aws.client("logs", target.account, target.region)
        try:
            found = client.describe_log_streams(
                logGroupName=target.group, logStreamNamePrefix=target.stream, limit=1
            )["logStreams"]
            last = found[0].get("lastEventTimestamp", 0) if found else 0
            # CloudWatch knows milliseconds: some events of the last one may be there, and others not.
            sent = (
                client.get_log_events(
                    logGroupName=target.group, logStreamName=target.stream, startTime=last, startFromHead=True
                )["events"]
                if last
                else []
            )
        except (ClientError, BotoCoreError) as error:
            LOG.warning("Log group %s is not to be had: %s", target.group, error)
            return
        self.follow(container_id, target, since=last / 1000, skip=len(sent))

    def drained(self, container_id: str) -> bool:
        """Whether all that an exited container wrote is sent (or could not be for a minute)."""
        with self._lock:
            follower = self._followers.get(container_id)
        if follower is None:
            return True
        failing = follower.failing_since
        given_up = failing is not None and time.monotonic() - failing > _GIVE_UP_SECONDS
        done = follower.ended and not follower.events
        if done or given_up:
            with self._lock:
                self._followers.pop(container_id, None)
        return done or given_up

    def following(self, container_id: str) -> bool:
        """Whether a container's output is being read."""
        with self._lock:
            follower = self._followers.get(container_id)
        return follower is not None and not follower.ended

    def _follow(self, container_id: str, follower: _Follower, since: float, skip: int) -> None:
        try:
            messages = parse_messages(self._docker.logs(container_id, since=since))
            for event in islice(messages, skip, None):
                with follower.room:
                    follower.room.wait_for(lambda: len(follower.events) < _BUFFERED_EVENTS, timeout=30)
                    follower.events.append(event)
        except (DockerError, OSError) as error:
            LOG.warning("The log of container %s is cut off: %s", container_id[:12], error)
        finally:
            follower.ended = True

    def _send_forever(self) -> None:
        while not self._stopping.wait(_FLUSH_SECONDS):
            try:
                self.flush()
            except Exception:
                # No task could end without this thread: each waits until its logs are sent.
                LOG.exception("Logs could not be sent; they are tried again")
        self.flush()

    def flush(self) -> None:
        """Send what is there; what cannot be sent now stays."""
        with self._lock:
            followers = list(self._followers.values())
        for follower in followers:
            while follower.events and self._send(follower):
                pass

    def _send(self, follower: _Follower) -> bool:
        """Send one batch; False if it did not work: it stays and is tried again."""
        with follower.room:
            events = batch(follower.events)
        target = follower.target
        try:
            self._aws.client("logs", target.account, target.region).put_log_events(
                logGroupName=target.group,
                logStreamName=target.stream,
                # CloudWatch shows an empty message as a space, too: the API refuses an empty one.
                logEvents=[{"timestamp": item.timestamp, "message": item.message or " "} for item in events],
            )
        except (ClientError, BotoCoreError) as error:
            if follower.failing_since is None:
                follower.failing_since = time.monotonic()
                LOG.warning("Log stream %s of %s takes no events: %s", target.stream, target.group, error)
            return False
        self._publish(target, events)
        follower.failing_since = None
        with follower.room:
            del follower.events[: len(events)]
            follower.room.notify()
        return True

    def _publish(self, target: LogTarget, events: list[LogEvent]) -> None:
        """Hand CloudWatch the metrics that are in the events; a log is not held up by one that it refuses."""
        for namespace, data in (found for event in events for found in metrics_in(event.message)):
            try:
                self._aws.client("cloudwatch", target.account, target.region).put_metric_data(
                    Namespace=namespace, MetricData=data
                )
            except (ClientError, BotoCoreError) as error:
                LOG.warning("CloudWatch refuses metrics in a line of %s: %s", target.stream, error)


def _make(create: Callable[..., object], **arguments: str) -> None:
    """Create something that may exist already."""
    try:
        create(**arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
            raise
