"""A change goes before any sync: runs under way are told to end, then the writer's lock is taken, so nothing interleaves.

A change that dies leaves nothing behind but a number: the next run starts under it as under any other.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.db.models import F

from uptake.config import Settings
from uptake.domain.problems import Busy
from uptake.lake import given_away, writer
from uptake.records.models import Connection

_LONGEST = 60.0
_TELL_EVERY = 2.0


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Hold the writer's lock, as soon as the run that has it came to its end. Raises Busy after a minute."""
    with ExitStack() as lock:
        _take(lock, settings)
        yield


@contextmanager
def removing(settings: Settings) -> Iterator[None]:
    """For what takes data out: it gets through on a full disk too, in the room that is kept back for it."""
    with given_away((settings.home, settings.lake), settings.reserve):
        yield


def _take(lock: ExitStack, settings: Settings) -> None:
    ends = time.monotonic() + _LONGEST
    tell_at = 0.0
    while True:
        try:
            lock.enter_context(writer(settings.lake))
        except Busy:
            if time.monotonic() > ends:
                raise
        else:
            return
        if time.monotonic() >= tell_at:
            # A run compares this with what it started under, before every commit and once a second.
            Connection.objects.update(epoch=F("epoch") + 1)
            tell_at = time.monotonic() + _TELL_EVERY
        time.sleep(0.1)
