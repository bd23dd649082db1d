"""What the chaos suite calls lost, repeated and stuck."""

from chaos_table import page
from chaos_verdict import Attempt, Verdict, judge


def verdict(states: dict[int, str | None], *attempts: Attempt, slots: int = 1) -> Verdict:
    return judge(states, attempts, tasks=states, fault_at=100.0, slots=slots)


def tried(
    number: int, started: float, ended: float | None = None, *, good: bool = True, at: int = 1
) -> Attempt:
    succeeded = good if ended is not None else None
    return Attempt(number=number, try_number=at, started=started, ended=ended, succeeded=succeeded)


def test_a_load_that_ran_as_it_had_to_is_good() -> None:
    assert verdict({1: "success", 33: "failed"}, tried(1, 90, 95), tried(33, 90, 95, good=False)).good


def test_a_task_that_airflow_failed_is_lost() -> None:
    assert verdict({1: "failed"}, tried(1, 90)).lost == (1,)


def test_a_task_that_had_to_fail_and_did_not_is_lost() -> None:
    assert verdict({33: "success"}, tried(33, 90, 95)).lost == (33,)


def test_a_success_that_nobody_wrote_down_is_lost() -> None:
    assert verdict({1: "success"}, tried(1, 90, 95, good=False)).lost == (1,)


def test_a_task_that_airflow_no_longer_has_is_lost() -> None:
    found = judge({0: "success"}, [tried(0, 90, 95)], tasks=range(2), fault_at=100.0, slots=1)

    assert (found.tasks, found.lost) == (2, (1,))


def test_a_task_that_succeeded_twice_is_repeated() -> None:
    assert verdict({1: "success"}, tried(1, 90, 95), tried(1, 101, 105, at=2)).repeated == (1,)


def test_a_task_that_failed_before_it_succeeded_is_not_repeated() -> None:
    assert verdict({7: "success"}, tried(7, 90, 95, good=False), tried(7, 101, 105, at=2)).good


def test_a_task_that_has_not_ended_is_stuck() -> None:
    assert verdict({1: "queued", 2: None}).stuck == (1, 2)


def test_a_task_that_was_cut_off_counts_from_the_fault_until_it_runs_again() -> None:
    found = verdict({1: "success"}, tried(1, 90), tried(1, 160, 165, at=2))

    assert (found.cut_off, found.rerun_seconds) == (1, 60)


def test_the_system_has_recovered_when_all_places_have_turned_over_once() -> None:
    found = verdict(
        {1: "success", 2: "success", 3: "success"},
        tried(1, 95, 101),  # begun before the fault: no sign of life
        tried(2, 105, 110),
        tried(3, 105, 120),
        slots=2,
    )

    assert found.recovered_seconds == 20


def test_the_longest_gap_counts_from_the_fault() -> None:
    assert verdict({1: "success"}, tried(1, 95, 130), tried(2, 131, 132)).longest_gap_seconds == 30


def test_the_page_has_a_row_for_each_fault() -> None:
    row = {
        **verdict({1: "success"}, tried(1, 90), tried(1, 160, 165, at=2)).document(),
        "measured_at": "2026-11-24T23:00:00+00:00",
        "commit": "1a2b3c4",
    }

    assert page({"a fault": row}).endswith(
        "| a fault | 1 | 0 | 0 | 0 | 1 | 60 s | 65 s | 65 s | 2026-11-24, 1a2b3c4 |\n"
    )
