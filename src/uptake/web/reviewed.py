"""What somebody should look at beside the trouble: answers held back, what is new, how far days moved. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from uptake.actions.views import ConnectionView, HeldBackView, Moved, MovedWeek
from uptake.web import words

_HEADS = {
    "members": "Members with usage",
    "chat_messages": "Chat messages",
    "code_sessions": "Claude Code sessions",
    "cowork_actions": "Cowork actions",
}
_WEEK = timedelta(days=7)
_LEAST = 0.001


@dataclass(frozen=True, slots=True)
class Hold:
    """An answer that is held back, with what its form sends."""

    name: str
    stream: str
    day: date
    reason: str
    since: datetime
    mark: str
    released_by: str


@dataclass(frozen=True, slots=True)
class Change:
    """By how much a total changed. The totals are figures like any other: they are asked for, not told here."""

    text: str


@dataclass(frozen=True, slots=True)
class Week:
    label: str
    days: str
    cells: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """All of it, for one connection."""

    holds: tuple[Hold, ...]
    notices: tuple[str, ...]
    weeks: tuple[Week, ...]
    heads: tuple[str, ...]
    sentence: str


def reviewed(view: ConnectionView) -> Reviewed:
    holds = tuple(_hold(hold) for hold in (*view.roster_held_back, *view.held_back))
    weeks = tuple(_week(week) for week in view.moved)
    return Reviewed(holds, view.notices, weeks, tuple(_HEADS.values()), sentence(view))


def _hold(hold: HeldBackView) -> Hold:
    name = "the roster" if hold.stream == "roster" else words.weekday(hold.day)
    return Hold(name, hold.stream, hold.day, hold.reason, hold.since, hold.mark, hold.released_by)


def sentence(view: ConnectionView) -> str:
    """How much the last whole week moved, in one sentence; empty where it is not known."""
    through = view.data_through
    whole = [week for week in view.moved if through and week.monday + _WEEK - timedelta(days=1) <= through]
    if not whole:
        return ""
    week = whole[0]
    changes = [
        abs(moved.new - moved.old) / moved.old for moved in week.headlines if moved.old and moved.new is not None
    ]
    if week.days_moved and not any(changes) and any(moved.withheld for moved in week.headlines):
        return ""
    if not week.days_moved or not any(changes):
        return f"The week of {words.day(week.monday)} has not moved since it was first shown."
    return f"The week of {words.day(week.monday)} moved by at most {_points(max(changes))} since it was first shown."


def _week(week: MovedWeek) -> Week:
    last = week.monday + _WEEK - timedelta(days=1)
    by_name = {moved.measure: moved for moved in week.headlines}
    cells = tuple(_change(by_name.get(name)) for name in _HEADS)
    return Week(f"{words.day(week.monday)} to {words.day(last)}", f"{week.days_moved} of {week.days}", cells)


def _change(moved: Moved | None) -> Change:
    if moved is not None and moved.withheld:
        return Change("withheld: too few people")
    if moved is None or moved.old is None or moved.new is None:
        return Change(words.DASH)
    if moved.old == moved.new:
        return Change("unchanged")
    if not moved.old:
        return Change("from 0")
    share = abs(moved.new - moved.old) / moved.old
    sign = "+" if moved.new > moved.old else "−"
    return Change(_points(share) if share < _LEAST else sign + _points(share))


def _points(share: float) -> str:
    return f"{share * 100:.1f} %" if share >= _LEAST else "less than 0.1 %"
