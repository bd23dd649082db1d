"""Asks an address again and again while something else goes on, and keeps what it answered."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import requests

INTERVAL_SECONDS = 0.25


@contextmanager
def polled(url: str) -> Iterator[Counter[str]]:
    """Polls until the end of the block; yields how often each status, or kind of error, was the answer."""
    answers: Counter[str] = Counter()
    over = threading.Event()

    def ask() -> None:
        with requests.Session() as session:
            while not over.wait(INTERVAL_SECONDS):
                try:
                    answers[str(session.get(url, timeout=10).status_code)] += 1
                except requests.RequestException as error:
                    answers[type(error).__name__] += 1

    thread = threading.Thread(target=ask, name="poll", daemon=True)
    thread.start()
    try:
        yield answers
    finally:
        over.set()
        thread.join(15)
