"""Whether a web page is there all along, seen by somebody who asks for it again and again."""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import requests


@dataclass
class Availability:
    """What came back.

    Attributes:
        answers: How often each HTTP status came, or the name of what went wrong instead.
        bad: When what was no good came, and for which address.
        longest_seconds: How long the slowest answer took.
    """

    answers: Counter[str] = field(default_factory=Counter)
    bad: list[str] = field(default_factory=list)
    longest_seconds: float = 0.0

    def count(self, url: str, answer: str, seconds: float) -> None:
        """Takes down one answer."""
        self.answers[answer] += 1
        self.longest_seconds = max(self.longest_seconds, seconds)
        if not answer.isdecimal() or answer.startswith("5"):
            self.bad.append(f"{datetime.now(UTC):%H:%M:%S} {url} {answer}")


@contextmanager
def watched(
    urls: Sequence[str], headers: Mapping[str, str], *, pause_seconds: float = 0.2
) -> Iterator[Availability]:
    """Asks for addresses in turns while the block runs, each time on a new connection as a new user would.

    Args:
        urls: The addresses.
        headers: What is sent with each request.
        pause_seconds: How long between two requests. 0.2 s if left out.
    """
    seen = Availability()
    end = threading.Event()

    def look() -> None:
        while not end.is_set():
            for url in urls:
                begun = time.monotonic()
                try:
                    answer = str(requests.get(url, headers=dict(headers), timeout=30).status_code)
                except requests.RequestException as error:
                    answer = type(error).__name__
                seen.count(url, answer, time.monotonic() - begun)
                end.wait(pause_seconds)

    thread = threading.Thread(target=look, name="availability")
    thread.start()
    try:
        yield seen
    finally:
        end.set()
        thread.join(60)
