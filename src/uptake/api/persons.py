"""Members and people by name, for whom the policy lets files about persons be made; each part is an entry of the audit."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings as django_settings
from django.http import HttpRequest, HttpResponse
from ninja import Router

from uptake.actions import listings
from uptake.api import examples
from uptake.api.described import answers
from uptake.api.door import sent_if_new, viewer_of
from uptake.api.paging import Digest, Most

router = Router(tags=["Persons"])


@router.get(
    "/members",
    summary="Everybody known at Claude: on the roster, invited, removed, or only seen in usage",
    openapi_extra=answers("MemberPage", 422, example=examples.MEMBERS),
)
def members(request: HttpRequest, limit: Most = 100, cursor: Digest = None) -> HttpResponse:
    now = datetime.now(UTC)
    part, after = listings.members(viewer_of(request), django_settings.UPTAKE, cursor or "", limit, now)
    return sent_if_new(request, {"items": part, "next": after})


@router.get(
    "/people", summary="Everybody whom the company's directory lists", openapi_extra=answers("PersonPage", 400, 422)
)
def people(request: HttpRequest, limit: Most = 100, cursor: Digest = None) -> HttpResponse:
    now = datetime.now(UTC)
    part, after = listings.people(viewer_of(request), django_settings.UPTAKE, cursor or "", limit, now)
    return sent_if_new(request, {"items": part, "next": after})
