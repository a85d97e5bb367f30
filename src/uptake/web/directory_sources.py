"""People › Sources: connect 15Five, have it read again, accept a loss that is meant, disconnect."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from uptake.actions import claude_groups, sources
from uptake.domain.problems import Problem
from uptake.domain.secret import Secret
from uptake.people.delivery import FIFTEEN_FIVE, SCIM
from uptake.people.sources import LABELS
from uptake.web.policies import viewer_of
from uptake.web.problems import status_of


@sensitive_post_parameters("key")
@sensitive_variables("key")
@require_http_methods(["GET", "HEAD", "POST"])
def connect(request: HttpRequest) -> HttpResponse:
    """GET says what is read and asks for the key; POST checks it, seals it and has 15Five read."""
    if request.method != "POST":
        return render(request, "uptake/people_fifteen_five.html", {"address": settings.UPTAKE.fifteen_five_url})
    key = Secret(request.POST.get("key", ""))
    try:
        sources.connect_fifteen_five(viewer_of(request), settings.UPTAKE, key, datetime.now(UTC), time.sleep)
    except Problem as problem:
        context = {"problem": problem, "address": settings.UPTAKE.fifteen_five_url}
        return render(request, "uptake/people_fifteen_five.html", context, status=status_of(problem))
    text = "15Five accepted the key. It is read in the next minutes; the page shows when."
    messages.success(request, text, extra_tags="good")
    return redirect("people")


@require_POST
def groups(request: HttpRequest) -> HttpResponse:
    """Have Claude's groups read from now on."""
    claude_groups.switch_on(viewer_of(request), datetime.now(UTC))
    messages.success(request, "Claude’s groups are read in the next minutes, then twice a day.", extra_tags="good")
    return redirect("people")


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Ask for a source to be read soon."""
    name = request.POST.get("source", "")
    sources.request(viewer_of(request), name, datetime.now(UTC))
    messages.success(request, f"{LABELS[name]} is read in the next minutes.", extra_tags="good")
    return redirect("people")


@require_POST
def accept(request: HttpRequest) -> HttpResponse:
    """Accept a delivery that is held back, exactly as the page showed it."""
    name, mark = request.POST.get("source", ""), request.POST.get("mark", "")
    sources.accept(viewer_of(request), name, mark, datetime.now(UTC))
    messages.success(request, "Accepted. If the same is told again, it is applied.", extra_tags="good")
    return redirect("people")


@require_POST
def disconnect(request: HttpRequest) -> HttpResponse:
    """Destroy the key of 15Five, or read Claude's groups no more; what was told stays."""
    name = request.POST.get("source", FIFTEEN_FIVE)
    sources.disconnect(viewer_of(request), name, datetime.now(UTC))
    text = f"{LABELS[name]} is not read any more. What it told stays."
    text += {
        FIFTEEN_FIVE: " Its key is destroyed here; delete it in 15Five too.",
        SCIM: " Its tokens are revoked; stop provisioning at the identity provider too.",
    }.get(name, "")
    messages.success(request, text, extra_tags="good")
    return redirect("people")
