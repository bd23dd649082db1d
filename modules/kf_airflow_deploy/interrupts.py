"""Interrupts that come when they can be answered."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """Makes KeyboardInterrupt of SIGINT, and of SIGTERM, which a pipeline sends when it is cancelled.

    They can be held while one asks for what could only be cancelled by the name that it gets in the answer.
    """

    def __init__(self) -> None:
        self._came = False
        self._held = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._interrupt) for number in _SIGNALS}
        return self

    def __exit__(
        self, type_: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Lets interrupts wait for `answer`, for as long as the block lasts."""
        self._held = True
        try:
            yield
        finally:
            self._held = False

    def answer(self) -> None:
        """Raises the interrupt that came while interrupts were held, if one did.

        Raises:
            KeyboardInterrupt: that interrupt.
        """
        if self._came:
            raise KeyboardInterrupt

    def _interrupt(self, *_: object) -> None:
        self._came = True
        if not self._held:
            raise KeyboardInterrupt
