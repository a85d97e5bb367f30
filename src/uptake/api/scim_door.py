"""The door of /scim/v2: only a token made for SCIM passes, bodies are bounded, and every refusal has SCIM's shape.

Stands where django-scim2 has its own check: that one lets in anybody who is signed in, and logs bodies.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import structlog
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django_scim import constants
from django_scim.exceptions import SCIMException

from uptake.actions.scim_tokens import viewer_of_token
from uptake.domain.access import Viewer
from uptake.domain.problems import NotAllowed, Problem
from uptake.people.scim.sieve import Wrong

log = structlog.get_logger("uptake.scim")

LARGEST = 1 << 20
_A_MINUTE = 6_000
_BROKEN = "Something here is broken; the error is in uptake's log. Nothing was changed."
_BUSY = "The records cannot be written at the moment. Nothing was changed; try again."


def error(status: int, detail: str, kind: str = "") -> HttpResponse:
    """A refusal as SCIM writes it."""
    body = {"schemas": [constants.SchemaURI.ERROR], "status": str(status), "detail": detail}
    body |= {"scimType": kind} if kind else {}
    return HttpResponse(json.dumps(body), content_type=constants.SCIM_CONTENT_TYPE, status=status)


class Door:
    """In the place of django-scim2's AUTH_CHECK_MIDDLEWARE. Cookies and sessions are not looked at."""

    def __init__(self, get_response: Callable[..., HttpResponse]) -> None:
        self._view = get_response

    def __call__(self, request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        try:
            return self._refused(request) or self._view(request, *args, **more)
        except Exception as trouble:  # noqa: BLE001 - the outermost door of this protocol: never a traceback
            return _answer(trouble)

    def _refused(self, request: HttpRequest) -> HttpResponse | None:
        now = datetime.now(UTC)
        request.user = AnonymousUser()
        viewer = viewer_of_token(_bearer(request), now)
        if viewer is None:
            refusal = error(HTTPStatus.UNAUTHORIZED, "A token made for SCIM is needed: Authorization: Bearer …")
            refusal["WWW-Authenticate"] = 'Bearer realm="scim"'
            return refusal
        if not _RATE.takes(viewer.name, time.monotonic()):
            refusal = error(HTTPStatus.TOO_MANY_REQUESTS, f"More than {_A_MINUTE:,} requests came in a minute.")
            refusal["Retry-After"] = "60"
            return refusal
        if _length(request) > LARGEST:
            return error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A body is at most {LARGEST:,} bytes.", "tooMany")
        request.scim_viewer = viewer  # type: ignore[attr-defined]
        return None


def viewer_of(request: HttpRequest) -> Viewer:
    """Who asks, behind the door."""
    viewer: Viewer = request.scim_viewer  # type: ignore[attr-defined]
    return viewer


def _bearer(request: HttpRequest) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.casefold() == "bearer" else ""


def _length(request: HttpRequest) -> int:
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else LARGEST + 1


def _answer(trouble: Exception) -> HttpResponse:
    if isinstance(trouble, Wrong):
        return error(trouble.status, trouble.detail, trouble.kind)
    if isinstance(trouble, SCIMException):
        return error(trouble.status, str(trouble.detail), trouble.scim_type or "")
    if isinstance(trouble, NotAllowed):
        return error(HTTPStatus.FORBIDDEN, str(trouble))
    if isinstance(trouble, Problem):
        return error(HTTPStatus.SERVICE_UNAVAILABLE, str(trouble))
    if isinstance(trouble, DatabaseError):
        log.warning("the database did not take a SCIM change", kind=type(trouble).__name__)
        return error(HTTPStatus.SERVICE_UNAVAILABLE, _BUSY)
    log.error("a SCIM request ended unexpectedly", kind=type(trouble).__name__, exc_info=trouble)
    return error(HTTPStatus.INTERNAL_SERVER_ERROR, _BROKEN)


class _Rate:
    """So many requests of a token in a minute, by a bucket that fills evenly. Counted by this process alone."""

    def __init__(self, a_minute: int) -> None:
        self._most, self._left, self._lock = float(a_minute), dict[str, tuple[float, float]](), threading.Lock()

    def takes(self, who: str, now: float) -> bool:
        with self._lock:
            left, at = self._left.get(who, (self._most, now))
            left = min(self._most, left + (now - at) * self._most / 60)
            self._left[who] = (max(left - 1, 0.0), now)
            return left >= 1


_RATE = _Rate(_A_MINUTE)
