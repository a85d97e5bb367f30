"""The monthly report for leaders: one page that prints, or goes along as one file. The reader's rights and thresholds apply."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from uptake import metrics
from uptake.actions import reports
from uptake.actions.digests import days_held
from uptake.domain.access import Viewer, may
from uptake.domain.days import ONE_DAY
from uptake.domain.digests import Period, month_of
from uptake.metrics import Facts
from uptake.metrics.figures import Choice
from uptake.web import words
from uptake.web.digests import PURPOSE, Worth, about, not_held, over_by, own_tree, worth
from uptake.web.figures import Drawn, Tile, drawn
from uptake.web.policies import viewer_of
from uptake.web.tables import Table

_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
_TILES = 5
_ROWS = 4
_WHOLE = ("headlines", "active-over-time", "habits", "surfaces")
_OF_TEAM = ("team-headlines", "team-reach", "team-habit", "team-surfaces")
_SHEETS = ("tokens", "text", "figures", "charts", "report")
_STATIC = Path(__file__).parent / "static/uptake"


@dataclass(frozen=True, slots=True)
class Report:
    """What stands on the page. `missing`: days of the month that no figure holds, in words."""

    title: str
    month: str
    key: str
    sentence: str
    tiles: tuple[Tile, ...]
    lead: Drawn
    beside: tuple[Drawn, ...]
    table: Table | None
    findings: tuple[Worth, ...]
    missing: str
    provenance: tuple[str, ...]
    before: str
    after: str
    purpose: str = PURPOSE


@require_safe
def page(request: HttpRequest, month: str) -> HttpResponse:
    now = datetime.now(UTC)
    found = report(viewer_of(request), _month(month), metrics.current_facts(settings.UPTAKE), now)
    return render(request, "uptake/report.html", {"report": found})


@require_safe
def file(request: HttpRequest, month: str) -> HttpResponse:
    """The same as one file that needs nothing else: its style and drawings are in it."""
    now, viewer = datetime.now(UTC), viewer_of(request)
    found = report(viewer, _month(month), metrics.current_facts(settings.UPTAKE), now)
    reports.taken(viewer, found.key, now)
    body = render_to_string("uptake/report_file.html", {"report": found, "style": _style()})
    response = HttpResponse(body, content_type="text/html; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="uptake-{found.key}.html"'
    return response


def report(viewer: Viewer, period: Period, facts: Facts, now: datetime) -> Report:
    """A month's report for whoever reads it. Raises NotAllowed, or Http404 where nothing of the month can be held."""
    held = days_held(settings.UPTAKE, now.date())
    if not held or period.until < min(held) or period.since > now.date():
        raise Http404
    whole = may(viewer, "numbers.ask")
    choice = Choice(until=period.until, team="" if whole else own_tree(facts, viewer))
    of_weeks = replace(choice, until=over_by(period.until, held))
    shown = [
        drawn(metrics.figure(name, viewer, facts, now.date(), of_weeks if name == "habits" else choice))
        for name in (_WHOLE if whole else _OF_TEAM)
    ]
    headlines, lead, *beside = shown
    return Report(
        title=about(facts, whole),
        month=f"{period.since:%B %Y}",
        key=period.key,
        sentence=headlines.sentence,
        tiles=_of_then(headlines.tiles, period, max(held)),
        lead=lead,
        beside=tuple(beside),
        table=_table(beside[0] if whole else lead),
        findings=worth(viewer, facts, now.date(), settings.UPTAKE),
        missing=_missing(period, held, now.date()),
        provenance=_provenance(shown, facts, now),
        before=_key(period.since - ONE_DAY, held, now),
        after=_key(period.until + ONE_DAY, held, now),
    )


def _of_then(tiles: tuple[Tile, ...], period: Period, newest: date) -> tuple[Tile, ...]:
    """Without what is known of the newest day alone, where the month lies before it."""
    now_only = metrics.CATALOGUE["idle_seats"].label if period.until < newest else ""
    return tuple(tile for tile in tiles if tile.name != now_only)[:_TILES]


def _month(text: str) -> Period:
    if not _MONTH.fullmatch(text):
        raise Http404
    return month_of(date(int(text[:4]), int(text[5:]), 1))


def _key(day: date, held: frozenset[date], now: datetime) -> str:
    """The month that a day is in, where there is a report of it."""
    period = month_of(day)
    return period.key if period.until >= min(held) and period.since <= now.date() else ""


def _table(figure: Drawn) -> Table | None:
    """The newest four weeks: what the drawing shows, as numbers."""
    found = next((one for one in figure.tables if one.head[0].startswith("Four weeks")), None)
    return Table(found.head, found.rows[-_ROWS:]) if found else None


def _missing(period: Period, held: frozenset[date], today: date) -> str:
    missing = [day for day in period.missing(held) if day < today]
    if not missing:
        return "" if period.until < today else "The month is not over: the figures are as far as its days are held."
    return f"{not_held(missing, 'of the month')} The figures are of the days that are."


def _provenance(shown: list[Drawn], facts: Facts, now: datetime) -> tuple[str, ...]:
    withheld = [part for figure in shown for part in figure.footer if "withheld" in part]
    told = tuple(part for part in shown[0].footer if "withheld" not in part)
    return (
        *told,
        f"Groups of fewer than {facts.threshold} people are withheld"
        + (f": so in {words.plural(len(withheld), 'figure')} here" if withheld else "; none here"),
        f"Counts that Anthropic gives of Claude, never content · facts {facts.version[:8]} · made {words.moment(now)}",
    )


@cache
def _style() -> str:
    return "\n".join((_STATIC / f"{name}.css").read_text() for name in _SHEETS)
