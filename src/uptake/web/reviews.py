"""Agents Hub › Integrations › Claude: accept an answer that is held back."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from uptake.actions import reviews, state
from uptake.web.policies import viewer_of


@require_POST
def release(request: HttpRequest, connection: str) -> HttpResponse:
    """Accept exactly the answer that the form names: one that came meanwhile is refused."""
    now = datetime.now(UTC)
    viewer = viewer_of(request)
    view = next((view for view in state.connections(viewer, settings.UPTAKE, now) if view.id == connection), None)
    if view is None:
        raise Http404
    roster = request.POST.get("stream") == "roster"
    days = [] if roster else [_day(request.POST.get("day", ""))]
    reviews.release(viewer, name=view.name, now=now, days=days, roster=roster, mark=request.POST.get("mark", ""))
    messages.success(request, "Accepted. The next sync takes exactly this answer.", extra_tags="good")
    return redirect("integrations")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Http404 from None
