"""Terraform's own view: what the library makes is applied, planned again without a change, and destroyed."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import docker
import moto_account
import pytest
import stacks
from contract import ENDPOINT, IN_AWS, MINUTE, Cloud, unique, wait_for
from every_resource import ABSENT, NAME, POOL_SCALING, Everything
from local_cloud import LABEL
from synthesis import Synthesized, synthesize_stack
from terraform_stack import DeployedStack, deployed_stack

from kf_airflow_local import adapter

# isort: split
from cdktf import App, TerraformStack

pytestmark = pytest.mark.skipif(IN_AWS, reason="it would make all of this in the account")


def types_of(stack: Synthesized) -> set[str]:
    """The types of what a stack makes."""
    return {*stack.document.get("resource", {}), *stack.document.get("ephemeral", {})}


def containers() -> set[str]:
    """The containers that stand for what the API holds."""
    client = docker.from_env()
    try:
        return {
            str(container.name)
            for container in client.containers.list(all=True, filters={"label": f"{LABEL}.kind"})
        }
    finally:
        client.close()


@pytest.fixture(scope="module")
def synthesized(cloud: Cloud) -> Callable[..., Synthesized]:
    """Synthesizes the stack of every type; what it looks up is there."""
    moto_account.furnish(ENDPOINT)
    secrets = cloud.client("secretsmanager")
    secret = secrets.create_secret(Name=unique("oidc"), SecretString=json.dumps({"client_secret": "s"}))[
        "ARN"
    ]
    cloud.finally_do(secrets.delete_secret, SecretId=secret, ForceDeleteWithoutRecovery=True)

    def synthesized(**values: int) -> Synthesized:
        def make(app: App) -> TerraformStack:
            stack = TerraformStack(app, "every")
            Everything(cloud.image, secret, **values).place(stack)
            return stack

        return synthesize_stack(make)

    return synthesized


@pytest.fixture(scope="module")
def everything(synthesized: Callable[..., Synthesized]) -> Synthesized:
    """The stack of every type."""
    return synthesized()


@pytest.fixture(scope="module")
def before() -> set[str]:
    """The containers there were before."""
    return containers()


@pytest.fixture(scope="module")
def deployed(
    everything: Synthesized, before: set[str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DeployedStack]:
    """The stack, applied; whatever a test leaves of it goes at the end."""
    with deployed_stack(tmp_path_factory.mktemp("every"), everything, url=ENDPOINT) as stack:
        yield stack


@dataclass
class Pool:
    """The pool of the stack, and its metric, published as by the container `metrics`."""

    cloud: Cloud
    cluster: str
    service: str

    def described(self) -> dict[str, Any]:
        ecs = self.cloud.client("ecs")
        found: dict[str, Any] = ecs.describe_services(cluster=self.cluster, services=[self.service])[
            "services"
        ][0]
        return found

    def desired(self) -> int:
        count: int = self.described()["desiredCount"]
        return count

    def say(self, missing: int) -> None:
        dimensions = {"ClusterName": self.cluster, "ServiceName": self.service}
        self.cloud.client("cloudwatch").put_metric_data(
            Namespace="KFAirflow",
            MetricData=[
                {
                    "MetricName": "WorkersMissing",
                    "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
                    "Value": missing,
                    "StorageResolution": 1,
                }
            ],
        )

    def wait(self, count: int, *, needed: int, minutes: float) -> None:
        """Publishes, and waits until that many tasks are wanted."""

        def look() -> int:
            self.say(needed - self.desired())
            return self.desired()

        self._wait_for(f"{count} are wanted", look, lambda seen: seen == count, minutes=minutes)

    def settle(self, count: int) -> None:
        """Publishes until that many are wanted, and nothing else was for as long as the alarms look back."""
        steady, since = (POOL_SCALING.scale_in_minutes + 3) * MINUTE, time.monotonic()

        def look() -> int:
            nonlocal since
            found = self.desired()
            self.say(count - found)
            if found != count:
                since = time.monotonic()
            return found

        self._wait_for(
            f"{count} are wanted for {steady:g} s",
            look,
            lambda found: found == count and time.monotonic() - since >= steady,
            minutes=30,
        )

    def _wait_for(
        self, what: str, look: Callable[[], int], until: Callable[[int], bool], *, minutes: float
    ) -> None:
        try:
            wait_for(
                what,
                look,
                until,
                timeout_seconds=minutes * MINUTE + 10,
                interval_seconds=MINUTE / 4,
            )
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.activities()}") from None

    def activities(self) -> str:
        """What the autoscaler did, newest first, a line each."""
        found = self.cloud.client("application-autoscaling").describe_scaling_activities(
            ServiceNamespace="ecs", ResourceId=f"service/{self.cluster}/{self.service}"
        )["ScalingActivities"]
        return "\n".join(
            f"{one['StartTime']:%H:%M:%S.%f} {one['Description']} {one['Cause']}" for one in found
        )


@pytest.fixture
def pool(cloud: Cloud, deployed: DeployedStack) -> Pool:
    cluster = deployed.applied["aws_ecs_cluster"][0]["name"]
    return Pool(cloud, cluster, f"{NAME}-pool")


@pytest.mark.parametrize("name", stacks.names())
def test_what_a_stack_is_made_of_is_applied_here_or_said_to_be_absent(
    everything: Synthesized, name: str
) -> None:
    assert types_of(stacks.synthesized(name)) - types_of(everything) - ABSENT.keys() == set()


def test_what_is_absent_is_not_forgotten_on_the_list(everything: Synthesized) -> None:
    made = set().union(*(types_of(stacks.synthesized(name)) for name in stacks.names()))

    assert ABSENT.keys() <= made


def test_every_resource_is_in_the_state(everything: Synthesized, deployed: DeployedStack) -> None:
    wanted = adapter.adapt(everything.document) if deployed.adapted else everything.document

    assert {kind: len(found) for kind, found in deployed.applied.items()} == {
        kind: len(named) for kind, named in wanted["resource"].items()
    }


def test_the_services_run_as_many_tasks_as_they_should(cloud: Cloud, deployed: DeployedStack) -> None:
    services = deployed.applied["aws_ecs_service"]
    cluster = deployed.applied["aws_ecs_cluster"][0]["name"]

    found = cloud.client("ecs").describe_services(
        cluster=cluster, services=[service["name"] for service in services]
    )["services"]

    assert {service["serviceName"]: service["runningCount"] for service in found} == {
        service["name"]: service["desired_count"] for service in services
    }


def test_a_schedule_changes_the_range(cloud: Cloud, deployed: DeployedStack) -> None:
    (web,) = (found for found in deployed.applied["aws_appautoscaling_target"] if found["min_capacity"] == 1)

    wait_for(
        "the schedule's range is in force",
        lambda: cloud.client("application-autoscaling").describe_scalable_targets(
            ServiceNamespace="ecs", ResourceIds=[web["resource_id"]]
        )["ScalableTargets"][0],
        lambda target: (target["MinCapacity"], target["MaxCapacity"]) == (1, 2),
        timeout_seconds=10 * MINUTE + 10,
    )


def test_a_pool_follows_what_is_missing_from_none_and_back(pool: Pool) -> None:
    pool.wait(3, needed=3, minutes=2)
    pool.wait(5, needed=9, minutes=3)
    pool.wait(1, needed=1, minutes=POOL_SCALING.scale_in_minutes + 10)


def test_a_pool_keeps_its_workers_while_nobody_publishes(pool: Pool) -> None:
    pool.settle(1)
    pool.say(-1)
    time.sleep((POOL_SCALING.scale_in_minutes + 4) * MINUTE)

    assert pool.desired() == 1, pool.activities()


def test_a_second_plan_has_no_change(deployed: DeployedStack) -> None:
    assert not deployed.plans_changes(), deployed.said


def test_a_change_of_a_service_leaves_the_count_to_the_autoscaler(
    deployed: DeployedStack, pool: Pool, synthesized: Callable[..., Synthesized]
) -> None:
    pool.settle(1)
    deployed.change(synthesized(pool_percent=50))
    deployed.apply()

    described = pool.described()
    assert described["deploymentConfiguration"]["minimumHealthyPercent"] == 50
    # And not 0, which is what its settings say.
    assert described["desiredCount"] == 1, pool.activities()


def test_destroy_leaves_nothing(deployed: DeployedStack, before: set[str]) -> None:
    deployed.destroy()

    assert deployed.applied == {}
    wait_for(
        "no container is left",
        lambda: containers() - before,
        lambda left: not left,
        timeout_seconds=60,
    )
