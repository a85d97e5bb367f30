"""Dashboards: the frame and its filters at once, each figure in its place or, where it takes a while, a moment later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from uptake import metrics
from uptake.domain.access import may
from uptake.metrics import Facts, Figure
from uptake.web import figure_views, saved_views, seats, worth
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
@gzip_page
def page(request: HttpRequest, name: str) -> HttpResponse:
    """A dashboard by its name."""
    now = datetime.now(UTC)
    facts = metrics.current_facts(settings.UPTAKE)
    dashboard = metrics.DASHBOARDS[name]
    chosen = figure_views.chosen(request, facts, now)
    if not chosen.whole and not chosen.choice.team and dashboard.of_team != dashboard.figures:
        return _own(request, chosen)
    known = standing(facts)
    figures = dashboard.of(chosen.choice) if known.has_usage else ()
    context = {
        "dashboard": dashboard,
        "standing": known,
        "filters": chosen,
        "now": now,
        "figures": _places(request, figures, chosen, facts, now),
        "may_connect": may(viewer_of(request), "connection.connect"),
        "worth": worth.worth_a_look(viewer_of(request), facts, now.date()) if name == "overview" else None,
        "seat_price": seats.priced(viewer_of(request), facts, now.date())
        if name == "seats" and known.has_usage
        else None,
        "views": saved_views.offered(viewer_of(request), facts) if known.has_usage else None,
    }
    return render(request, "uptake/dashboard.html", context)


def _own(request: HttpRequest, chosen: Filters) -> HttpResponse:
    """A manager sees the page of the own tree; without one, why there is none."""
    mine = chosen.choice.within
    return redirect(f"{request.path}?{urlencode({'team': mine})}" if mine else "teams")


@require_safe
def teams(request: HttpRequest) -> HttpResponse:
    """Teams beside each other, and the list of them. Where nobody knows who works where, what to do about it."""
    facts = metrics.current_facts(settings.UPTAKE)
    chosen = figure_views.chosen(request, facts, datetime.now(UTC))
    if chosen.teams:
        return page(request, "teams")
    return render(
        request,
        "uptake/no_teams.html",
        {"directory": metrics.has_directory(facts), "may_import": may(viewer_of(request), "people.import")},
    )


@require_safe
def team(request: HttpRequest) -> HttpResponse:
    """One team by itself; without one, all of them."""
    facts = metrics.current_facts(settings.UPTAKE)
    chosen = figure_views.chosen(request, facts, datetime.now(UTC))
    return page(request, "team") if chosen.choice.team else redirect("teams")


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
