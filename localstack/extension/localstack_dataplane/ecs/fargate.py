"""Sizes of tasks that Fargate takes.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
"""

import re

_GIB = 1024
_CPU_UNITS = 1024

_MEMORY = {
    256: (512, 1 * _GIB, 2 * _GIB),
    512: range(1 * _GIB, 4 * _GIB + 1, _GIB),
    1024: range(2 * _GIB, 8 * _GIB + 1, _GIB),
    2048: range(4 * _GIB, 16 * _GIB + 1, _GIB),
    4096: range(8 * _GIB, 30 * _GIB + 1, _GIB),
    8192: range(16 * _GIB, 60 * _GIB + 1, 4 * _GIB),
    16384: range(32 * _GIB, 120 * _GIB + 1, 8 * _GIB),
}
"""CPU units -> MiB that go with them."""

_NUMBER = r"(\d+(?:\.\d+)?)"


def cpu_units(value: str) -> int | None:
    """CPU units of `512`, `.5 vCPU` or `1 vcpu`; None if it is neither."""
    return _size(value, "vcpu", _CPU_UNITS)


def memory_mib(value: str) -> int | None:
    """MiB of `1024` or `1 GB`; None if it is neither."""
    return _size(value, "gb", _GIB)


def _size(value: str, unit: str, factor: int) -> int | None:
    text = str(value).strip().lower()
    if re.fullmatch(r"\d+", text):
        return int(text)
    match = re.fullmatch(rf"{_NUMBER}\s*{unit}", text if text[:1] != "." else f"0{text}")
    return int(float(match[1]) * factor) if match else None


def takes(cpu: int | None, memory: int | None) -> bool:
    """Whether Fargate has tasks of this size, in CPU units and MiB."""
    return cpu is not None and memory is not None and memory in _MEMORY.get(cpu, ())
