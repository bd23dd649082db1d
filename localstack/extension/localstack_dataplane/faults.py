"""AWS faults on demand: a service, or an operation of it, answers an error, throttles or hangs."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

LONGEST_DELAY_SECONDS = 120.0
LONGEST_LIFE_SECONDS = 3600.0


class FaultError(ValueError):
    """A fault that cannot be; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is wrong with a service.

    Attributes:
        service: As boto3 calls it, such as `s3` or `secretsmanager`.
        operations: Only these, such as `PutObject`; all if left out.
        error: AWS's error code, such as `SlowDown`; requests are only slow if left out.
        status: HTTP status of the error.
        message: Of the error.
        delay_seconds: Each request waits that long first; it goes on when the fault is switched off.
        requests_per_second: As many pass untouched, which makes an error a throttle; none if left out.
        for_seconds: The fault ends by itself after that.
    """

    service: str
    operations: tuple[str, ...] = ()
    error: str = ""
    status: int = 500
    message: str = "A fault that was asked for."
    delay_seconds: float = 0.0
    requests_per_second: float = 0.0
    for_seconds: float = 600.0

    def __post_init__(self) -> None:
        limits = {
            "status": (400, 599),
            "delay_seconds": (0, LONGEST_DELAY_SECONDS),
            "requests_per_second": (0, 10_000),
            "for_seconds": (0, LONGEST_LIFE_SECONDS),
        }
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise FaultError(f"{name} is {value!r}, not between {low} and {high}.")
        if not (self.error or self.delay_seconds):
            raise FaultError("A fault needs an error or delay_seconds.")

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> "Fault":
        """Read a fault from JSON.

        Raises:
            FaultError: It is none.
        """
        unknown = sorted(document.keys() - {item.name for item in fields(cls)})
        if unknown:
            raise FaultError(f"{', '.join(unknown)} of a fault are not known.")
        if not isinstance(document.get("service"), str):
            raise FaultError("service is missing: such as s3 or secretsmanager.")
        numbers = ("delay_seconds", "requests_per_second", "for_seconds")
        try:
            values = {**document, "operations": tuple(document.get("operations") or ())}
            values |= {name: float(values[name]) for name in numbers if name in values}
            values |= {"status": int(values["status"])} if "status" in values else {}
        except (TypeError, ValueError) as error:
            raise FaultError(f"This is not a fault: {error}") from error
        return cls(**values)

    def meets(self, service: str, operation: str) -> bool:
        """Whether a request runs into it."""
        return self.service == service and (not self.operations or operation in self.operations)


@dataclass
class _Active:
    """A fault that is switched on."""

    fault: Fault
    ends: float
    passes: float
    refilled: float
    hits: int = 0
    off: threading.Event = field(default_factory=threading.Event)


class Faults:
    """The faults that are switched on, by name.

    Args:
        clock: Monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._active: dict[str, _Active] = {}

    def switch_on(self, name: str, fault: Fault) -> None:
        """Switch a fault on, in place of the one of that name."""
        now = self._clock()
        with self._lock:
            self._drop(name)
            self._active[name] = _Active(
                fault, now + fault.for_seconds, _burst(fault.requests_per_second), now
            )

    def switch_off(self, name: str | None = None) -> None:
        """Switch a fault off, or all of them; requests that wait go on."""
        with self._lock:
            for key in [name] if name is not None else list(self._active):
                self._drop(key)

    def described(self) -> dict[str, dict[str, Any]]:
        """Name -> fault and how many requests ran into it."""
        now = self._clock()
        with self._lock:
            return {name: {**asdict(item.fault), "hits": item.hits} for name, item in self._living(now)}

    def meet(self, service: str, operation: str) -> Fault | None:
        """Let a request wait if it has to; the fault that it then has to fail by."""
        now = self._clock()
        with self._lock:
            hit = next(
                (
                    item
                    for _, item in self._living(now)
                    if item.fault.meets(service, operation) and not _passes(item, now)
                ),
                None,
            )
            if hit is None:
                return None
            hit.hits += 1
        fault = hit.fault
        if hit.off.wait(min(fault.delay_seconds, max(0.0, hit.ends - now))):
            return None
        return fault if fault.error else None

    def _living(self, now: float) -> Iterator[tuple[str, _Active]]:
        for name in [name for name, item in self._active.items() if now >= item.ends]:
            self._drop(name)
        yield from self._active.items()

    def _drop(self, name: str) -> None:
        dropped = self._active.pop(name, None)
        if dropped is not None:
            dropped.off.set()


def _burst(rate: float) -> float:
    """How many requests pass at once: those of a second, and one at least."""
    return max(1.0, rate) if rate else 0.0


def _passes(item: _Active, now: float) -> bool:
    """Whether a request still fits into the rate; takes its place in it."""
    rate = item.fault.requests_per_second
    item.passes = min(_burst(rate), item.passes + (now - item.refilled) * rate)
    item.refilled = now
    if item.passes < 1:
        return False
    item.passes -= 1
    return True
