"""For machines: alive, ready, gauges. Nothing here names a person, a path or a key."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from uptake.actions import gauges
from uptake.actions.readiness import readiness

_LOOPBACK = {"127.0.0.1", "::1"}


@require_safe
def livez(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    parts = readiness(settings.UPTAKE)
    return JsonResponse(parts, status=200 if set(parts.values()) == {"ok"} else 503)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Gauges for Prometheus, for collectors on this machine only; a proxy in front makes a request a stranger's."""
    if request.META.get("REMOTE_ADDR") not in _LOOPBACK or "X-Forwarded-For" in request.headers:
        return HttpResponse("Only from this machine.\n", status=403, content_type="text/plain")
    text = gauges.gauges(settings.UPTAKE, datetime.now(UTC))
    return HttpResponse(text, content_type="text/plain; version=0.0.4; charset=utf-8")
