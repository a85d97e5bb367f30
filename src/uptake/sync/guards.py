"""The guards: what not to believe at once. Pure. A held-back answer changes nothing until it is confirmed or released."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from uptake.domain.members import removals_allowed

CONFIRM_DAY_AFTER = timedelta(hours=6)
CONFIRM_ROSTER_AFTER = timedelta(hours=1)
_UNATTENDED_LOSS = 0.30
_ROWS_TO_JUDGE = 10


@dataclass(frozen=True, slots=True)
class Earlier:
    """An answer held back before: what it said and since when."""

    content_hash: str
    since: datetime


def day_doubt(rows_before: int | None, rows_now: int) -> str:
    """Why a day's answer is not believed; "" if it is. Rows count, not values: revisions move values."""
    if rows_before is None or rows_before < _ROWS_TO_JUDGE or rows_now * 2 >= rows_before:
        return ""
    return f"The day shrank from {rows_before} members to {rows_now}; the rows held before stay."


def rows_doubt(rows: int, rejected: int) -> str:
    """Why a page set is not believed for the rows that had to be left out; "" if it is."""
    if rejected * 100 <= rows + rejected:
        return ""
    return f"{rejected} of {rows + rejected} rows had no usable member id."


def day_confirmed(earlier: Earlier | None, content_hash: str, now: datetime) -> bool:
    """The same answer twice, at least six hours apart, is the truth."""
    return earlier is not None and earlier.content_hash == content_hash and now - earlier.since >= CONFIRM_DAY_AFTER


def roster_doubt(before: Collection[str], now: Collection[str]) -> str:
    """Why a complete roster is not believed; "" if it is. Both are ids of members on the roster."""
    if not before:
        return ""
    gone = len(set(before) - set(now))
    if not now:
        return f"The roster came back empty; {len(before)} members were on it before. Nobody was marked as removed."
    if gone <= removals_allowed(len(before)):
        return ""
    return f"{gone} of {len(before)} members vanished from the roster at once. Nobody was marked as removed."


def roster_confirmed(
    earlier: Earlier | None, content_hash: str, before: Collection[str], now_ids: Collection[str], now: datetime
) -> bool:
    """An identical roster an hour later releases a loss of at most 30 %; a larger one waits for a person."""
    if earlier is None or earlier.content_hash != content_hash or now - earlier.since < CONFIRM_ROSTER_AFTER:
        return False
    return bool(now_ids) and len(set(before) - set(now_ids)) <= _UNATTENDED_LOSS * len(before)
