"""A clock in the hands of a test."""


class Clock:
    """Stands still until somebody moves it on; takes the place of `time.monotonic`."""

    def __init__(self) -> None:
        self._now_s = 1000.0

    def __call__(self) -> float:
        return self._now_s

    def advance(self, seconds: float) -> None:
        """Let time pass. Only one thread at a time may."""
        self._now_s += seconds
