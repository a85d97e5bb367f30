"""What goes by the clock goes its rounds: a thread that looks every two seconds, and that no trouble ends but being stopped."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from datetime import UTC, datetime

import structlog
from django.db import DatabaseError, close_old_connections

log = structlog.get_logger("uptake.rounds")

_EVERY = 2.0


class Stopping(BaseException):
    """The process is told to end in the middle of a round: raised by whatever may take long."""


class Rounds(ABC):
    """One thread of `uptake serve` or `uptake worker`. `name` is the thread's and says in the log whose rounds they are."""

    name: str
    grace = 5.0
    """Seconds the end of the process waits for it."""

    def __init__(self) -> None:
        self.stopped = threading.Event()

    @abstractmethod
    def look(self, now: datetime) -> None:
        """Do whatever is due at `now`."""

    def start(self) -> threading.Thread:
        thread = threading.Thread(target=self.run, name=self.name, daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        self.stopped.set()

    def run(self) -> None:
        """Until stopped. Trouble with one thing looked at or with the database never ends it."""
        while not self.stopped.wait(_EVERY):
            try:
                self.look(datetime.now(UTC))
            except DatabaseError:
                log.warning("the database did not answer; the schedule waits", rounds=self.name)
            except Stopping:
                return
            except Exception:
                log.exception("a round ended unexpectedly; the schedule goes on", rounds=self.name)
            finally:
                close_old_connections()
