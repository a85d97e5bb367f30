"""Audit: who did what, for Company Admin and Auditor; the chain checked; the entries as a file."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from uptake.actions import auditing
from uptake.actions.auditing import Sought
from uptake.domain.access import ACTIONS, OPERATOR, SCHEDULE, Role
from uptake.web import words
from uptake.web.policies import viewer_of

if TYPE_CHECKING:
    from uptake.records.models import AuditEntry

_ROLES = {role.value: role.label for role in Role}


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    sought = _sought(request)
    below = request.GET.get("below", "")
    leaf = auditing.leaf(viewer_of(request), sought, int(below) if below.isdecimal() and len(below) < 18 else None)
    filters = {name: value for name, value in request.GET.items() if name != "below" and value}
    older = urlencode({**filters, "below": leaf.older}) if leaf.older else ""
    lines = [(entry, _role_of(entry), auditing.words_of(entry)) for entry in leaf.entries]
    context = {
        "lines": lines,
        "found": words.plural(leaf.found, "entry", "entries"),
        "older": older,
        "below": below,
        "sought": sought,
        "filtered": bool(filters),
        "filters": filters,
        "actions": sorted(ACTIONS),
        "now": datetime.now(UTC),
    }
    return render(request, "uptake/audit.html", context)


def _role_of(entry: AuditEntry) -> str:
    """The role somebody had then; who acts on the host has none, and may all of it."""
    on_host = entry.actor in {OPERATOR.name, SCHEDULE.name}
    return "on the host" if on_host else _ROLES.get(entry.role, entry.role)


@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    verdict = auditing.verify(viewer_of(request), settings.UPTAKE)
    if verdict.intact:
        whole = f"The audit is whole: {words.plural(verdict.entries, 'entry', 'entries')}, each as it was written."
        messages.success(request, " ".join((whole, *verdict.notes)), extra_tags="good")
    else:
        named = "; ".join(f"entry {fault.number} {fault.words}" for fault in verdict.faults[:5])
        told = (
            f"The audit is not what was written: {named}. Keep a copy of the database and the logs, then look into it."
        )
        messages.error(request, told, extra_tags="bad")
    return redirect("audit")


@require_POST
def export(request: HttpRequest) -> HttpResponseBase:
    kind = "csv" if request.POST.get("format") == "csv" else "json"
    now = datetime.now(UTC)
    pieces = auditing.export(viewer_of(request), _sought(request), "csv" if kind == "csv" else "json", now)
    media = "text/csv; charset=utf-8" if kind == "csv" else "application/json"
    response = StreamingHttpResponse(pieces, content_type=media)
    response.headers["Content-Disposition"] = f'attachment; filename="audit-{now:%Y-%m-%d}.{kind}"'
    return response


def _sought(request: HttpRequest) -> Sought:
    given = request.POST if request.method == "POST" else request.GET
    action = given.get("action", "")
    return Sought(
        actor=given.get("actor", "").strip()[:254].replace("\0", ""),
        action=action if action in ACTIONS else "",
        since=_day(given.get("since", "")),
        until=_day(given.get("until", "")),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
