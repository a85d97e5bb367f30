"""Trust: can I rely on this? Days, our count beside Claude's own, matches, what does not compare, what is withheld, who
looked. Each part for those who may see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from uptake import metrics
from uptake.actions import auditing, identities, state
from uptake.actions.views import ConnectionView, DayView
from uptake.domain.access import Viewer, may
from uptake.domain.days import from_day_no
from uptake.metrics import Facts, Question
from uptake.metrics.dashboards.trust import DAYS
from uptake.metrics.ledger import ledger
from uptake.web import dashboards, figure_views, standing, words
from uptake.web.dashboards import Place
from uptake.web.filters import Filters
from uptake.web.policies import viewer_of

_DIMENSIONS = {
    "department": "Departments",
    "location": "Locations",
    "title": "Job titles",
    "group": "Groups",
    "tree": "Managers",
    "role": "Roles in Claude",
    "joined": "Months of joining",
    "tenure": "Time a seat is held",
}
_GAPS = {"missing": "missing", "waiting": "still to be fetched", "held_back": "held back"}
_ENOUGH = 0.95
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Days:
    """The last days of one connection, as a calendar."""

    name: str
    weeks: Sequence[standing.Week]
    states: tuple[tuple[str, str], ...]
    troubles: tuple[standing.Line, ...]


@dataclass(frozen=True, slots=True)
class Break:
    """Something that makes figures of two times less comparable."""

    when: str
    what: str


@require_safe
@gzip_page
def page(request: HttpRequest) -> HttpResponse:
    now, viewer = datetime.now(UTC), viewer_of(request)
    facts = metrics.current_facts(settings.UPTAKE)
    views = state.connections(viewer, settings.UPTAKE, now)
    lately = [_lately(view, now.date()) for view in views]
    context: dict[str, Any] = {
        "now": now,
        "sentence": _sentence(views, lately),
        "standing": dashboards.standing(facts),
        "connections": [_days(view, days) for view, days in zip(views, lately, strict=True)],
        "days": DAYS,
        "k": facts.threshold,
        "release": facts.version[:8],
        "unknown": sorted({field.name for view in views for field in view.unknown_fields}),
    }
    return render(request, "uptake/trust.html", context | _for_viewer(request, viewer, facts, now))


def _for_viewer(request: HttpRequest, viewer: Viewer, facts: Facts, now: datetime) -> dict[str, Any]:
    """What is shown to those who may see it; a part that is not theirs is not there."""
    found: dict[str, Any] = {}
    if may(viewer, "numbers.ask") and any(facts.usage.values()):
        chosen = figure_views.chosen(request, facts, now)
        lines = ledger(viewer, facts, now.date())
        found |= {
            "place": _place(request, chosen, facts, now),
            "filters": chosen,
            "ledger": [(_DIMENSIONS[line.by], line) for line in lines],
            "together": any(line.together for line in lines),
            "breaks": _breaks(viewer, facts, now.date()),
        }
    if may(viewer, "people.view"):
        matched = identities.matched(viewer, settings.UPTAKE)
        found |= {
            "matched": matched,
            "matches_enough": bool(matched and matched.share >= _ENOUGH),
            "sees_matches": True,
        }
    if may(viewer, "audit.view"):
        done = auditing.summary(viewer, now.date() - timedelta(days=DAYS - 1))
        found |= {"done": done[:_SHOWN], "done_more": len(done) - _SHOWN, "sees_audit": True}
    return found


def _place(request: HttpRequest, chosen: Filters, facts: Facts, now: datetime) -> Place:
    known = metrics.FIGURES["reconciled"]
    return Place(known, figure_views.drawn_before(request, known, chosen, facts, now))


def _lately(view: ConnectionView, today: date) -> tuple[DayView, ...]:
    return tuple(day for day in standing.days_now(view) if day.day > today - timedelta(days=DAYS))


def _days(view: ConnectionView, days: tuple[DayView, ...]) -> Days:
    return Days(view.name, standing.calendar(days), standing.states_shown(days), standing.troubles(view))


def _sentence(views: Sequence[ConnectionView], lately: Sequence[Sequence[DayView]]) -> str:
    """Until when figures can be relied on, and which days cannot."""
    known = [view for view in views if view.state == "connected"] or views
    through = min((view.data_through for view in known if view.data_through), default=None)
    if through is None:
        return "No usage is held yet: there is nothing to rely on."
    counts = {name: sum(day.state == name for days in lately for day in days) for name in standing.DAY_STATES}
    gaps = [f"{words.plural(counts[name], 'day')} {said}" for name, said in _GAPS.items() if counts[name]]
    if gaps:
        return f"Figures reach to {words.day(through)}, with {words.listed(gaps)}: no week with them is compared."
    moving = counts["settling"]
    rest = f"; {words.plural(moving, 'day')} may still move by a few per cent" if moving else ""
    oldest = min((day.day for days in lately for day in days if day.state in {"held", "settling"}), default=None)
    if oldest is None:
        return f"The newest day held is {words.day_and_year(through)}: none of the last {DAYS} is held."
    return f"Figures can be relied on through {words.day(through)}: every day since {words.day(oldest)} is held{rest}."


def _breaks(viewer: Viewer, facts: Facts, today: date) -> list[Break]:
    """What makes figures before and after less comparable: first days, new counts, definitions, the short rule of habit."""
    found = metrics.answer(Question(("habitual_short_rule",)), viewer, facts, today)
    first = found.freshness.first_day
    breaks = (
        [Break(words.day_and_year(first), "The first day held. Use before it is unknown, never zero.")] if first else []
    )
    since: dict[int, list[str]] = {}
    for metric in metrics.CATALOGUE.values():
        if metric.since is not None:
            since.setdefault(metric.since, []).append(metric.label)
    for day, labels in sorted(since.items()):
        breaks.append(
            Break(
                words.day_and_year(from_day_no(day)),
                f"{words.listed(labels)}: counted by Claude only from this day on.",
            )
        )
    newer = [metric for metric in metrics.CATALOGUE.values() if metric.version > 1]
    breaks += [
        Break("", f"{metric.label}: definition {metric.version}; older figures meant something else.")
        for metric in newer
    ]
    short = found.rows[0].cells["habitual_short_rule"].value
    if short:
        breaks.append(
            Break("Now", f"For {words.percent(short)} of members habit is told by the short rule, 3 weeks of 4.")
        )
    return breaks
