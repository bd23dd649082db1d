import pytest

from kf_airflow.sizing import ServiceSize, WorkerSize, parallelism


@pytest.mark.parametrize(
    ("cpu", "memory_mib", "tasks"),
    [(256, 512, 1), (1024, 2048, 6), (1024, 4096, 8), (2048, 8192, 16), (4096, 8192, 30)],
)
def test_concurrency_follows_from_cpu_and_memory(cpu: int, memory_mib: int, tasks: int) -> None:
    assert WorkerSize(cpu=cpu, memory_mib=memory_mib).tasks_at_once == tasks


def test_concurrency_can_be_said() -> None:
    assert WorkerSize(cpu=1024, memory_mib=2048, concurrency=2).tasks_at_once == 2


def test_parallelism_is_what_the_workers_can_run_at_most() -> None:
    workers = WorkerSize(cpu=1024, memory_mib=2048, count=1, max_count=3, concurrency=4)

    assert parallelism(workers, schedulers=1) == 12


def test_schedulers_share_the_parallelism_and_round_up() -> None:
    workers = WorkerSize(cpu=1024, memory_mib=2048, count=3, concurrency=3)

    assert parallelism(workers, schedulers=2) == 5


def test_no_worker_still_leaves_one_slot_to_schedule_into() -> None:
    workers = WorkerSize(cpu=1024, memory_mib=2048, count=0, concurrency=3)

    assert parallelism(workers, schedulers=1) == 3


@pytest.mark.parametrize(
    ("cpu", "memory_mib", "message"),
    [
        (300, 512, "cpu is 300: allowed are 256, 512, 1024"),
        (256, 4096, "memory_mib is 4096: allowed with cpu 256 are 512, 1024, 2048"),
        (8192, 17408, "memory_mib is 17408: allowed with cpu 8192 are 16384, 20480"),
    ],
)
def test_a_size_fargate_does_not_have_is_refused(cpu: int, memory_mib: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ServiceSize(cpu=cpu, memory_mib=memory_mib)


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="count is -1: allowed are 0 and more"):
        ServiceSize(cpu=256, memory_mib=512, count=-1)


def test_fewer_workers_at_most_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match=r"max_count is 1: allowed are count \(2\) and more"):
        WorkerSize(cpu=256, memory_mib=512, count=2, max_count=1)


def test_no_concurrency_is_refused() -> None:
    with pytest.raises(ValueError, match="concurrency is 0: allowed are 1 and more"):
        WorkerSize(cpu=256, memory_mib=512, concurrency=0)
