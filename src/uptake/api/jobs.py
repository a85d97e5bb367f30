"""Exports: asked for, looked after, fetched within a day, thrown away."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from django.conf import settings as django_settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Body, Path, Query, Router, Schema
from pydantic import ConfigDict

from uptake.actions import export_jobs
from uptake.actions.exports import Wanted
from uptake.api import examples
from uptake.api.described import answers, gives, nothing
from uptake.api.door import sent, sent_if_new, viewer_of
from uptake.api.paging import Most
from uptake.api.questions import Asked, Day
from uptake.metrics import files

router = Router(tags=["Exports"])

_ID = r"^[0-9a-f]{24}$"
_MEDIA: dict[str, str] = {str(name): kind for name, kind in files.MEDIA.items()} | {"jsonl": "application/jsonl"}
ExportId = Annotated[str, Path(pattern=_ID, description="The id of an export of yours.")]
After = Annotated[str | None, Query(pattern=_ID, description="`next` of the part before.")]


class Figures(Asked):
    """An answer as a file."""

    what: Literal["figures"]
    format: files.Format = "xlsx"


class Held(Schema):
    """The facts as held, where the visibility policy opens them. The days do not narrow members."""

    model_config = ConfigDict(extra="forbid")

    what: Literal["usage", "members", "summaries"]
    format: Literal["jsonl", "csv", "parquet"] = "parquet"
    since: Day | None = None
    until: Day | None = None


_EXAMPLES = {
    "figures": {"value": examples.WANTED_FIGURES},
    "facts": {"value": examples.WANTED_FACTS},
}
_ASKED = answers("JobView", 400, 422, 429, example=examples.EXPORT, status=202, tag=False)
_ASKED["requestBody"] = {"content": {"application/json": {"examples": _EXAMPLES}}}


@router.post("/exports", summary="Ask for a file", response={202: None}, openapi_extra=_ASKED)
def ask(request: HttpRequest, wanted: Annotated[Figures | Held, Body(discriminator="what")]) -> HttpResponse:
    """It is made soon; `state` says when it is `ready`. At most five may be under way."""
    viewer, settings, now = viewer_of(request), django_settings.UPTAKE, datetime.now(UTC)
    if isinstance(wanted, Figures):
        job = export_jobs.ask_figures(viewer, settings, wanted.question(), wanted.format, now)
    else:
        facts = Wanted(wanted.what, wanted.format, wanted.since, wanted.until)
        job = export_jobs.ask_facts(viewer, facts, now)
    response = sent(job, status=202)
    response.headers["Location"] = f"/api/v1/exports/{job.id}"
    return response


@router.get("/exports", summary="The exports you asked for, newest first", openapi_extra=answers("ExportPage", 422))
def listed(request: HttpRequest, limit: Most = 100, cursor: After = None) -> HttpResponse:
    items, after = export_jobs.listed(viewer_of(request), cursor, limit)
    return sent_if_new(request, {"items": items, "next": after})


@router.get(
    "/exports/{export}",
    summary="How an export stands",
    openapi_extra=answers("JobView", 404, 422, example=examples.EXPORT),
)
def seen(request: HttpRequest, export: ExportId) -> HttpResponse:
    return sent_if_new(request, export_jobs.seen(viewer_of(request), export))


@router.delete(
    "/exports/{export}", summary="Throw an export away", response={204: None}, openapi_extra=nothing(404, 422)
)
def dropped(request: HttpRequest, export: ExportId) -> HttpResponse:
    export_jobs.drop(viewer_of(request), django_settings.UPTAKE, export)
    return HttpResponse(status=204)


@router.get("/exports/{export}/file", summary="The file", openapi_extra=gives(_MEDIA.values(), 404, 409, 422))
def fetched(request: HttpRequest, export: ExportId) -> HttpResponseBase:
    """Whether it may be had is asked anew, and the audit says that it was fetched."""
    job, file = export_jobs.fetch(viewer_of(request), django_settings.UPTAKE, export, datetime.now(UTC))
    name = f"uptake-{job.what}.{job.format}"
    return FileResponse(file, as_attachment=True, filename=name, content_type=_MEDIA[job.format])
