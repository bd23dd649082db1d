import pytest
from fake_clock import FakeClock

from kf_airflow_runtime.protection import CAP_SECONDS, LEASE_MINUTES, LINGER_SECONDS, Protection, Wish


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(1000.0)


@pytest.fixture
def protection(clock: FakeClock) -> Protection:
    return Protection(clock)


@pytest.fixture
def protected(protection: Protection) -> Protection:
    """One that ECS has granted a lease, while the worker is busy."""
    wish = protection.wish(busy=True)
    assert wish is not None
    protection.granted(wish)
    return protection


def test_an_idle_worker_says_nothing(protection: Protection) -> None:
    assert (protection.wish(busy=False), protection.pause()) == (None, None)


def test_the_first_task_is_protected_at_once(protection: Protection) -> None:
    assert protection.wish(busy=True) == Wish(LEASE_MINUTES)


def test_further_tasks_say_nothing(protected: Protection, clock: FakeClock) -> None:
    clock.now += 60
    assert protected.wish(busy=True) is None


def test_it_is_renewed_when_half_of_the_lease_is_over(protected: Protection, clock: FakeClock) -> None:
    assert protected.pause() == LEASE_MINUTES * 30
    clock.now += LEASE_MINUTES * 30
    assert protected.wish(busy=True) == Wish(LEASE_MINUTES)


def test_it_is_lifted_when_no_task_ran_for_a_moment(protected: Protection, clock: FakeClock) -> None:
    assert protected.wish(busy=False) is None
    assert protected.pause() == LINGER_SECONDS
    clock.now += LINGER_SECONDS
    assert protected.wish(busy=False) == Wish(None)


def test_short_tasks_in_a_row_make_no_further_call(protected: Protection, clock: FakeClock) -> None:
    for _ in range(10):
        clock.now += LINGER_SECONDS - 1
        assert protected.wish(busy=False) is None
        clock.now += LINGER_SECONDS - 1
        assert protected.wish(busy=True) is None


def test_when_it_is_lifted_there_is_nothing_more_to_say(protected: Protection, clock: FakeClock) -> None:
    protected.wish(busy=False)
    clock.now += LINGER_SECONDS
    protected.granted(Wish(None))
    assert (protected.wish(busy=False), protected.pause(), protected.active) == (None, None, False)


def test_a_lease_that_ran_out_needs_not_be_lifted(protected: Protection, clock: FakeClock) -> None:
    protected.wish(busy=False)
    clock.now += LEASE_MINUTES * 60
    assert protected.wish(busy=False) is None
    assert protected.pause() is None


def _renewed_until_capped(protection: Protection, clock: FakeClock) -> float:
    """Renews as long as there is something to renew; returns when the last lease ends."""
    ends = clock.now + LEASE_MINUTES * 60
    while (pause := protection.pause()) is not None:
        clock.now += pause
        wish = protection.wish(busy=True)
        if wish is not None:
            assert wish.minutes is not None
            protection.granted(wish)
            ends = clock.now + wish.minutes * 60
    return ends


def test_a_worker_that_is_never_idle_is_protected_for_48_hours(
    protected: Protection, clock: FakeClock
) -> None:
    began = clock.now
    ends = _renewed_until_capped(protected, clock)
    assert CAP_SECONDS - 60 <= ends - began <= CAP_SECONDS


def test_after_48_hours_it_is_not_protected_anew(protected: Protection, clock: FakeClock) -> None:
    clock.now = _renewed_until_capped(protected, clock) + 1
    assert (protected.wish(busy=True), protected.active) == (None, False)


def test_once_idle_the_48_hours_begin_anew(protected: Protection, clock: FakeClock) -> None:
    clock.now = _renewed_until_capped(protected, clock) + 1
    protected.wish(busy=False)
    clock.now += LINGER_SECONDS
    assert protected.wish(busy=False) is None
    assert protected.wish(busy=True) == Wish(LEASE_MINUTES)


def test_a_failure_is_said_once_and_tried_again_later_and_later(
    protection: Protection, clock: FakeClock
) -> None:
    assert protection.wish(busy=True) is not None
    pauses, said = [], []
    for _ in range(9):
        said.append(protection.refused("timed out"))
        assert protection.wish(busy=True) is None
        pauses.append(protection.pause())
        clock.now += pauses[-1] or 0
        assert protection.wish(busy=True) == Wish(LEASE_MINUTES)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert said == ["task protection: ECS was not told, attempts go on: timed out", *[None] * 8]


def test_success_after_failures_is_said(protection: Protection, clock: FakeClock) -> None:
    protection.wish(busy=True)
    protection.refused("timed out")
    clock.now += 1
    assert protection.granted(Wish(LEASE_MINUTES)) == "task protection: ECS answers again, after 1 attempts"


def test_success_at_once_is_not_said(protection: Protection) -> None:
    assert protection.granted(Wish(LEASE_MINUTES)) is None


def test_a_task_that_ends_while_attempts_fail_is_not_protected_afterwards(
    protection: Protection, clock: FakeClock
) -> None:
    protection.wish(busy=True)
    protection.refused("timed out")
    clock.now += 1
    assert (protection.wish(busy=False), protection.pause()) == (None, None)


@pytest.mark.parametrize(
    ("wish", "body"),
    [
        (Wish(30), {"ProtectionEnabled": True, "ExpiresInMinutes": 30}),
        (Wish(None), {"ProtectionEnabled": False}),
    ],
)
def test_the_agent_is_told_in_its_own_words(wish: Wish, body: dict[str, object]) -> None:
    assert wish.body() == body


def test_it_is_protected_since_the_first_of_tasks_that_follow_each_other(
    protected: Protection, clock: FakeClock
) -> None:
    for _ in range(4):
        clock.now += LEASE_MINUTES * 30
        wish = protected.wish(busy=True)
        assert wish is not None
        protected.granted(wish)

    assert protected.seconds == 2 * LEASE_MINUTES * 60


def test_it_is_protected_for_no_time_before_and_after(protection: Protection, clock: FakeClock) -> None:
    before = protection.seconds
    for busy, pause in ((True, 60.0), (False, LINGER_SECONDS), (False, 0.0)):
        wish = protection.wish(busy=busy)
        if wish is not None:
            protection.granted(wish)
        clock.now += pause

    assert (before, protection.seconds) == (0, 0)


def test_a_lease_that_has_run_out_protects_for_no_time(protected: Protection, clock: FakeClock) -> None:
    clock.now += LEASE_MINUTES * 60

    assert protected.seconds == 0
