"""One figure at a time: a metric, a row and a scope give a cell in one of four states. Pure; zero is a value."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from msgspec import structs

from uptake.domain.days import day_no
from uptake.metrics import rounding
from uptake.metrics.byteam import NO_DIRECTORY
from uptake.metrics.byteam import cell as team_cell
from uptake.metrics.freshness import NOT_YET
from uptake.metrics.grouped import NO_ROSTER, OF_PANEL
from uptake.metrics.grouped import cell as grouped_cell
from uptake.metrics.metric import Kind, Metric
from uptake.metrics.privacy import Reach, share_shown, shown
from uptake.metrics.question import Cell
from uptake.metrics.release import Released
from uptake.metrics.rows import Span
from uptake.metrics.scope import Scope, withheld
from uptake.metrics.series import GRACE
from uptake.metrics.shown import NOT_REPORTED
from uptake.metrics.windows import TRAILING

NO_MEMBERS = "no members on this day"
NO_DECISIONS = "no suggestions were accepted or rejected"
NO_ONE_ACTIVE = "nobody was active"
CUT_SHORT = "not all 28 days of the window are held"
NO_INVITES = "no invite is pending"
NO_SUMMARY = "Claude's own figures are not held for this day"
OLD = 14
"""Days after which a pending invite has waited for long."""
TOO_SHORT = f"needs {GRACE} days of usage"


def cell(scope: Scope, metric: Metric, row: Span) -> Cell:
    """The figure of one metric in one row."""
    if not scope.sources and scope.small:
        return withheld()
    if scope.teams is not None:
        return team_cell(scope, metric, row)
    if metric.kind in OF_PANEL:
        return grouped_cell(scope, metric, row)
    if metric.kind in _OF_SOURCE:
        return _OF_SOURCE[metric.kind](scope, row, metric.source)
    return _BY_KIND[metric.kind](scope, row)


def as_of(scope: Scope, row: Span) -> date:
    """The day a row's figure about a moment is for: its last day, or the newest one held within it."""
    through = scope.calendar.through
    return through if through is not None and row.since <= through < row.until else row.until


def _gap(scope: Scope, since: date, until: date) -> Cell:
    state, reason = scope.calendar.gap(since, until)
    return Cell(state, reason=reason)


def _on_day(scope: Scope, day: date, read: Callable[[Released], int | None]) -> Cell:
    """The sum over connections of people on one day held."""
    if day not in scope.calendar.held:
        return _gap(scope, day, day)
    return _added(scope.together(day, read, Cell("not_collected", reason=CUT_SHORT)))


def _cut_short(scope: Scope, day: date, found: Cell) -> Cell:
    """A figure of 28 days with the days its window lacks."""
    if found.value is None:
        return found
    held = min(source.released.window_days(day_no(day)) for source in scope.sources if source.owes(day))
    return structs.replace(found, left_out=TRAILING - held)


def _added(found: list[int] | Cell) -> Cell:
    return found if isinstance(found, Cell) else Cell("value", sum(found))


def _members(scope: Scope, row: Span) -> Cell:
    # The roster reaches further than the usage: it is known until today, whatever the analytics key is doing.
    day = row.until if row.key and row.since == row.until else min(max(as_of(scope, row), row.since), scope.today)
    if day > scope.today:
        return Cell("not_yet", reason=NOT_YET)
    rosters = [
        source.released
        for source in scope.sources
        if source.released.members is not None and (source.connection.connected or source.owes(day))
    ]
    if not rosters:
        return Cell("not_collected", reason=NO_ROSTER)
    counts = [released.members_on(day_no(day)) for released in rosters]
    return withheld() if None in counts else Cell("value", sum(count or 0 for count in counts))


def _day(scope: Scope, row: Span) -> Cell:
    day = as_of(scope, row)
    return _on_day(scope, day, lambda released: released.active_day[day_no(day)])


def _week(scope: Scope, row: Span) -> Cell:
    first = row.since if row.key else _last_whole_week(scope, row)
    last = first + timedelta(days=6)
    held = scope.calendar.held_in(first, last)
    if not held:
        return _gap(scope, first, last)
    week = day_no(first) // 7
    found = _added(scope.together(held[-1], lambda released: released.active_week[week], _gap(scope, first, last)))
    return found if found.value is None else Cell("value", found.value, left_out=7 - len(held))


def _last_whole_week(scope: Scope, row: Span) -> date:
    """The Monday of the last ISO week that ends by the row's last day."""
    last = as_of(scope, row)
    return last - timedelta(days=(last.weekday() + 1) % 7 + 6)


def _trailing(scope: Scope, row: Span) -> Cell:
    day = as_of(scope, row)
    return _cut_short(scope, day, _on_day(scope, day, lambda released: released.active_28d[day_no(day)]))


def _surface(scope: Scope, row: Span) -> Cell:
    day = as_of(scope, row)
    found = _on_day(scope, day, lambda released: released.surfaces_28d[day_no(day)][row.surface or 0])
    return _cut_short(scope, day, found)


def _surface_share(scope: Scope, row: Span) -> Cell:
    some, of = _surface(scope, row), _trailing(scope, row)
    if some.value is None or of.value is None:
        return some if some.value is None else of
    if of.value == 0:
        return Cell("not_collected", reason=NO_ONE_ACTIVE)
    if not share_shown(int(some.value), int(of.value)):
        return withheld()
    return _cut_short(scope, as_of(scope, row), _share(some.value, of.value))


def _reach(scope: Scope, row: Span) -> Cell:
    day = as_of(scope, row)
    if day not in scope.calendar.held:
        return _gap(scope, day, day)
    if any(source.released.members is None for source in scope.sources if source.owes(day)):
        return Cell("not_collected", reason=NO_ROSTER)
    found = scope.together(day, lambda r: r.reach_28d[day_no(day)], Cell("not_collected", reason=CUT_SHORT))
    return found if isinstance(found, Cell) else _cut_short(scope, day, _reach_share(found))


def _reach_share(found: list[Reach]) -> Cell:
    members = sum(reach.members for reach in found)
    if members == 0:
        return Cell("not_collected", reason=NO_MEMBERS)
    seated = sum(reach.seated for reach in found)
    if any(reach.coarse for reach in found):  # without its counts: they are what must not follow from it
        return Cell("value", round(seated / members, 2), rounded=True)
    return _share(seated, members)


def _share(some: float, of: float) -> Cell:
    return Cell("value", round(some / of, 4), numerator=some, denominator=of)


def _sum(scope: Scope, row: Span, source: str) -> Cell:
    found = _added_up(scope, row, source)
    return found if isinstance(found, Cell) else Cell("value", found[0], left_out=found[2])


def _rate(scope: Scope, row: Span, source: str) -> Cell:
    found = _added_up(scope, row, source)
    if isinstance(found, Cell):
        return found
    accepted, decisions, left_out = found
    if decisions == 0:
        return Cell("not_collected", reason=NO_DECISIONS)
    return structs.replace(_share(accepted, decisions), left_out=left_out)


def _added_up(scope: Scope, row: Span, source: str) -> tuple[int, int, int] | Cell:
    """Amount and base over the days that may be shown, and how many days held are left out; a cell where none is."""
    held = scope.calendar.held_in(row.since, row.until)
    if not held:
        return _gap(scope, row.since, row.until)
    amount = base = 0
    left_out: list[Cell] = []
    for day in held:
        found = _sum_of_day(scope, day, source)
        if isinstance(found, Cell):
            left_out.append(found)
            continue
        amount, base = amount + found[0], base + found[1]
    if left_out and base == 0:  # the zeros that are left would say "none at all"
        return next((cell for cell in left_out if cell.state == "withheld"), left_out[0])
    return amount, base, len(left_out)


def _sum_of_day(scope: Scope, day: date, source: str) -> tuple[int, int] | Cell:
    found = scope.together(day, lambda r: r.sums[source][day_no(day)], Cell("not_collected", reason=NOT_REPORTED))
    if isinstance(found, Cell):
        return found
    reported = [(amount, base) for amount, base in found if amount is not None and base is not None]
    if not reported:
        return Cell("not_collected", reason=NOT_REPORTED)
    return sum(amount for amount, _ in reported), sum(base for _, base in reported)


def _unused(scope: Scope, _: Span) -> Cell:
    connected = [source.released for source in scope.sources if source.connection.connected]
    if not connected or any(released.members is None for released in connected):
        return Cell("not_collected", reason=NO_ROSTER)
    if not all(released.unused_known for released in connected):
        return Cell("not_collected", reason=TOO_SHORT)
    counts = [released.unused for released in connected]
    return withheld() if None in counts else Cell("value", sum(count or 0 for count in counts))


def _invited(scope: Scope, _: Span) -> Cell:
    connected = [source.released for source in scope.sources if source.connection.connected]
    if not connected or any(released.members is None for released in connected):
        return Cell("not_collected", reason=NO_ROSTER)
    today = day_no(scope.today)
    counts = [sum(n for expired, n in released.invites if today < expired) for released in connected]
    return withheld() if any(0 < n < scope.k for n in counts) else Cell("value", sum(counts))


def _old_invites(scope: Scope, _: Span) -> Cell:
    connected = [source.released for source in scope.sources if source.connection.connected]
    if not connected or any(released.members is None for released in connected):
        return Cell("not_collected", reason=NO_ROSTER)
    today = day_no(scope.today)
    pending = [(invited, n) for released in connected for expired, invited, n in released.waiting if today < expired]
    old, every = sum(n for invited, n in pending if today - invited > OLD), sum(n for _, n in pending)
    if every == 0:
        return Cell("not_collected", reason=NO_INVITES)
    found = rounding.share(old, every, scope.k, seats=False)
    if found is None:
        return withheld()
    over, under = found
    return Cell("value", round(over / under, 4), numerator=over, denominator=under, rounded=scope.k > 1)


def _coverage(scope: Scope, _: Span) -> Cell:
    """Not rounded: who is employed and who holds a seat tells of no use."""
    if scope.covered is None:
        return Cell("not_collected", reason=NO_DIRECTORY)
    seated, employees = scope.covered
    if not shown(employees, scope.k) or not shown(seated, scope.k):
        return withheld()
    return _share(seated, employees) if employees else Cell("not_collected", reason=NO_DIRECTORY)


def _reported(scope: Scope, row: Span, column: str) -> Cell:
    """Claude's own figure of a day: the newest one told where no day is asked for."""
    sources = [source for source in scope.sources if source.connection.connected or source.owes(row.until)]
    known = [source.reported.get(column, {}) for source in sources]
    days = [max((day for day in own if row.since <= day <= row.until), default=None) for own in known]
    if not sources or any(day is None for day in days) or len(set(days)) > 1:
        newest = max((day for own in known for day in own), default=None)
        late = newest is not None and row.since > newest
        return Cell("not_yet", reason=NOT_YET) if late else Cell("not_collected", reason=NO_SUMMARY)
    told = [own[day] for own, day in zip(known, days, strict=True) if day is not None]
    counts = [rounding.people(people, scope.k) for people in told]
    if None in counts:
        return withheld()
    total = sum(count or 0 for count in counts)
    return Cell("value", total, rounded=scope.k > 1 and total > 0, since=days[0], until=days[0])


_BY_KIND: dict[Kind, Callable[[Scope, Span], Cell]] = {
    "members": _members,
    "day": _day,
    "week": _week,
    "trailing": _trailing,
    "reach": _reach,
    "surface": _surface,
    "surface_share": _surface_share,
    "unused": _unused,
    "invited": _invited,
    "old_invites": _old_invites,
    "coverage": _coverage,
}

_OF_SOURCE: dict[Kind, Callable[[Scope, Span, str], Cell]] = {"reported": _reported, "sum": _sum, "rate": _rate}
