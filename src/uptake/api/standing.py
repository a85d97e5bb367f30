"""How everything stands: all connections at once as `uptake status --json` says it, or one by one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from django.conf import settings as django_settings
from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router

from uptake.actions import state
from uptake.api.described import answers
from uptake.api.door import sent_if_new, viewer_of
from uptake.api.paging import Most
from uptake.domain.problems import Absent

router = Router(tags=["Connections"])

_ID = r"^[0-9a-f]{12}$"
ConnectionId = Annotated[str, Path(pattern=_ID, description="The id of a connection.")]
After = Annotated[str | None, Query(pattern=_ID, description="`next` of the part before.")]


@router.get("/status", summary="Connections, keys, streams and days", openapi_extra=answers("Status"))
def status(request: HttpRequest) -> HttpResponse:
    """The shape of `uptake status --json`."""
    views = state.connections(viewer_of(request), django_settings.UPTAKE, datetime.now(UTC))
    return sent_if_new(request, state.as_json(views) | {"healthy": state.healthy(views)})


@router.get("/connections", summary="The connections, part by part", openapi_extra=answers("ConnectionPage", 422))
def connections(request: HttpRequest, limit: Most = 100, cursor: After = None) -> HttpResponse:
    found = sorted(_connections(request), key=lambda one: str(one["id"]))
    rest = [one for one in found if cursor is None or one["id"] > cursor]
    part = rest[:limit]
    return sent_if_new(request, {"items": part, "next": part[-1]["id"] if len(rest) > limit else None})


@router.get("/connections/{connection}", summary="One connection", openapi_extra=answers("ConnectionState", 404, 422))
def one(request: HttpRequest, connection: ConnectionId) -> HttpResponse:
    found = next((known for known in _connections(request) if known["id"] == connection), None)
    if found is None:
        raise Absent("There is no connection of that id.", "GET /api/v1/connections lists them.")
    return sent_if_new(request, found)


def _connections(request: HttpRequest) -> list[dict[str, Any]]:
    views = state.connections(viewer_of(request), django_settings.UPTAKE, datetime.now(UTC))
    told = state.as_json(views)["connections"]
    return [{"id": view.id, **said} for view, said in zip(views, told, strict=True)]
