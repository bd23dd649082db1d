"""A clock that goes on when it is told to."""


class FakeClock:
    """Stands in for `time.monotonic`.

    Attributes:
        now: What it shows, in seconds.
    """

    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now
