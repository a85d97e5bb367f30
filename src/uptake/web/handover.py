"""Hand-over links: made and withdrawn by those who connect; used by somebody without an account, who gives one key."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from uptake.actions import handover
from uptake.actions.handover import Gone, Link
from uptake.domain.access import OPERATOR
from uptake.domain.problems import Problem
from uptake.domain.secret import Secret
from uptake.domain.slots import GUIDES, slot_named
from uptake.web.policies import viewer_of
from uptake.web.problems import status_of

_STATES = {
    "open": ("open", "good"),
    "waiting": ("key given, waits for the other one", "attention"),
    "used": ("used", "quiet"),
    "withdrawn": ("withdrawn", "quiet"),
    "expired": ("expired", "quiet"),
}


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """The links there are, and the form for one more. A new link is on this one answer only, nowhere else."""
    now = datetime.now(UTC)
    chosen = slot_named(request.POST.get("slot", "") or request.GET.get("slot", "")) or "analytics"
    name = request.POST.get("name", "") or request.GET.get("name", "") or "Claude"
    made = ""
    if request.method == "POST":
        path = handover.create(viewer_of(request), name=name, slot=chosen, now=now)
        made = request.build_absolute_uri(path)
    context = {"name": name, "guide": GUIDES[chosen], "guides": GUIDES.values(), "made": made, "now": now}
    return render(request, "uptake/hand_over.html", context | {"links": _lines(request, now)})


def _lines(request: HttpRequest, now: datetime) -> list[dict[str, Any]]:
    return [_line(link) for link in handover.links(viewer_of(request), now)]


def _line(link: Link) -> dict[str, Any]:
    state, tone = _STATES[link.state]
    may_end = link.state in {"open", "waiting"}
    return {"link": link, "label": GUIDES[link.slot].label, "state": state, "tone": tone, "may_end": may_end}


@require_POST
def withdraw(request: HttpRequest, link: str) -> HttpResponse:
    handover.withdraw(viewer_of(request), link=link, now=datetime.now(UTC))
    messages.success(request, "The link is withdrawn; a key that waited from it is destroyed.", extra_tags="good")
    return redirect("hand_over")


@sensitive_post_parameters("key")
@sensitive_variables("key")
@require_http_methods(["GET", "HEAD", "POST"])
def handed(request: HttpRequest, token: str) -> HttpResponse:
    """GET says which key is asked for and uses nothing up. POST takes the key; a refused one may be tried again."""
    now = datetime.now(UTC)
    asked = handover.asked_for(token, now)
    if asked is None:
        return _gone(request, handover.gone())
    context = {"asked": asked, "guide": asked.guide, "by_operator": asked.asked_by == OPERATOR.name, "now": now}
    if request.method != "POST":
        return render(request, "uptake/handed.html", context)
    key = Secret(request.POST.get("key", ""))
    try:
        received = handover.receive(settings.UPTAKE, token, key, now)
    except Gone as gone:
        return _gone(request, gone)
    except Problem as problem:
        return render(request, "uptake/handed.html", context | {"problem": problem}, status=status_of(problem))
    return render(request, "uptake/handed.html", context | {"received": received})


def _gone(request: HttpRequest, gone: Gone) -> HttpResponse:
    return render(request, "uptake/handed.html", {"gone": gone}, status=410)
