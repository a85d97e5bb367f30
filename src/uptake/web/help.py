"""Help: set up, manage, analyze, common questions; as things are on this installation, for whoever reads it."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from uptake.actions import visibility
from uptake.config import ALL_DAYS
from uptake.domain.measures import MEASURES
from uptake.domain.slots import GUIDES
from uptake.metrics.dashboards import DASHBOARDS
from uptake.web import words
from uptake.web.policies import POLICIES, opens, viewer_of
from uptake.web.reading import SURFACE_NAMES


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    context = {
        "opens": {name: opens(viewer, name) for name in POLICIES},
        "guides": tuple(GUIDES.values()),
        "dashboards": [one for one in DASHBOARDS.values() if one.name != "team" and opens(viewer, one.name)],
        "policy": visibility.standing(viewer).policy,
        "count": len(MEASURES),
        "surfaces": words.listed(tuple(SURFACE_NAMES.values())),
        "backfill": backfill(settings.UPTAKE.backfill_days),
        "hours": words.duration(timedelta(hours=settings.UPTAKE.sync_hours)),
    }
    return render(request, "uptake/help.html", context)


def backfill(days: int) -> str:
    """How far back the first sync goes, in words."""
    return "everything since 1 Jan 2026" if days >= ALL_DAYS else f"up to {words.plural(days, 'day')} of history"
