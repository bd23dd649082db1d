import pytest
from hypothesis import given
from hypothesis import strategies as st

from kf_airflow.sizing import FARGATE_MEMORY_MIB, Share, checked_size, shares

NEEDS = {"webserver": 512, "scheduler": 512}


def test_a_container_alone_has_all_but_nothing_is_gained_by_it() -> None:
    assert shares(cpu=1024, memory_mib=2048, needs_mib={"app": 512}) == {
        "app": Share(cpu=1024, memory_reservation_mib=1536, memory_mib=2048)
    }


def test_containers_share_by_what_they_need() -> None:
    parts = shares(cpu=1024, memory_mib=4096, needs_mib={"large": 300, "small": 100})

    assert parts == {
        "large": Share(cpu=768, memory_reservation_mib=2304, memory_mib=3328),
        "small": Share(cpu=256, memory_reservation_mib=768, memory_mib=1792),
    }


def test_what_others_have_is_not_shared() -> None:
    parts = shares(cpu=1024, memory_mib=4096, needs_mib=NEEDS, taken_cpu=256, taken_mib=1024)

    assert parts["webserver"] == Share(cpu=384, memory_reservation_mib=1152, memory_mib=1920)


def test_a_task_without_room_to_spare_still_gives_each_what_it_needs() -> None:
    parts = shares(cpu=512, memory_mib=1024, needs_mib=NEEDS)

    assert {part.memory_reservation_mib for part in parts.values()} == {512}


@given(
    needs=st.dictionaries(st.sampled_from("abcde"), st.integers(64, 1024), min_size=1),
    cpu=st.sampled_from(sorted(FARGATE_MEMORY_MIB)),
    data=st.data(),
)
def test_nobody_gets_less_than_it_needs_nor_all_together_more_than_there_is(
    needs: dict[str, int], cpu: int, data: st.DataObject
) -> None:
    sizes = [size for size in FARGATE_MEMORY_MIB[cpu] if size >= sum(needs.values())]
    if not sizes:
        return
    memory_mib = data.draw(st.sampled_from(sizes))

    parts = shares(cpu=cpu, memory_mib=memory_mib, needs_mib=needs)

    assert all(parts[name].memory_reservation_mib >= need for name, need in needs.items())
    assert sum(part.memory_reservation_mib for part in parts.values()) <= memory_mib
    assert sum(part.cpu for part in parts.values()) <= cpu
    assert all(part.memory_reservation_mib <= part.memory_mib <= memory_mib for part in parts.values())


def test_a_task_too_small_for_its_containers_is_refused_with_the_sum() -> None:
    with pytest.raises(ValueError, match="memory_mib is 512: allowed are 1024 and more, as webserver 512"):
        shares(cpu=256, memory_mib=512, needs_mib=NEEDS)


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
        checked_size(cpu=cpu, memory_mib=memory_mib)


def test_a_task_that_fargate_does_not_have_is_refused() -> None:
    message = r"Fargate has no task so large, and worker 512 \+ others 200000 MiB are needed"
    with pytest.raises(ValueError, match=f"memory_mib is 512: {message}"):
        shares(cpu=256, memory_mib=512, needs_mib={"worker": 512}, taken_mib=200_000)
