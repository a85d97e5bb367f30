"""When a connection is due. Pure: the clock and the jitter are arguments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from uptake.sync.health import CONFIRM_AFTER

_RETRY_AFTER = timedelta(minutes=10)
_RETRY_FACTOR = 4
_LONGEST_WAIT = timedelta(hours=1)  # what is believed of a Retry-After
_STOPPED_AGAIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the schedule needs to know of a connection."""

    last_started_at: datetime | None
    requested_at: datetime | None = None
    not_before: datetime | None = None  # the vendor asked to wait until then
    suspect_since: datetime | None = None  # a key was refused once: ask again soon
    stopped: bool = False
    failed_in_a_row: int = 0  # runs that ended with something missing, counted back from the last


def due(standing: Standing, now: datetime, hours: float, jitter: float = 0.0) -> bool:
    """Whether to sync now. Somebody's request comes before any wait; `jitter` is a share of the interval (±0.1)."""
    last = standing.last_started_at
    if last is None or (standing.requested_at is not None and standing.requested_at > last):
        return True
    if last > now + _LONGEST_WAIT:
        return True  # the clock was ahead when it was written: whatever stands there is no reason to wait for years
    if standing.not_before is not None and now < standing.not_before <= now + _LONGEST_WAIT:
        return False
    return now - last >= _interval(standing, last, hours, jitter)


def _interval(standing: Standing, last: datetime, hours: float, jitter: float) -> timedelta:
    regular = timedelta(hours=hours * (1 + jitter))
    if standing.suspect_since is not None and last < standing.suspect_since + CONFIRM_AFTER:
        # The confirming question comes a minute after the first refusal, once; then the regular rhythm.
        confirming = standing.suspect_since + CONFIRM_AFTER - last
        return max(CONFIRM_AFTER, confirming) + timedelta(seconds=5)
    if standing.stopped:
        return max(regular, _STOPPED_AGAIN)
    if standing.failed_in_a_row:
        # Ten minutes, then ever longer: a vendor that is down for a day is not asked more than 150 times.
        longer: int = _RETRY_FACTOR ** min(standing.failed_in_a_row - 1, 8)
        return min(regular, _RETRY_AFTER * longer)
    return regular
