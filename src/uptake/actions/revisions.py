"""How far days moved after they were first shown: by weeks for the page, day by day for the command."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import groupby

from django.db.models import F, Q, QuerySet

from uptake.actions.views import Moved, MovedWeek, RevisionView
from uptake.domain.access import Viewer, require
from uptake.domain.days import monday
from uptake.records.models import Connection, Revision
from uptake.sync.moves import HEADLINES, MEMBERS

_WEEKS = 4


def moved_weeks(connection: Connection, newest: date | None, least: int) -> tuple[MovedWeek, ...]:
    """The newest four weeks as first shown and as held now, newest first. Days read before this was kept are left out.

    Totals of fewer than `least`, and those of weeks with a day of fewer people, are withheld; 0 is for the operator,
    who has the facts themselves.
    """
    if newest is None:
        return ()
    since = monday(newest) - timedelta(weeks=_WEEKS - 1)
    rows = connection.revisions.filter(day__gte=since, measure__in=HEADLINES).order_by("-day")
    moved = set(_moved(connection.revisions.filter(day__gte=since)).values_list("day", flat=True))
    return tuple(
        _week(first, list(of_week), moved, least) for first, of_week in groupby(rows, key=lambda row: monday(row.day))
    )


def _week(first: date, rows: list[Revision], moved: set[date], least: int) -> MovedWeek:
    days = {row.day for row in rows}
    people = [total for row in rows if row.measure == MEMBERS for total in (row.old_total, row.new_total)]
    few = any(_too_few(total, least) for total in people)
    headlines = tuple(_headline(measure, rows, least, few=few) for measure in HEADLINES)
    return MovedWeek(first, len(days), len(days & moved), headlines, exact=not least)


def _headline(measure: str, rows: list[Revision], least: int, *, few: bool) -> Moved:
    old = _sum(row.old_total for row in rows if row.measure == measure)
    new = _sum(row.new_total for row in rows if row.measure == measure)
    if few or _too_few(old, least) or _too_few(new, least):
        return Moved(measure, None, None, withheld=True)
    return Moved(measure, old, new)


def _too_few(total: int | None, least: int) -> bool:
    return total is not None and 0 < total < least


def _sum(totals: Iterable[int | None]) -> int | None:
    told = [total for total in totals if total is not None]
    return sum(told) if told else None


def _moved(rows: QuerySet[Revision]) -> QuerySet[Revision]:
    """Those whose total is another one now. A null is no number: it is compared apart."""
    one_told = Q(old_total__isnull=True, new_total__isnull=False) | Q(old_total__isnull=False, new_total__isnull=True)
    return rows.filter(one_told | (~Q(old_total=F("new_total")) & Q(old_total__isnull=False, new_total__isnull=False)))


def revisions(viewer: Viewer, *, since: date | None, until: date | None) -> list[RevisionView]:
    """Every total that is not what was first shown, newest day first. Both days are included. Raises NotAllowed."""
    require(viewer, "connection.view")
    rows = _moved(Revision.objects.select_related("connection")).order_by("connection__name", "-day", "pk")
    rows = rows.filter(day__gte=since) if since else rows
    rows = rows.filter(day__lte=until) if until else rows
    return [
        RevisionView(row.connection.name, row.day, row.measure, row.old_total, row.new_total, row.at) for row in rows
    ]
