"""Findings: what changed beyond chance, and what was looked at. Read, never worked out here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from uptake import insights, metrics
from uptake.domain.access import Viewer, may
from uptake.insights import Findings
from uptake.web import dashboards
from uptake.web.policies import viewer_of
from uptake.web.worth import Card, cards, nothing

_PARTS = (("use", "Use"), ("seats", "Seats"), ("data", "Data"))


@dataclass(frozen=True, slots=True)
class Part:
    """Findings of one kind, most important first; without any, what would have been noticed."""

    title: str
    cards: tuple[Card, ...]
    nothing: str = ""


@require_safe
@gzip_page
def page(request: HttpRequest) -> HttpResponse:
    now = datetime.now(UTC)
    facts = metrics.current_facts(settings.UPTAKE)
    found = insights.findings(viewer_of(request), facts, now.date())
    context = {
        "standing": dashboards.standing(facts),
        "found": found,
        "parts": _parts(viewer_of(request), found),
        "looked": found.looked,
        "now": now,
    }
    return render(request, "uptake/findings.html", context)


def _parts(viewer: Viewer, found: Findings) -> tuple[Part, ...]:
    parts = []
    for about, title in _PARTS:
        ours = [one for one in found.findings if one.about == about]
        said = nothing(found) if about == "use" and may(viewer, "insights.of_use") and not ours else ""
        if ours or said:
            parts.append(Part(title, cards(insights.chosen(ours, len(ours))), said))
    return tuple(parts)
