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

from uptake.actions import connections, disconnects, handover, state, syncing
from uptake.actions.connections import Connected
from uptake.actions.disconnects import Receipt
from uptake.actions.views import ConnectionView
from uptake.domain.access import may
from uptake.domain.problems import Problem, Refused
from uptake.domain.secret import Secret
from uptake.domain.slots import GUIDES, SLOTS, Slot, slot_named
from uptake.web import reviewed, standing, words
from uptake.web.policies import viewer_of
from uptake.web.problems import status_of

_LIST = "integrations"


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Every connection as it stands; without any, the form to connect the first."""
    now = datetime.now(UTC)
    views = state.connections(viewer_of(request), settings.UPTAKE, now)
    shown = [_shown(view, now) for view in views]
    form = _form(handover.waited_for() or "Claude")
    return render(request, "uptake/integrations.html", {"shown": shown, **_rights(request), **form})


@require_safe
def progress(request: HttpRequest, connection: str) -> HttpResponse:
    """One connection, again: htmx asks for it every two seconds while a sync is under way."""
    now = datetime.now(UTC)
    shown = _shown(_find(request, connection, now), now)
    return render(request, "uptake/connection.html", {"one": shown, **_rights(request)})


@require_safe
def troubles(request: HttpRequest, connection: str) -> HttpResponse:
    """What is wrong now, if anything is: an open page asks for it twice in ninety seconds."""
    view = _find(request, connection, datetime.now(UTC))
    return render(request, "uptake/troubles.html", {"one": {"troubles": standing.troubles(view)}})


@sensitive_post_parameters("admin_key", "analytics_key")
@sensitive_variables("key")
@require_POST
def check_key(request: HttpRequest, slot: str) -> HttpResponse:
    """What a key is that was just pasted, in words; nothing is stored."""
    chosen = slot_named(slot)
    if chosen is None:
        raise Http404
    key = Secret(request.POST.get(f"{slot}_key", ""))
    report = connections.check_key(viewer_of(request), settings.UPTAKE, slot=chosen, key=key, now=datetime.now(UTC))
    return render(request, "uptake/found.html", {"report": report})


@sensitive_post_parameters("admin_key", "analytics_key")
@require_http_methods(["GET", "HEAD", "POST"])
def connect(request: HttpRequest) -> HttpResponse:
    """Connect one more Claude organisation."""
    if request.method == "POST":
        return _connect(request, request.POST.get("name", ""), {})
    name = handover.waited_for() or ("" if state.any_connection(viewer_of(request)) else "Claude")
    return render(request, "uptake/connect.html", _form(name))


@sensitive_post_parameters("admin_key", "analytics_key")
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: HttpRequest, connection: str) -> HttpResponse:
    """Replace one key of a connection or both; the old ones stay in force until the new ones are found good."""
    view = _find(request, connection, datetime.now(UTC))
    if request.method == "POST":
        return _connect(request, view.name, {"replacing": view})
    return render(request, "uptake/connect.html", _form(view.name) | {"replacing": view})


@sensitive_variables("admin", "analytics", "given")
def _connect(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    # From here on the keys are Secrets: no page, log or traceback can show them.
    admin = _key(request, "admin_key")
    analytics = admin if request.POST.get("same_key") else _key(request, "analytics_key")
    now = datetime.now(UTC)
    replacing: ConnectionView | None = context.get("replacing")
    try:
        if replacing and replacing.state == "connected" and not (admin and analytics):
            done = _replace_one(request, replacing.name, admin, analytics, now)
        else:
            done = connections.connect(
                viewer_of(request), settings.UPTAKE, name=name, admin_key=admin, analytics_key=analytics, now=now
            )
    except Problem as problem:
        shown = {**context, **_form(name), "problem": problem}
        return render(request, "uptake/connect.html", shown, status=status_of(problem))
    _tell_connected(request, done)
    return redirect(_LIST)


def _key(request: HttpRequest, field: str) -> Secret | None:
    """The key of a field; None where it was left empty."""
    text = request.POST.get(field, "")
    return Secret(text) if text.strip() else None


@sensitive_variables("admin", "analytics", "key")
def _replace_one(
    request: HttpRequest, name: str, admin: Secret | None, analytics: Secret | None, now: datetime
) -> Connected:
    key = admin or analytics
    if key is None:
        raise Refused("No key was given. Nothing was changed.", "Paste the key that is to be replaced; one is enough.")
    slot: Slot = "admin" if admin else "analytics"
    return connections.replace_key(viewer_of(request), settings.UPTAKE, name=name, slot=slot, key=key, now=now)


def _form(name: str) -> dict[str, Any]:
    """What the form for two keys needs: its words, and which keys wait that were handed over for that name."""
    return {"name": name, "guides": GUIDES, "waiting": {slot: handover.waits(name, slot) for slot in SLOTS}}


def _tell_connected(request: HttpRequest, done: Connected) -> None:
    labels = [GUIDES[report.slot].label for report in done.reports]
    replaced = f"The {words.listed(labels)} {'was' if len(labels) == 1 else 'were'} replaced"
    what = replaced if done.replaced else "Claude is connected"
    found = [f"{GUIDES[report.slot].label}: {report.words}" for report in done.reports]
    messages.success(request, " ".join([f"{what}: {done.name}.", *found, done.match]), extra_tags="good")
    for warning in done.warnings:
        messages.warning(request, warning, extra_tags="attention")


@require_POST
def sync(request: HttpRequest, connection: str) -> HttpResponse:
    now = datetime.now(UTC)
    view = _find(request, connection, now)
    syncing.request_sync(viewer_of(request), settings.UPTAKE, name=view.name)
    return redirect(_LIST)


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
    removed = [f"{words.number(count)} {kind.replace('_', ' ')}" for kind, count in receipt.counts.items() if count]
    return f"{receipt.name} is disconnected and its data are erased: {words.listed(removed) or 'nothing was held'}."


def _shown(view: ConnectionView, now: datetime) -> dict[str, Any]:
    """What the template of one connection needs."""
    days = standing.days_now(view)
    weeks, earlier = standing.split_weeks(standing.calendar(days))
    run = standing.running(view)
    awaited = standing.awaited(view, now)
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
        "poll": reverse("integration_progress", args=[view.id]) if run or awaited else "",
        "reviewed": reviewed.reviewed(view),
    }


def _rights(request: HttpRequest) -> dict[str, bool]:
    viewer = viewer_of(request)
    actions = {"may_connect": "connection.connect", "may_sync": "sync.run", "may_disconnect": "connection.disconnect"}
    more = {"may_erase": "connection.erase", "may_release": "held_back.release"}
    return {name: may(viewer, action) for name, action in (actions | more).items()}


def _find(request: HttpRequest, connection: str, now: datetime) -> ConnectionView:
    view = state.one(viewer_of(request), settings.UPTAKE, connection, now)
    if view is None:
        raise Http404
    return view
