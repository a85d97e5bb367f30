"""Dashboards: the frame and its filters at once, each figure in its place or, where it takes a while, a moment later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from uptake import metrics
from uptake.domain.access import may
from uptake.metrics import Facts, Figure
from uptake.web import figure_views, filters
from uptake.web.figures import Drawn
from uptake.web.filters import Filters
from uptake.web.policies import viewer_of


@dataclass(frozen=True, slots=True)
class Standing:
    """What a page says before any figure: which organisation, and whether there is something to show."""

    organisation: str
    connected: bool
    has_usage: bool
    troubles: tuple[str, ...]
    synced_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A figure's place on the page: drawn, or still to come."""

    figure: Figure
    drawn: Drawn | None


@require_safe
def page(request: HttpRequest, name: str) -> HttpResponse:
    """A dashboard by its name."""
    now = datetime.now(UTC)
    facts = metrics.current_facts(settings.UPTAKE)
    dashboard = metrics.DASHBOARDS[name]
    chosen = filters.read(request.GET.dict(), now.date())
    known = standing(facts)
    context = {
        "dashboard": dashboard,
        "standing": known,
        "filters": chosen,
        "now": now,
        "figures": _places(request, dashboard.figures, chosen, facts, now) if known.has_usage else (),
        "may_connect": may(viewer_of(request), "connection.connect"),
    }
    return render(request, "uptake/dashboard.html", context)


def standing(facts: Facts) -> Standing:
    names = [connection.name for connection in facts.connections]
    return Standing(
        names[0] if len(names) == 1 else f"{len(names)} organisations" if names else "",
        bool(names),
        any(facts.usage.values()),
        tuple(connection.trouble for connection in facts.connections if connection.trouble),
        min((connection.last_sync_at for connection in facts.connections if connection.last_sync_at), default=None),
    )


def _places(
    request: HttpRequest, figures: tuple[Figure, ...], chosen: Filters, facts: Facts, now: datetime
) -> tuple[Place, ...]:
    return tuple(Place(one, figure_views.drawn_before(request, one, chosen, facts, now)) for one in figures)
