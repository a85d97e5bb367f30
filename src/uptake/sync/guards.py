"""The guards: what not to believe at once. Pure. A held-back answer changes nothing until it is confirmed or released."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from uptake.domain.members import removals_allowed

CONFIRM_DAY_AFTER = timedelta(hours=6)
CONFIRM_ROSTER_AFTER = timedelta(hours=1)
_UNATTENDED_LOSS = 0.30
ROWS_TO_JUDGE = 10
_NEARLY_ALL = 0.95
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Earlier:
    """An answer held back before: what it said, since when, and whether somebody accepted exactly that answer."""

    content_hash: str
    since: datetime
    released: bool = False


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why an answer is not believed. Where the same answer does not settle it after `settles_after`, a person must."""

    reason: str
    settles_after: timedelta | None = None


def let_in(doubt: Doubt, earlier: Earlier | None, content_hash: str, now: datetime) -> bool:
    """Whether a doubted answer is taken after all: it is the one held back before, and was accepted or kept coming."""
    if earlier is None or not content_hash or earlier.content_hash != content_hash:
        return False
    return earlier.released or (doubt.settles_after is not None and now - earlier.since >= doubt.settles_after)


def day_doubt(rows_before: int | None, rows_now: int) -> Doubt | None:
    """Rows count, not values: revisions move values."""
    if rows_before is None or rows_before < ROWS_TO_JUDGE or rows_now * 2 >= rows_before:
        return None
    # In shares: whoever reads this may not be told how many people a day has.
    left = "less than half of its members" if rows_now else "nobody"
    reason = f"The day shrank to {left}; the rows held before stay."
    return Doubt(reason, CONFIRM_DAY_AFTER)


def rows_doubt(rows: int, rejected: int) -> Doubt | None:
    """More than one row in a hundred without a usable member id: nothing of the answer is believed."""
    if rejected * 100 <= rows + rejected:
        return None
    return Doubt(f"{100 * rejected / (rows + rejected):.0f} % of the rows had no usable member id.")


def vanished(rows_before: int, nulls_before: Mapping[str, int]) -> list[str]:
    """Of counts that no row tells now, those that nearly every row told before. `nulls_before`: how many did not."""
    told = ((name, rows_before - nulls) for name, nulls in nulls_before.items())
    return [name for name, rows in told if rows and rows >= _NEARLY_ALL * rows_before]


def drift_doubt(gone: Sequence[str]) -> Doubt | None:
    """Counts that vanished from every row at once: renamed, most likely. Nobody stopped doing all of it overnight."""
    if not gone:
        return None
    named = ", ".join(gone[:_NAMED]) + (f" and {len(gone) - _NAMED} more" if len(gone) > _NAMED else "")
    return Doubt(f"No row tells {named} any more, which nearly every row told before; what was held before stays.")


def roster_doubt(before: Collection[str], now: Collection[str]) -> Doubt | None:
    """Both are ids of members on the roster. A loss of at most 30 % settles by itself; a larger one never does."""
    if not before:
        return None
    gone = len(set(before) - set(now))
    if not now:
        return Doubt(f"The roster came back empty; {len(before)} members were on it before. Nobody was removed.")
    if gone <= removals_allowed(len(before)):
        return None
    reason = f"{gone} of {len(before)} members vanished from the roster at once. Nobody was marked as removed."
    return Doubt(reason, CONFIRM_ROSTER_AFTER if gone <= _UNATTENDED_LOSS * len(before) else None)
