import pytest
from hypothesis import given
from hypothesis import strategies as st

from kf_airflow_runtime.worker_demand import (
    Measurement,
    QueueLoad,
    WorkerCount,
    measurements,
    unserved,
    workers_needed,
)
from kf_airflow_runtime.worker_pools import WorkerPool

POOL = WorkerPool("workers", ("default",), 8)


@pytest.mark.parametrize(
    ("queued", "running", "needed"),
    [(0, 0, 0), (1, 0, 1), (0, 1, 1), (7, 1, 1), (8, 1, 2), (500, 0, 63), (504, 0, 63), (505, 0, 64)],
)
def test_the_workers_needed_are_those_of_keda_s_formula(queued: int, running: int, needed: int) -> None:
    assert workers_needed(POOL, [POOL], {"default": QueueLoad(queued, running)}) == needed


def test_the_queues_of_a_pool_are_added_before_they_are_divided() -> None:
    pool = WorkerPool("workers", ("default", "slow"), 8)

    assert workers_needed(pool, [pool], {"default": QueueLoad(3), "slow": QueueLoad(0, 5)}) == 1


def test_queues_of_others_do_not_count() -> None:
    assert workers_needed(POOL, [POOL], {"gpu": QueueLoad(100)}) == 0


def test_pools_that_serve_the_same_queue_share_its_tasks_by_their_concurrency() -> None:
    small, large = WorkerPool("small", ("default",), 2), WorkerPool("large", ("default",), 8)
    loads = {"default": QueueLoad(20)}

    assert [workers_needed(pool, [small, large], loads) for pool in (small, large)] == [2, 2]


def test_a_shared_queue_is_added_to_what_a_pool_has_alone() -> None:
    both, alone = WorkerPool("both", ("default", "slow"), 4), WorkerPool("alone", ("default",), 4)
    loads = {"default": QueueLoad(8), "slow": QueueLoad(2)}

    assert [workers_needed(pool, [both, alone], loads) for pool in (both, alone)] == [2, 1]


@given(
    st.lists(st.integers(1, 32), min_size=1, max_size=4),
    st.integers(0, 10_000),
    st.integers(0, 10_000),
)
def test_what_is_needed_has_room_for_every_task_and_for_less_than_one_more_worker_of_each(
    concurrencies: list[int], queued: int, running: int
) -> None:
    pools = [WorkerPool(f"{number}", ("q",), slots) for number, slots in enumerate(concurrencies)]
    room = sum(
        workers_needed(pool, pools, {"q": QueueLoad(queued, running)}) * pool.concurrency for pool in pools
    )

    assert 0 <= room - (queued + running) < sum(concurrencies)


def test_a_queue_and_its_pool_are_measured() -> None:
    found = measurements(
        "cluster", [POOL], {"default": QueueLoad(12, 5, 7.5)}, {"workers": WorkerCount(running=2, desired=4)}
    )

    about = {"ClusterName": "cluster", "ServiceName": "workers"}
    assert found == [
        Measurement(
            {**about, "QueueName": "default"},
            {
                "QueuedTasks": 12,
                "RunningTasks": 5,
                "OldestQueuedSeconds": 7.5,
                "Workers": 2,
                "BacklogPerWorker": 6,
            },
        ),
        Measurement(about, {"WorkersNeeded": 3, "WorkersMissing": -1}),
    ]


def test_a_queue_without_tasks_is_measured_as_empty() -> None:
    queue, pool = measurements("cluster", [POOL], {}, {"workers": WorkerCount(1, 1)})

    assert dict(queue.values) == {
        "QueuedTasks": 0,
        "RunningTasks": 0,
        "OldestQueuedSeconds": 0,
        "Workers": 1,
        "BacklogPerWorker": 0,
    }
    assert dict(pool.values) == {"WorkersNeeded": 0, "WorkersMissing": -1}


def test_without_a_worker_the_backlog_is_all_that_waits() -> None:
    queue, pool = measurements("c", [POOL], {"default": QueueLoad(3)}, {"workers": WorkerCount(0, 0)})

    assert (queue.values["Workers"], queue.values["BacklogPerWorker"]) == (0, 3)
    assert pool.values["WorkersMissing"] == 1


def test_what_rests_on_workers_that_nobody_counted_is_left_out() -> None:
    queue, pool = measurements("c", [POOL], {"default": QueueLoad(3)}, {})

    assert set(queue.values) == {"QueuedTasks", "RunningTasks", "OldestQueuedSeconds"}
    assert dict(pool.values) == {"WorkersNeeded": 1}


def test_the_workers_of_a_shared_queue_are_those_of_all_its_pools() -> None:
    other = WorkerPool("others", ("default",), 8)
    found = measurements(
        "c",
        [POOL, other],
        {"default": QueueLoad(6)},
        {"workers": WorkerCount(2, 2), "others": WorkerCount(1, 1)},
    )

    rows = [one.values for one in found if "QueueName" in one.dimensions]
    assert [(row["Workers"], row["BacklogPerWorker"]) for row in rows] == [(3, 2), (3, 2)]


def test_the_workers_of_a_shared_queue_are_not_known_by_half() -> None:
    other = WorkerPool("others", ("default",), 8)
    found = measurements("c", [POOL, other], {}, {"workers": WorkerCount(2, 2)})

    assert [name for one in found for name in one.values if name == "Workers"] == []
    assert [one.values["WorkersMissing"] for one in found if "WorkersMissing" in one.values] == [-2]


def test_tasks_in_a_queue_that_no_pool_serves_are_told() -> None:
    loads = {"default": QueueLoad(1), "typo": QueueLoad(2), "gone": QueueLoad(0, 1)}

    assert unserved([POOL], loads) == {"typo": 2}
