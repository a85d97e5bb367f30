"""Even pacing of requests: one limiter for all requests of a connection, both keys together.

Anthropic counts per organisation and may enforce a minute's budget second by second, so there are no bursts.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Limiter:
    """Hands out one slot every 60 / requests_per_minute seconds. Threads share it."""

    def __init__(self, requests_per_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.gap = 60.0 / requests_per_minute
        self._clock = clock
        self._lock = threading.Lock()
        self._next = 0.0
        self.requests = 0

    def reserve(self) -> float:
        """Take the next slot; returns the seconds to wait until it comes."""
        with self._lock:
            now = self._clock()
            at = max(now, self._next)
            self._next = at + self.gap
            self.requests += 1
            return at - now

    def pause(self, seconds: float) -> None:
        """Nobody of this connection asks before `seconds` have passed: the vendor said so (429)."""
        with self._lock:
            self._next = max(self._next, self._clock() + seconds)
