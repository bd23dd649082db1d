import pytest
from fake_clock import FakeClock

from kf_airflow_runtime.source_states import SourceStates


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def events() -> list[dict[str, object]]:
    """What is told beside the sentences."""
    return []


@pytest.fixture
def states(said: list[str], events: list[dict[str, object]], clock: FakeClock) -> SourceStates:
    def say(sentence: str, **about: object) -> None:
        said.append(sentence)
        events.append(about)

    return SourceStates(say, clock)


def test_a_source_that_works_from_the_beginning_is_not_worth_a_word(
    states: SourceStates, said: list[str]
) -> None:
    states.works("ECS")

    assert said == []


def test_a_failure_is_told_once_with_what_it_means(states: SourceStates, said: list[str]) -> None:
    states.fails("ECS", "it is away", "nobody counts")
    states.fails("ECS", "it is still away", "nobody counts")

    assert said == ["ECS: it is away; nobody counts"]


def test_the_end_of_a_failure_is_told_with_its_length(
    states: SourceStates, said: list[str], clock: FakeClock
) -> None:
    states.fails("ECS", "it is away", "nobody counts")
    clock.now = 30
    states.fails("ECS", "it is still away", "nobody counts")
    clock.now = 42
    states.works("ECS")
    states.works("ECS")

    assert said[1:] == ["ECS: well again after 42 s"]


def test_sources_fail_each_for_itself(states: SourceStates) -> None:
    states.fails("ECS", "it is away", "nobody counts")
    states.fails("CloudWatch", "throttled", "it lacks them")
    states.fails("ECS", "refused", "nobody counts")
    states.works("CloudWatch")

    assert states.problems == {"ECS": "refused"}


def test_a_failure_is_a_warning_and_its_end_is_none(
    states: SourceStates, events: list[dict[str, object]], clock: FakeClock
) -> None:
    states.fails("ECS", "it is away", "nobody counts")
    clock.now = 42
    states.works("ECS")

    assert events == [
        {"event": "source-fails", "level": "warning", "source": "ECS"},
        {"event": "source-works-again", "source": "ECS", "seconds": 42.0},
    ]
