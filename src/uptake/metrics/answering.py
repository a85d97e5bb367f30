"""One Question, one Answer. In this order: may the viewer ask, does it make sense, scope, rows, cells, freshness."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from uptake.domain.access import Viewer
from uptake.domain.days import day_no, from_day_no
from uptake.domain.problems import Problem
from uptake.metrics import byteam, cache, grouped
from uptake.metrics.asking import about_teams, metrics_of
from uptake.metrics.cells import cell
from uptake.metrics.coverage import covered
from uptake.metrics.facts import ConnectionFacts, Facts
from uptake.metrics.freshness import Calendar, calendar, freshness
from uptake.metrics.memo import Memo
from uptake.metrics.metric import Kind, Metric
from uptake.metrics.question import TEAMS, Answer, Cell, Freshness, Question, Row
from uptake.metrics.release import Released, release
from uptake.metrics.rows import Span, limits, spans
from uptake.metrics.scope import Scope, Source, TeamsAsked
from uptake.metrics.shown import PanelShown
from uptake.metrics.teampanel import TeamPanel
from uptake.metrics.teamplaces import Stretch, TeamPlaces
from uptake.metrics.teamscope import permitted

_RELEASED = Memo(16)
_PANELS = Memo(16)
_TEAMS = Memo(4)
_ANSWERS = Memo(512)
_FIXED = frozenset({"trailing", "reach", "surface", "surface_share"})
_MOMENTS = _FIXED | {"members", "day", "week", "unused", "invited", "coverage"} | grouped.OF_PANEL


def answer(question: Question, viewer: Viewer, facts: Facts, today: date) -> Answer:
    """Answer a question. Raises NotAllowed, or Problem where the question makes no sense."""
    under = permitted(question, viewer, facts)
    metrics = metrics_of(question)
    asked = _connections(question, facts)
    # Everybody who may ask sees the same figures: of the viewer only the tree that bounds them is a part of the key.
    key = (facts.cache, facts.version, facts.connections, facts.threshold, today, question, under)
    return _ANSWERS.get(key, lambda: _answered(question, metrics, asked, facts, today, under))


def _answered(
    question: Question,
    metrics: list[Metric],
    asked: Sequence[ConnectionFacts],
    facts: Facts,
    today: date,
    under: str | None,
) -> tuple[Answer, bool]:
    teams = byteam.asked(question, under) if about_teams(question) else None
    scope, fresh, whole = _scope(teams, asked, facts, today, metrics)
    anchor = _anchor(facts)
    fixed = question.by is None and all(metric.kind in _FIXED for metric in metrics)
    byteam.known(scope)
    since, until = limits(question, fixed, scope.calendar, anchor, today)
    wanted = spans(question, fixed, scope.calendar, anchor, today)
    if question.by in TEAMS or (scope.teams is not None and question.by in grouped.DATA_KEYED):
        wanted = byteam.spans(scope, metrics, wanted[0])
    elif question.by in grouped.DATA_KEYED:
        wanted = grouped.spans(scope, metrics, wanted[0])
    rows = tuple(_row(scope, metrics, row, fresh) for row in wanted)
    found = Answer(
        question=question,
        since=since,
        until=until,
        rows=rows,
        freshness=fresh,
        withheld=sum(cell.state == "withheld" for row in rows for cell in row.cells.values()),
        notes=tuple(_notes(question, metrics, scope, rows)),
        lake_version=facts.version,
    )
    return found, whole


def _connections(question: Question, facts: Facts) -> tuple[ConnectionFacts, ...]:
    asked = tuple(known for known in facts.connections if question.connection in {None, known.id})
    if question.connection is not None and not asked:
        raise Problem("There is no such connection.", "Leave the connection out to ask about all of them.")
    return asked


def _scope(
    teams: TeamsAsked | None, asked: Sequence[ConnectionFacts], facts: Facts, today: date, metrics: Sequence[Metric]
) -> tuple[Scope, Freshness, bool]:
    """The scope of the connections asked for, its freshness, and whether all days held could be read."""
    found = [_source(facts, connection, {metric.kind for metric in metrics}, teams is not None) for connection in asked]
    sources = [source for source, _ in found]
    # Nothing known is no reason to withhold: a connection without any facts says "not collected".
    kept = [source for source in sources if not source.released.small or not _anything(source.released)]
    days = _calendar(kept or sources)
    seats = covered(facts, asked, today) if any(metric.kind == "coverage" for metric in metrics) else None
    scope = Scope(tuple(kept), days, facts.threshold, today, len(sources) - len(kept), teams, seats)
    return scope, freshness(days, [source.connection for source in kept or sources]), all(whole for _, whole in found)


def _source(facts: Facts, connection: ConnectionFacts, kinds: set[Kind], teams: bool) -> tuple[Source, bool]:
    """A connection with what the question needs of it."""
    released, whole = _released(facts, connection)
    panel, panel_whole = _panel(facts, connection) if teams or kinds & grouped.OF_PANEL else (None, True)
    told, told_whole = cache.reported(facts, connection.id) if "reported" in kinds else ({}, True)
    of_teams = _teams(facts, connection, panel) if teams and panel is not None else None
    return Source(connection, released, panel, told, of_teams), whole and panel_whole and told_whole


def _teams(facts: Facts, connection: ConnectionFacts, panel: PanelShown) -> TeamPanel | None:
    """None where no org chart is held."""

    def file(stretch: Stretch) -> Path:
        if stretch.first == stretch.last:
            return cache.team_weeks(facts, connection.id, stretch.first)
        return cache.window(facts, connection.id, stretch.first)

    if not facts.charts:
        return None
    key = (facts.cache, facts.version, connection.id, facts.threshold)

    def make() -> tuple[TeamPanel, bool]:
        return TeamPanel(panel, TeamPlaces(facts.threshold, cache.teams(facts, connection.id), file)), True

    return _TEAMS.get(key, make)


def _panel(facts: Facts, connection: ConnectionFacts) -> tuple[PanelShown | None, bool]:
    def make() -> tuple[tuple[PanelShown | None, bool], bool]:
        panel, whole = cache.panel(facts, connection.id)
        return (None if panel is None else PanelShown(panel, facts.threshold), whole), whole

    return _PANELS.get((facts.cache, facts.version, connection.id, facts.threshold), make)


def _anything(released: Released) -> bool:
    return bool(released.days or released.members or released.invites)


def _anchor(facts: Facts) -> date | None:
    """The newest day that every connection holds: the same for all questions, so that windows never overlap."""
    return calendar(facts.usage, facts.connections).through


def _calendar(sources: Sequence[Source]) -> Calendar:
    held = {source.connection.id: map(from_day_no, source.released.days) for source in sources}
    return calendar(held, [source.connection for source in sources])


def _released(facts: Facts, connection: ConnectionFacts) -> tuple[Released, bool]:
    def make() -> tuple[tuple[Released, bool], bool]:
        series, whole = cache.series(facts, connection.id)
        return (release(series, facts.threshold, anchor), whole), whole

    newest = _anchor(facts)
    anchor = None if newest is None else day_no(newest)
    return _RELEASED.get((facts.cache, facts.version, connection.id, facts.threshold, anchor), make)


def _row(scope: Scope, metrics: Sequence[Metric], row: Span, fresh: Freshness) -> Row:
    since, through = fresh.settling_since, fresh.data_through
    return Row(
        key=row.key,
        cells={metric.id: cell(scope, metric, row) for metric in metrics},
        label=byteam.label(scope, row),
        before={metric.id: grouped.cell(scope, metric, row, before=True) for metric in metrics} if row.compare else {},
        settling=since is not None and through is not None and row.until >= since and row.since <= through,
        days=len(scope.calendar.held_in(row.since, row.until)),
        days_expected=day_no(row.until) - day_no(row.since) + 1,
    )


def _notes(question: Question, metrics: Sequence[Metric], scope: Scope, rows: Sequence[Row]) -> list[str]:
    notes = []
    if scope.small and scope.sources:
        notes.append("Connections with too few people to show are left out.")
    if question.by == "surface" or (
        question.since and question.by is None and any(m.kind in _MOMENTS for m in metrics)
    ):
        notes.append(
            "Counts of people are for the 28 days, the week or the day that the metric names, not for the window asked for."
        )
    if question.compare:
        notes.append(
            "Changes are those of the same people: who was eligible in these four weeks and in the four before."
        )
    if question.by == "week" and (question.since or question.until):
        notes.append("Weeks are always whole: Monday to Sunday.")
    if any(_left_out(row.cells) for row in rows):
        notes.append("Some figures leave out days: too few people contributed, or the day is not reported or not held.")
    return notes


def _left_out(cells: dict[str, Cell]) -> bool:
    return any(cell.left_out for cell in cells.values())
