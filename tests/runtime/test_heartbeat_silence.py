"""When the scheduler may give a task up that it does not hear of."""

from typing import Any

import pytest
from answering_server import answering
from fake_clock import FakeClock

from kf_airflow_runtime.heartbeat_silence import Hearing, answers, count_what_could_be_heard

LIMIT_SECONDS = 300


class Webserver:
    """Answers, or does not, as it is told."""

    def __init__(self) -> None:
        self.there = True

    def __call__(self) -> bool:
        return self.there


class Scheduler:
    """As much of Airflow's as the module touches, with one task that is not heard of."""

    _task_instance_heartbeat_timeout_secs = LIMIT_SECONDS

    def _find_task_instances_without_heartbeats(self, *, session: object) -> list[object]:
        return [session]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(1000.0)


@pytest.fixture
def webserver() -> Webserver:
    return Webserver()


@pytest.fixture
def find(webserver: Webserver, clock: FakeClock) -> Any:
    class Patched(Scheduler):
        pass

    count_what_could_be_heard(Patched, Hearing(webserver, clock))
    scheduler = Patched()
    return lambda: scheduler._find_task_instances_without_heartbeats(session="task")


def test_a_silent_task_is_given_up_when_it_could_be_heard_for_as_long_as_the_limit(
    find: Any, clock: FakeClock
) -> None:
    find()
    clock.now += LIMIT_SECONDS

    assert find() == ["task"]


def test_a_scheduler_that_has_just_begun_gives_no_task_up(find: Any, clock: FakeClock) -> None:
    clock.now += LIMIT_SECONDS - 1

    assert find() == []


def test_a_webserver_that_is_away_makes_no_task_silent(
    find: Any, clock: FakeClock, webserver: Webserver
) -> None:
    clock.now += 10 * LIMIT_SECONDS
    webserver.there = False

    assert find() == []


def test_tasks_have_the_whole_limit_after_the_webservers_return(
    find: Any, clock: FakeClock, webserver: Webserver
) -> None:
    webserver.there = False
    find()
    clock.now += 10 * LIMIT_SECONDS
    webserver.there = True
    find()
    clock.now += LIMIT_SECONDS - 1

    assert find() == []


def test_a_dead_task_is_found_after_the_webservers_return(
    find: Any, clock: FakeClock, webserver: Webserver
) -> None:
    webserver.there = False
    find()
    webserver.there = True
    find()
    clock.now += LIMIT_SECONDS

    assert find() == ["task"]


def test_a_scheduler_without_what_this_is_about_is_refused(webserver: Webserver) -> None:
    with pytest.raises(AttributeError, match="_find_task_instances_without_heartbeats"):
        count_what_could_be_heard(object, Hearing(webserver))


@pytest.mark.parametrize(("status", "there"), [(200, True), (503, False), (404, False)])
def test_the_webserver_is_there_when_its_execution_api_is_healthy(status: int, there: bool) -> None:
    with answering(status) as webserver:
        assert answers(f"{webserver.url}/execution/") is there


def test_it_is_the_execution_api_that_is_asked() -> None:
    with answering(200) as webserver:
        answers(f"{webserver.url}/execution/")

    assert webserver.asked == [("GET", "/execution/health", b"")]


def test_a_webserver_that_refuses_connections_is_away() -> None:
    assert not answers("http://127.0.0.1:1/execution/")
