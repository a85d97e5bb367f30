"""Explain a number: its definition, what it is read from, the days and people it covers, what is withheld, and its SQL."""

from __future__ import annotations

from datetime import date

import msgspec

from uptake.domain.access import Viewer
from uptake.domain.days import day_no
from uptake.domain.measures import MEASURES
from uptake.metrics.answering import answer
from uptake.metrics.asking import about_teams
from uptake.metrics.catalogue import CATALOGUE, describe
from uptake.metrics.facts import Facts
from uptake.metrics.fourweeks import Window
from uptake.metrics.grouped import OF_PANEL
from uptake.metrics.metric import Metric
from uptake.metrics.question import BY, Answer, By, Cell, Freshness, Question
from uptake.metrics.sqltext import Span, reads, sql

USAGE = "/v1/organizations/analytics/users"
SUMMARIES = "/v1/organizations/analytics/summaries"
MEMBERS = "/v1/organizations/users"
INVITES = "/v1/organizations/invites"

_PATHS = {measure.column: (measure.path, measure.surface) for measure in MEASURES}
_ROSTER_TOO = OF_PANEL | {"members", "reach", "unused"}


class Field(msgspec.Struct, frozen=True):
    """A count as we keep it, as Anthropic names it, and where it is read."""

    column: str
    path: str
    surface: str
    endpoint: str


class Explanation(msgspec.Struct, frozen=True):
    """Everything behind one metric of an answer. `members` are seat holders on the last day it covers; `withheld` and
    `rows` count the answer's cells of this metric."""

    id: str
    definition: dict[str, object]
    dimension: str
    endpoints: tuple[str, ...]
    fields: tuple[Field, ...]
    since: date | None
    until: date | None
    days_held: int
    days_expected: int
    missing: tuple[date, ...]
    members: Cell
    rows: int
    withheld: int
    rounded: bool
    sql: str
    remarks: tuple[str, ...]
    charts: tuple[date, ...] = ()  # Mondays of the org charts from which teams are told


def explain(question: Question, viewer: Viewer, facts: Facts, today: date) -> tuple[Explanation, ...]:
    """One explanation a metric. Raises what answering raises."""
    found = answer(question, viewer, facts, today)
    return tuple(_explained(CATALOGUE[name], found, viewer, facts, today) for name in dict.fromkeys(question.metrics))


def _explained(metric: Metric, found: Answer, viewer: Viewer, facts: Facts, today: date) -> Explanation:
    cells = [row.cells[metric.id] for row in found.rows]
    since, until = _days(metric, found, cells)
    of = found.question
    asked = Question(
        ("members",), until=until, connection=of.connection, team=of.team or of.within, population=of.population
    )
    if asked.team is None:
        asked = Question(("members",), until=until, connection=of.connection)
    fresh = found.freshness
    held = _held(fresh, since, until)
    return Explanation(
        id=metric.id,
        definition=describe(metric),
        dimension=BY[found.question.by] if found.question.by else "one row for the whole window",
        endpoints=_endpoints(metric),
        fields=tuple(Field(column, *_PATHS[column], USAGE) for column in reads(metric)) or _reported(metric),
        since=since,
        until=until,
        days_held=held,
        days_expected=(until - since).days + 1 if since and until else 0,
        missing=tuple(day for day in fresh.missing if since and until and since <= day <= until),
        members=answer(asked, viewer, facts, today).rows[0].cells["members"],
        rows=len(cells),
        withheld=sum(cell.state == "withheld" for cell in cells),
        rounded=any(cell.rounded for cell in cells),
        sql=_sql(metric, fresh, since, until, found),
        remarks=tuple(_remarks(metric, found, cells)),
        charts=_charts(facts, since, until) if about_teams(of) else (),
    )


def _charts(facts: Facts, since: date | None, until: date | None) -> tuple[date, ...]:
    """The Mondays of the org charts that tell the teams of these days; weeks before the first chart take the first."""
    if since is None or until is None or not facts.charts:
        return ()
    begins = max((day for day in facts.charts if day <= since), default=min(facts.charts))
    return tuple(day for day in sorted(facts.charts) if begins <= day <= max(until, begins))


def _days(metric: Metric, found: Answer, cells: list[Cell]) -> tuple[date | None, date | None]:
    """The days of the newest cell that has its own, else of the newest row with a date, else of the answer."""
    own = next((cell for cell in reversed(cells) if cell.since and cell.until), None)
    if own is not None:
        return own.since, own.until
    if found.question.by in {"day", "week", "28d"} and found.rows:
        known = [row for row in found.rows if row.cells[metric.id].state == "value"] or list(found.rows)
        first = date.fromisoformat(known[-1].key or "")
        return first, date.fromordinal(first.toordinal() + known[-1].days_expected - 1)
    return found.since, found.until


def _held(fresh: Freshness, since: date | None, until: date | None) -> int:
    if since is None or until is None or fresh.first_day is None or fresh.data_through is None:
        return 0
    first, last = max(since, fresh.first_day), min(until, fresh.data_through)
    return max((last - first).days + 1 - sum(first <= day <= last for day in fresh.missing), 0)


def _endpoints(metric: Metric) -> tuple[str, ...]:
    if metric.kind == "reported":
        return (SUMMARIES,)
    if metric.kind in {"invited", "old_invites"}:
        return (INVITES, MEMBERS)
    if metric.kind in {"members", "coverage"}:
        return (MEMBERS,)
    return (USAGE, MEMBERS) if metric.kind in _ROSTER_TOO else (USAGE,)


def _reported(metric: Metric) -> tuple[Field, ...]:
    return (Field(metric.source, metric.source, "", SUMMARIES),) if metric.kind == "reported" else ()


_COLUMN: dict[By | None, str] = {"role": "role", "joined": "joined_month", "tenure": "tenure"}


def _sql(metric: Metric, fresh: Freshness, since: date | None, until: date | None, found: Answer) -> str:
    if since is None or until is None or fresh.first_day is None:
        return ""
    first, last = day_no(since), day_no(until)
    known = (_all_held(fresh, last, weeks) for weeks in (12, 16, 24))
    window = Window(first // 7, *known) if last - first == 27 and first % 7 == 0 else None
    key = next((row.key for row in reversed(found.rows)), None)
    group = _COLUMN.get(found.question.by, "")
    return sql(metric, Span(first, last, day_no(fresh.first_day), window), key or "", group)


def _all_held(fresh: Freshness, last: int, weeks: int) -> bool:
    """Whether the weeks to a last day are whole."""
    first = last - 7 * weeks + 1
    known = fresh.first_day is not None and day_no(fresh.first_day) <= first
    return known and not any(first <= day_no(day) <= last for day in fresh.missing)


def _remarks(metric: Metric, found: Answer, cells: list[Cell]) -> list[str]:
    remarks = list(found.notes)
    if any(cell.rounded for cell in cells):
        remarks.append("Counts of people are rounded to the threshold; the SQL gives the figure before that.")
    if metric.kind == "since_joining":
        remarks.append("The SQL gives events and people at risk; the product of Kaplan-Meier is taken over its rows.")
    if metric.kind in {"bracket", "habit_by_8", "idle", "index", "surface_share", "parts", "moves", "ways"}:
        remarks.append("The SQL gives the counts of every group or of one row; the figure is made from them.")
    if about_teams(found.question):
        remarks.append(
            "Teams are those of each week, by the company's directory; over four weeks somebody counts in a team they were in "
            "for all four. The SQL is that of everybody: join who was in which team by member and week."
        )
    if metric.additive:
        remarks.append("Days on which too few people contributed are in the SQL and not in the figure.")
    return remarks
