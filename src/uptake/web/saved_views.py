"""Saved views: kept from the filter bar, opened as the page's own address; what one shows is decided by who opens it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from uptake import metrics
from uptake.actions import saved_views
from uptake.actions.saved_views import LONGEST, View
from uptake.domain.access import Role, Viewer, may
from uptake.metrics import Facts
from uptake.web import filters
from uptake.web.policies import opens, viewer_of


@dataclass(frozen=True, slots=True)
class Listed:
    """A saved view in a list: which page it is of, and what it chooses there."""

    view: View
    page: str
    says: str


@dataclass(frozen=True, slots=True)
class Offered:
    """What the control in the filter bar offers: the viewer's own views, and those of others."""

    own: tuple[Listed, ...]
    shared: tuple[Listed, ...]
    longest: int = LONGEST


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """All saved views, to rename, share and delete."""
    viewer = viewer_of(request)
    context = {
        "offered": offered(viewer, metrics.current_facts(settings.UPTAKE)),
        "may_remove": viewer.role is Role.COMPANY_ADMIN,
        "now": datetime.now(UTC),
    }
    return render(request, "uptake/saved_views.html", context)


@require_safe
def open_view(request: HttpRequest, view: int) -> HttpResponse:
    """On to the page, with what was chosen in its address: whoever may not open it is told so there."""
    return redirect(_address(saved_views.opened(viewer_of(request), id=view)))


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    viewer, now = viewer_of(request), datetime.now(UTC)
    given = dict(parse_qsl(request.POST.get("query", "")[:2_000]))
    known = filters.read(given, now.date(), metrics.teams_of(metrics.current_facts(settings.UPTAKE), viewer))
    id = saved_views.save(
        viewer,
        name=request.POST.get("name", ""),
        page=request.POST.get("page", ""),
        chosen=dict(parse_qsl(known.query)),
        now=now,
    )
    messages.success(request, "The view is saved. You find it under Views.", extra_tags="good")
    return redirect(_address(saved_views.opened(viewer, id=id)))


@require_POST
def rename(request: HttpRequest, view: int) -> HttpResponse:
    saved_views.rename(viewer_of(request), id=view, name=request.POST.get("name", ""), now=datetime.now(UTC))
    messages.success(request, "The view has its new name.", extra_tags="good")
    return redirect("saved_views")


@require_POST
def share(request: HttpRequest, view: int) -> HttpResponse:
    shared = request.POST.get("shared") == "yes"
    saved_views.share(viewer_of(request), id=view, shared=shared, now=datetime.now(UTC))
    said = "Everybody here finds the view in their list." if shared else "The view is yours alone again."
    messages.success(request, said, extra_tags="good")
    return redirect("saved_views")


@require_POST
def delete(request: HttpRequest, view: int) -> HttpResponse:
    saved_views.delete(viewer_of(request), id=view, now=datetime.now(UTC))
    messages.success(request, "The view is deleted.", extra_tags="good")
    return redirect("saved_views")


def offered(viewer: Viewer, facts: Facts) -> Offered:
    """The saved views this viewer has, and the shared ones of others whose page is open to them."""
    if not may(viewer, "saved_view.view"):
        return Offered((), ())
    found = [view for view in saved_views.listed(viewer) if view.page in metrics.DASHBOARDS]
    names = {one.id: one.name for one in metrics.teams_of(facts, viewer)} if found else {}
    own = tuple(_listed(view, names) for view in found if view.mine)
    return Offered(own, tuple(_listed(view, names) for view in found if not view.mine and opens(viewer, view.page)))


def _listed(view: View, teams: dict[str, str]) -> Listed:
    return Listed(view, metrics.DASHBOARDS[view.page].title, filters.in_words(view.chosen, teams))


def _address(view: View) -> str:
    chosen = {name: value for name, value in view.chosen.items() if name in metrics.FILTERS}
    return reverse(view.page) + (f"?{urlencode(chosen)}" if chosen else "")
