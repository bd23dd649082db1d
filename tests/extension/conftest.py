"""The contract suite: what AWS's documentation promises, asked through the API alone (`nox -s extension`)."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from balancing import Front
from contract import IN_AWS, Cloud, wait_for
from contract_image import built_image
from discovery import private_namespace, registry_of
from scaling import scalable


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever restarts LocalStack comes last."""
    items.sort(key=lambda item: item.get_closest_marker("restarts") is not None)


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    """The cloud; what a test makes in it is removed at the end."""
    cloud = Cloud(image=os.environ["CONTRACT_IMAGE"] if IN_AWS else built_image())
    try:
        yield cloud
    finally:
        cloud.close()


@pytest.fixture(scope="session")
def front(cloud: Cloud) -> Front:
    """A load balancer; tests add listeners and target groups of their own."""
    return Front(cloud)


@pytest.fixture(scope="session")
def servers(front: Front) -> dict[str, str]:
    """Addresses of two tasks, blue and green, that serve HTTP at 8000."""
    return front.serve("blue", "green")


@dataclass(frozen=True)
class Minute:
    """What takes a minute: asked for by the first tests of ECS, and looked at by the last.

    Attributes:
        restarted: ARN of a task whose container ends after 61 seconds, is restarted, and ends for good then.
        expiring: ARN of a task that its service wants no longer, and that is protected for a minute.
    """

    restarted: str
    expiring: str


@pytest.fixture(scope="session")
def minute(cloud: Cloud) -> Iterator[Minute]:
    """Starts what takes a minute."""
    volume = {"mountPoints": [{"sourceVolume": "shared", "containerPath": "/shared"}]}
    code = (
        "import pathlib, time, sys; ran = pathlib.Path('/shared/ran')\n"
        "first = not ran.exists(); ran.touch()\n"
        "print('first' if first else 'second'); first and time.sleep(61); sys.exit(1 if first else 7)"
    )
    policy = {"enabled": True, "ignoredExitCodes": [7], "restartAttemptPeriod": 60}
    restarting = cloud.container("main", "run", code, restartPolicy=policy, **volume)
    restarted = cloud.run_task(cloud.task_definition(restarting, volumes=[{"name": "shared"}]))
    init = {"linuxParameters": {"initProcessEnabled": True}}
    sleeping = cloud.container("main", "run", "import time; time.sleep(600)", **init)
    with cloud.service(cloud.task_definition(sleeping)) as service:
        (task,) = wait_for(
            "a task runs",
            lambda: cloud.tasks_of(service),
            lambda found: [task["lastStatus"] for task in found] == ["RUNNING"],
            timeout_seconds=60,
            interval_seconds=0.25,
        )
        ecs, arn = cloud.client("ecs"), task["taskArn"]
        ecs.update_task_protection(
            cluster=cloud.cluster, tasks=[arn], protectionEnabled=True, expiresInMinutes=1
        )
        ecs.update_service(cluster=cloud.cluster, service=service, desiredCount=0)
        yield Minute(restarted=restarted, expiring=arn)


@pytest.fixture(scope="session")
def sleeper(cloud: Cloud) -> str:
    """A task definition that does nothing."""
    init = {"linuxParameters": {"initProcessEnabled": True}}
    return cloud.task_definition(cloud.container("main", "run", "import time; time.sleep(600)", **init))


@pytest.fixture(scope="session")
def failing(cloud: Cloud) -> str:
    """A task definition whose tasks end at once."""
    return cloud.task_definition(cloud.container("main", "run", "raise SystemExit(1)"))


@pytest.fixture(scope="session")
def idle(cloud: Cloud) -> str:
    """A task that does nothing, and stops at once."""
    return cloud.task_definition(cloud.container("main", "serve", stopTimeout=2))


@pytest.fixture
def scaled(cloud: Cloud, idle: str) -> Callable[..., Any]:
    """Makes a service that is a scalable target."""
    return lambda task=idle, **options: scalable(cloud, task, **options)


@pytest.fixture(scope="module")
def namespace(cloud: Cloud) -> Iterator[dict[str, str]]:
    """A private DNS namespace of the network."""
    with private_namespace(cloud) as made:
        yield made


@pytest.fixture
def registry(cloud: Cloud, namespace: dict[str, str]) -> Callable[..., Any]:
    """Makes a service of Cloud Map."""
    return partial(registry_of, cloud, namespace)
