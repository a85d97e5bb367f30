"""What a fault is: a few words and an interceptor between a request and its true answer.

An interceptor gets the request, a way to the true answer and a memory that starts anew when the fault is set.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from uptake.fake.answers import Answer, Asked


class Next(Protocol):
    """The way to the true answer: of this request, or of another one put in its place."""

    def __call__(self, instead: Asked | None = None) -> Answer: ...


@dataclass(slots=True)
class Memory:
    """Counts what an interceptor saw; one a played fault, safe among threads."""

    counts: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def seen(self, what: str) -> int:
        """How often `what` came, this time included."""
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + 1
            return self.counts[what]


Play = Callable[[Asked, Next, Memory], Answer]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `row` is its row of the fault matrix (docs/reliability.md); several may share one."""

    name: str
    words: str
    play: Play
    row: str = ""
    page_rows: int = 1000
