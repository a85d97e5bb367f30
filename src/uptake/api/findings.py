"""Findings: what changed beyond chance, with size, range and evidence; within the rights of whoever asks."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings as django_settings
from django.http import HttpRequest, HttpResponse
from ninja import Router

from uptake import insights, metrics
from uptake.api.described import answers
from uptake.api.door import sent_if_new, viewer_of

router = Router(tags=["Findings"])


@router.get(
    "/insights", summary="What changed beyond chance, and what was looked at", openapi_extra=answers("Findings")
)
def found(request: HttpRequest) -> HttpResponse:
    """`ready` is false while it is still being worked out from the newest facts; ask again in a minute."""
    facts = metrics.current_facts(django_settings.UPTAKE)
    return sent_if_new(request, insights.findings(viewer_of(request), facts, datetime.now(UTC).date()))
