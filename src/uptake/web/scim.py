"""People › Sources › SCIM: tokens for an identity provider, the groups it sends, and the role that one of them may give."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from uptake.actions import scim_accounts, scim_groups, scim_tokens
from uptake.domain.access import may
from uptake.people.scim.kept import PERSON, WORK
from uptake.web.policies import viewer_of

_LASTS = {"": None, "90": timedelta(days=90), "365": timedelta(days=365)}
_NEVER_TOLD = {"id", "meta", "groups"}


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    return render(request, "uptake/people_scim.html", _standing(request))


@require_POST
def make_token(request: HttpRequest) -> HttpResponse:
    """A new token, shown on the page that answers and never again."""
    lasts = _LASTS.get(request.POST.get("days", ""), timedelta(0))
    name, now = request.POST.get("name", ""), datetime.now(UTC)
    made = scim_tokens.connect(viewer_of(request), name=name, lasts=lasts, now=now)
    return render(request, "uptake/people_scim.html", _standing(request) | {"made": made.expose()})


@require_POST
def revoke_token(request: HttpRequest, token: int) -> HttpResponse:
    scim_tokens.revoke(viewer_of(request), token=token, now=datetime.now(UTC))
    messages.success(request, "The token is revoked; whoever has it is refused from now on.", extra_tags="good")
    return redirect("people_scim")


@require_POST
def map_group(request: HttpRequest) -> HttpResponse:
    group, role = request.POST.get("group", ""), request.POST.get("role", "")
    scim_groups.map_group(viewer_of(request), group_id=group, role=role, now=datetime.now(UTC))
    messages.success(request, "What the group gives is changed, for everybody who is in it.", extra_tags="good")
    return redirect("people_scim")


def _standing(request: HttpRequest) -> dict[str, Any]:
    viewer, now = viewer_of(request), datetime.now(UTC)
    kept = [one.name for one in (*PERSON.parts, *WORK.parts) if one is not WORK and one.name not in _NEVER_TOLD]
    return {
        "tokens": scim_tokens.listed(viewer, now),
        "groups": scim_groups.listed(viewer),
        "roles": scim_accounts.ROLES,
        "kept": kept,
        "accounts": settings.UPTAKE.scim_accounts,
        "address": request.build_absolute_uri("/scim/v2"),
        "now": now,
        "may_connect": may(viewer, "scim.connect"),
        "may_map": may(viewer, "scim.map_group"),
    }
