from concurrent.futures import Executor, Future
from typing import Any

from localstack_dataplane.elbv2.health import Health, Probe, State
from localstack_dataplane.elbv2.model import HealthCheck, Target, TargetGroup
from localstack_dataplane.elbv2.watch import Watch

ARN = "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/web/0"
TARGET = Target("10.0.0.1", 8080)


class Later(Executor):
    """Runs what was submitted when told to."""

    def __init__(self) -> None:
        self.waiting: list[Any] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.waiting.append(lambda: fn(*args, **kwargs))
        return Future()

    def run(self) -> int:
        count = len(self.waiting)
        while self.waiting:
            self.waiting.pop(0)()
        return count


class World:
    def __init__(self) -> None:
        self.now = 0.0
        self.outcome: Probe | Exception = Probe(status=200)
        self.later = Later()
        self.watch = Watch(self.check, self.later, clock=lambda: self.now)

    def check(self, target: Target, check: HealthCheck) -> Probe:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    def observe(self, *targets: Target, in_use: bool = True) -> dict[Target, State]:
        group = TargetGroup(
            arn=ARN,
            name="web",
            targets=targets,
            health_check=HealthCheck(interval=10),
            deregistration_delay=30,
        )
        known = self.watch.observe([group], {ARN} if in_use else set())
        return {target: health.state for target, health in known[ARN].items()}


def test_a_new_target_is_checked_at_once() -> None:
    world = World()
    assert world.observe(TARGET) == {TARGET: State.INITIAL}
    world.later.run()
    assert world.observe(TARGET) == {TARGET: State.HEALTHY}


def test_a_target_is_checked_again_after_the_interval() -> None:
    world = World()
    world.observe(TARGET)
    world.later.run()
    world.now = 9.9
    world.observe(TARGET)
    assert world.later.run() == 0
    world.now = 10
    world.observe(TARGET)
    assert world.later.run() == 1


def test_a_check_that_is_under_way_is_not_started_again() -> None:
    world = World()
    world.observe(TARGET)
    world.now = 100
    world.observe(TARGET)
    assert len(world.later.waiting) == 1


def test_a_check_that_cannot_be_made_is_a_failed_one() -> None:
    world = World()
    world.outcome = RuntimeError("no such thing")
    for moment in (0, 10):
        world.now = moment
        world.observe(TARGET)
        world.later.run()
    assert world.observe(TARGET) == {TARGET: State.UNHEALTHY}


def test_targets_of_a_group_out_of_use_are_not_checked() -> None:
    world = World()
    assert world.observe(TARGET, in_use=False) == {TARGET: State.UNUSED}
    assert world.later.run() == 0


def test_the_result_for_a_target_that_left_meanwhile_is_dropped() -> None:
    world = World()
    world.observe(TARGET)
    world.observe()
    world.later.run()
    assert world.observe() == {TARGET: State.DRAINING}


def test_a_target_that_left_drains_and_is_forgotten() -> None:
    world = World()
    world.observe(TARGET)
    world.later.run()
    assert world.observe() == {TARGET: State.DRAINING}
    world.now = 30
    assert world.observe() == {}


def test_a_group_that_was_deleted_is_forgotten() -> None:
    world = World()
    world.observe(TARGET)
    assert world.watch.observe([], set()) == {}


def test_what_the_process_before_knew_goes_on() -> None:
    world = World()
    world.watch.resume({ARN: {TARGET: Health(state=State.HEALTHY)}})
    assert world.observe(TARGET) == {TARGET: State.HEALTHY}
