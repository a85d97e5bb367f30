"""Agents Hub › Integrations › Claude: connect, watch the first sync, see that it works, replace keys, disconnect."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from uptake.actions import connections, disconnects, state, syncing
from uptake.actions.connections import Connected
from uptake.actions.disconnects import Receipt
from uptake.actions.views import ConnectionView
from uptake.domain.access import may
from uptake.domain.problems import Problem
from uptake.domain.secret import Secret
from uptake.web import standing, words
from uptake.web.policies import viewer_of
from uptake.web.problems import status_of

_LIST = "integrations"


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Every connection as it stands; without any, the form to connect the first."""
    now = datetime.now(UTC)
    views = state.connections(viewer_of(request), settings.UPTAKE, now)
    asked_at = _asked_at(request)
    shown = [_shown(view, asked_at, now) for view in views]
    return render(request, "uptake/integrations.html", {"shown": shown, **_rights(request), "name": "Claude"})


@require_safe
def progress(request: HttpRequest, connection: str) -> HttpResponse:
    """One connection, again: htmx asks for it every two seconds while a sync is under way."""
    now = datetime.now(UTC)
    shown = _shown(_find(request, connection, now), _asked_at(request), now)
    return render(request, "uptake/connection.html", {"one": shown, **_rights(request)})


@sensitive_post_parameters("admin_key", "analytics_key")
@require_http_methods(["GET", "HEAD", "POST"])
def connect(request: HttpRequest) -> HttpResponse:
    """Connect one more Claude organisation."""
    if request.method == "POST":
        return _connect(request, request.POST.get("name", ""), {})
    return render(request, "uptake/connect.html", {"name": "" if _any_connection(request) else "Claude"})


@sensitive_post_parameters("admin_key", "analytics_key")
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: HttpRequest, connection: str) -> HttpResponse:
    """Replace the keys of a connection; the old ones stay in force until the new ones are found good."""
    view = _find(request, connection, datetime.now(UTC))
    if request.method == "POST":
        return _connect(request, view.name, {"replacing": view})
    return render(request, "uptake/connect.html", {"name": view.name, "replacing": view})


@sensitive_variables("admin", "analytics")
def _connect(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    # From here on the keys are Secrets: no page, log or traceback can show them.
    admin = Secret(request.POST.get("admin_key", ""))
    analytics = admin if request.POST.get("same_key") else Secret(request.POST.get("analytics_key", ""))
    now = datetime.now(UTC)
    try:
        done = connections.connect(
            viewer_of(request),
            settings.UPTAKE,
            name=name,
            admin_key=admin,
            analytics_key=analytics,
            now=now,
        )
    except Problem as problem:
        return render(
            request, "uptake/connect.html", {**context, "name": name, "problem": problem}, status=status_of(problem)
        )
    _tell_connected(request, done)
    return redirect(_asked(now))


def _tell_connected(request: HttpRequest, done: Connected) -> None:
    what = "The keys were replaced" if done.replaced else "Claude is connected"
    found = [f"{'Admin key' if r.slot == 'admin' else 'Analytics key'}: {r.words}" for r in done.reports]
    messages.success(request, " ".join([f"{what}: {done.name}.", *found, done.match]), extra_tags="good")
    for warning in done.warnings:
        messages.warning(request, warning, extra_tags="attention")


@require_POST
def sync(request: HttpRequest, connection: str) -> HttpResponse:
    now = datetime.now(UTC)
    view = _find(request, connection, now)
    syncing.request_sync(viewer_of(request), settings.UPTAKE, name=view.name)
    return redirect(_asked(now))


@require_http_methods(["GET", "HEAD", "POST"])
def disconnect(request: HttpRequest, connection: str) -> HttpResponse:
    """GET says what each choice means; POST does it, and erases only where that was chosen."""
    now = datetime.now(UTC)
    view = _find(request, connection, now)
    if request.method != "POST":
        return render(request, "uptake/disconnect.html", {"view": view, **_rights(request)})
    erase = request.POST.get("data") == "erase"
    receipt = disconnects.disconnect(
        viewer_of(request),
        settings.UPTAKE,
        name=view.name,
        erase=erase,
        now=now,
    )
    messages.success(request, _receipt_words(receipt), extra_tags="good")
    messages.warning(request, receipt.advice, extra_tags="attention")
    return redirect(_LIST)


def _receipt_words(receipt: Receipt) -> str:
    if not receipt.erased:
        return f"{receipt.name} is disconnected. Both keys are destroyed; what was read stays."
    removed = [f"{words.number(count)} {kind}" for kind, count in receipt.counts.items() if count]
    return f"{receipt.name} is disconnected and its data are erased: {words.listed(removed) or 'nothing was held'}."


def _shown(view: ConnectionView, asked_at: datetime | None, now: datetime) -> dict[str, Any]:
    """What the template of one connection needs."""
    days = standing.days_now(view)
    weeks, earlier = standing.split_weeks(standing.calendar(days))
    run = standing.running(view)
    awaited = standing.awaited(view, asked_at, now)
    return {
        "view": view,
        "now": now,
        "keys": standing.key_lines(view),
        "streams": standing.stream_lines(view),
        "troubles": standing.troubles(view),
        "weeks": weeks,
        "earlier": earlier,
        "day_states": standing.states_shown(days),
        "runs": standing.run_lines(view),
        "running": run,
        "awaited": awaited,
        "poll": f"{reverse('integration_progress', args=[view.id])}{_asked_query(asked_at)}" if run or awaited else "",
    }


def _rights(request: HttpRequest) -> dict[str, bool]:
    viewer = viewer_of(request)
    actions = {"may_connect": "connection.connect", "may_sync": "sync.run", "may_disconnect": "connection.disconnect"}
    return {name: may(viewer, action) for name, action in actions.items()} | {
        "may_erase": may(viewer, "connection.erase")
    }


def _find(request: HttpRequest, connection: str, now: datetime) -> ConnectionView:
    for view in state.connections(viewer_of(request), settings.UPTAKE, now):
        if view.id == connection:
            return view
    raise Http404


def _any_connection(request: HttpRequest) -> bool:
    return bool(state.connections(viewer_of(request), settings.UPTAKE, datetime.now(UTC)))


def _asked(now: datetime) -> str:
    """The page, told that a sync was asked for just now: it looks until that has started."""
    return reverse(_LIST) + _asked_query(now)


def _asked_query(asked_at: datetime | None) -> str:
    return f"?asked={int(asked_at.timestamp())}" if asked_at else ""


def _asked_at(request: HttpRequest) -> datetime | None:
    text = request.GET.get("asked", "")
    # Ten digits reach the year 2286; anything longer is not ours.
    return datetime.fromtimestamp(int(text), UTC) if text.isascii() and text.isdigit() and len(text) <= 10 else None
