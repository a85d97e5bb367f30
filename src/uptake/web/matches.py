"""People › Matches: which of Claude's members is which person of the directory, and what somebody said about it."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from uptake.actions import identities
from uptake.domain.problems import Problem
from uptake.web import words
from uptake.web.people import rights
from uptake.web.policies import viewer_of

_SHOWN = 50
_HOWS = (
    ("email", "by their main address"),
    ("alias", "by another address"),
    ("id", "by their id"),
    ("said", "because somebody said so"),
)


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    bench = identities.workbench(viewer_of(request), settings.UPTAKE)
    hows = [f"{words.number(bench.by_how[how])} {text}" for how, text in _HOWS if bench.by_how[how]]
    context = {
        "bench": bench,
        "how": words.listed(hows),
        "open": bench.open[:_SHOWN],
        "more_open": max(0, len(bench.open) - _SHOWN),
        "without": bench.people_without[:_SHOWN],
        "more_without": max(0, len(bench.people_without) - _SHOWN),
        "several": len({one.connection for one in bench.open}) > 1,
        "now": datetime.now(UTC),
        **rights(request),
    }
    return render(request, "uptake/matches.html", context)


@require_POST
def say(request: HttpRequest) -> HttpResponse:
    """What a member is: the person of a suggestion, the person typed in, or nobody of the directory."""
    viewer, now = viewer_of(request), datetime.now(UTC)
    connection, member = request.POST.get("connection", ""), request.POST.get("member", "")
    act = request.POST.get("act", "")
    if act == "nobody":
        person = ""
    elif act == "typed":
        person = identities.find(viewer, settings.UPTAKE, request.POST.get("typed", ""))
    elif act.startswith("person:"):
        person = act.removeprefix("person:")
    else:
        raise Problem("Nothing was chosen, and nothing was changed.", "Choose a person, or say that it is nobody.")
    identities.link(viewer, settings.UPTAKE, connection=connection, member_id=member, person_id=person, now=now)
    text = "Said, and kept whatever a sync or an import brings. It can be taken back below."
    messages.success(request, text, extra_tags="good")
    return redirect("people_matches")


@require_POST
def mark(request: HttpRequest) -> HttpResponse:
    """Mark a member as a contractor or a service account, or take the mark away."""
    identities.mark(
        viewer_of(request),
        settings.UPTAKE,
        connection=request.POST.get("connection", ""),
        member_id=request.POST.get("member", ""),
        population=request.POST.get("population", ""),
        now=datetime.now(UTC),
    )
    messages.success(request, "Marked.", extra_tags="good")
    return redirect("people_matches")


@require_POST
def take_back(request: HttpRequest) -> HttpResponse:
    """Take back what was said: ids and addresses tell again."""
    number = request.POST.get("link", "")
    link_id = int(number) if number.isdecimal() and len(number) < 15 else 0
    identities.unlink(viewer_of(request), link_id=link_id, now=datetime.now(UTC))
    messages.success(request, "Taken back.", extra_tags="good")
    return redirect("people_matches")
