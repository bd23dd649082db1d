import re

import pytest

from kf_airflow import Extras, WorkerPool
from kf_airflow.pools import command, extras_of_services, parallelism, worker_pools

SMALL = WorkerPool(cpu=1024, memory_mib=2048)


@pytest.mark.parametrize(
    ("cpu", "memory_mib", "tasks"),
    [(256, 1024, 2), (1024, 2048, 6), (1024, 4096, 8), (2048, 8192, 16), (4096, 8192, 30)],
)
def test_concurrency_follows_from_cpu_and_memory(cpu: int, memory_mib: int, tasks: int) -> None:
    assert WorkerPool(cpu=cpu, memory_mib=memory_mib).tasks_at_once == tasks


def test_concurrency_can_be_said() -> None:
    assert WorkerPool(cpu=1024, memory_mib=2048, concurrency=2).tasks_at_once == 2


def test_workers_are_not_moved_between_zones() -> None:
    assert SMALL.zone_rebalancing is False


def test_the_one_pool_serves_airflow_s_default_queue() -> None:
    assert {name: pool.queues for name, pool in worker_pools(SMALL, {}, deployment="kf").items()} == {
        "worker": ("default",)
    }


def test_a_further_pool_serves_the_queue_of_its_name_unless_it_says_others() -> None:
    pools = worker_pools(
        SMALL,
        {"gpu": SMALL, "io": WorkerPool(cpu=1024, memory_mib=2048, queues=("slow", "fast"))},
        deployment="kf",
    )

    assert {name: pool.queues for name, pool in pools.items()} == {
        "worker": ("default",),
        "gpu": ("gpu",),
        "io": ("slow", "fast"),
    }


def test_workers_are_told_their_queues() -> None:
    pool = WorkerPool(cpu=1024, memory_mib=2048, queues=("a", "b"))

    assert command(pool) == ("worker", "--queues", "a,b")


def test_parallelism_is_what_the_workers_can_run_at_most() -> None:
    pool = WorkerPool(cpu=1024, memory_mib=2048, count=1, max_count=3, concurrency=4)

    assert parallelism([pool, pool], schedulers=1) == 24


def test_schedulers_share_the_parallelism_and_round_up() -> None:
    pool = WorkerPool(cpu=1024, memory_mib=2048, count=3, concurrency=3)

    assert parallelism([pool], schedulers=2) == 5


def test_no_worker_still_leaves_one_s_slots_to_schedule_into() -> None:
    assert parallelism([WorkerPool(cpu=1024, memory_mib=2048, count=0, concurrency=3)], schedulers=1) == 3


def test_what_is_added_is_for_services_that_exist() -> None:
    pools = worker_pools(SMALL, {"gpu": SMALL}, deployment="kf")

    assert list(extras_of_services({"gpu": Extras(), "airflow": Extras()}, pools)) == ["gpu", "airflow"]
    with pytest.raises(ValueError, match="extras has 'cpu': allowed are airflow, flower, gpu, worker"):
        extras_of_services({"cpu": Extras()}, pools)


@pytest.mark.parametrize(
    ("cpu", "memory_mib", "concurrency", "message"),
    [
        (
            *(1024, 2048, 7),
            "concurrency is 7: allowed with a memory_mib of 2048 are 1 to 6, as worker 512 + 7 x task 256",
        ),
        (
            *(256, 512, None),
            "memory_mib is 512: allowed for workers are 768 and more, as worker 512 + 1 x task 256 = 768 MiB",
        ),
    ],
)
def test_tasks_that_have_no_room_in_a_worker_are_refused_with_the_sum(
    cpu: int, memory_mib: int, concurrency: int | None, message: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        WorkerPool(cpu=cpu, memory_mib=memory_mib, concurrency=concurrency)


def test_no_concurrency_is_refused() -> None:
    with pytest.raises(ValueError, match="concurrency is 0: allowed are 1 and more"):
        WorkerPool(cpu=256, memory_mib=512, concurrency=0)


def test_a_queue_that_is_served_twice_by_one_worker_is_refused() -> None:
    with pytest.raises(ValueError, match="queues has 'a' twice: allowed is each name once"):
        WorkerPool(cpu=256, memory_mib=512, queues=("a", "a"))


def test_a_queue_celery_would_split_is_refused() -> None:
    with pytest.raises(ValueError, match="queues is 'a,b': allowed are letters, digits"):
        WorkerPool(cpu=256, memory_mib=512, queues=("a,b",))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("flower", "worker_pools has 'flower': allowed are names but access-logs, airflow"),
        ("worker", "worker_pools has 'worker': allowed are names but access-logs, airflow"),
        ("key", "worker_pools has 'key': allowed are names but access-logs, airflow"),
        ("logs-of-x", "worker_pools has 'logs-of-x': allowed are names that do not begin with broker-from-"),
        ("GPU", "worker_pools has 'GPU': allowed are names of lower-case letters"),
        ("x" * 30, "at most 29 characters beside 'kf'"),
    ],
)
def test_a_name_that_is_taken_or_cannot_be_a_service_s_is_refused(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        worker_pools(SMALL, {name: SMALL}, deployment="kf")


def test_a_default_queue_that_nobody_serves_is_refused() -> None:
    special = WorkerPool(cpu=1024, memory_mib=2048, queues=("special",))

    with pytest.raises(ValueError, match="default_queue is 'default': allowed are the queues that a pool"):
        worker_pools(special, {}, deployment="kf")
