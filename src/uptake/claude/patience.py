"""How long a run waits: attempts, back-off and a stall clock that only real progress sets back."""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

ATTEMPTS = 5
LONGEST_WAIT = 3600.0
_BACKOFF_CAP = 30.0


class Patience:
    """Time a stream may go on without progress, shared by its threads. `progress()` starts it again."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._ends = clock() + seconds
        self._lock = threading.Lock()
        self._cancelled = threading.Event()

    def progress(self) -> None:
        with self._lock:
            self._ends = self._clock() + self._seconds

    def left(self) -> float:
        with self._lock:
            return 0.0 if self._cancelled.is_set() else max(0.0, self._ends - self._clock())

    def granted(self, seconds: float) -> None:
        """Time spent waiting for our own pacing is not the vendor's fault."""
        with self._lock:
            self._ends += seconds

    def cancel(self) -> None:
        """Nobody waits any longer: the stream has ended."""
        self._cancelled.set()

    def sleep(self, seconds: float) -> bool:
        """Wait; False where the stream was cancelled meanwhile."""
        return not self._cancelled.wait(seconds)


@dataclass(frozen=True, slots=True)
class Backoff:
    """Full jitter: a random wait between nothing and 2^n seconds."""

    random: Callable[[], float] = random.random

    def seconds(self, failures: int) -> float:
        return self.random() * min(_BACKOFF_CAP, 2.0**failures)


def retry_after(header: str | None, now: float) -> float | None:
    """Seconds a Retry-After header asks for, clamped to 0..3600; None where it is absent or says nothing.

    `now` is a Unix time, for the date form.
    """
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        seconds = _until(header, now)
    if math.isnan(seconds):
        return None
    return min(LONGEST_WAIT, max(0.0, seconds))


def _until(header: str, now: float) -> float:
    try:
        at = parsedate_to_datetime(header)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now  # "-0000" has no zone: it means UTC
    except (TypeError, ValueError, OverflowError):
        return float("nan")
