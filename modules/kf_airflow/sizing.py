"""How much CPU and memory a Fargate task may have, and how its containers share them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# CPU units -> the memory sizes (MiB) Fargate offers with them.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
FARGATE_MEMORY_MIB: dict[int, tuple[int, ...]] = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4096 + 1, 1024)),
    1024: tuple(range(2048, 8192 + 1, 1024)),
    2048: tuple(range(4096, 16384 + 1, 1024)),
    4096: tuple(range(8192, 30720 + 1, 1024)),
    8192: tuple(range(16384, 61440 + 1, 4096)),
    16384: tuple(range(32768, 122880 + 1, 8192)),
}

# Of a task's memory this much is nobody's: whoever needs more than its share for a while takes it from there.
_SLACK_PERCENT = 25


@dataclass(frozen=True, kw_only=True)
class Share:
    """What a container has of its task.

    Args:
        cpu: CPU units it has when all want more than there is; alone it may use all of the task's.
        memory_reservation_mib: Memory that is its own, in MiB.
        memory_mib: Memory at which it is killed, in MiB, before it takes that of others.
    """

    cpu: int
    memory_reservation_mib: int
    memory_mib: int


def checked_size(*, cpu: int, memory_mib: int) -> None:
    """Refuses a size that Fargate does not have.

    Raises:
        ValueError: if it does not.
    """
    if cpu not in FARGATE_MEMORY_MIB:
        raise ValueError(f"cpu is {cpu}: allowed are {_listed(FARGATE_MEMORY_MIB)}")
    allowed = FARGATE_MEMORY_MIB[cpu]
    if memory_mib not in allowed:
        raise ValueError(f"memory_mib is {memory_mib}: allowed with cpu {cpu} are {_listed(allowed)}")


def shares(
    *, cpu: int, memory_mib: int, needs_mib: Mapping[str, int], taken_cpu: int = 0, taken_mib: int = 0
) -> dict[str, Share]:
    """Divides a task among its containers, in proportion to what each needs at least.

    A quarter of the memory is nobody's, for whoever needs more for a while: a container is killed when it
    takes more than its own and all of that, and so never takes the memory of another.

    Args:
        cpu: CPU units of the task.
        memory_mib: Memory of the task in MiB.
        needs_mib: What each container needs at least, in MiB.
        taken_cpu: CPU units that others, not named here, have. None if left out.
        taken_mib: Memory that others have, in MiB. None if left out.

    Raises:
        ValueError: if the task is smaller than what its containers need.
    """
    needed = sum(needs_mib.values())
    left_mib, left_cpu = memory_mib - taken_mib, max(0, cpu - taken_cpu)
    if left_mib < needed:
        sizes = [size for sizes in FARGATE_MEMORY_MIB.values() for size in sizes]
        enough = [size for size in sizes if size >= needed + taken_mib]
        allowed = f"allowed are {min(enough)} and more, as" if enough else "Fargate has no task so large, and"
        raise ValueError(
            f"memory_mib is {memory_mib}: {allowed} "
            f"{' + '.join(f'{name} {need}' for name, need in needs_mib.items())}"
            f"{f' + others {taken_mib}' if taken_mib else ''} MiB are needed"
        )
    slack = min(left_mib * _SLACK_PERCENT // 100, left_mib - needed)
    return {
        name: Share(
            cpu=left_cpu * need // needed,
            memory_reservation_mib=(own := (left_mib - slack) * need // needed),
            memory_mib=own + slack,
        )
        for name, need in needs_mib.items()
    }


def _listed(numbers: dict[int, tuple[int, ...]] | tuple[int, ...]) -> str:
    return ", ".join(str(number) for number in numbers)
