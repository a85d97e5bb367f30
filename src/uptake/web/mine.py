"""My data: what is held about oneself; one person of the directory, where the policy opens it; erasing somebody."""

from __future__ import annotations

from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from uptake.actions import erasures, persondata, readmissions
from uptake.actions.persondata import Hidden, Part
from uptake.domain.access import ACTIONS
from uptake.domain.problems import Problem
from uptake.web import words
from uptake.web.policies import viewer_of

_UNLIKE = Problem("The two are not the same. Nothing was erased.", "Write the address or member id twice.")

_COUNTED = {
    "usage": "Usage, rows of a day",
    "members": "Roster, rows",
    "people": "Directory, rows of a week",
    "exports": "Files on the disk",
    "links": "Said of who they are",
    "accounts": "Sign-in here",
    "scim": "From the identity provider",
}

_READMITTED = "The marks are gone: this person is held again from the next sync and import on."


def shown_parts(parts: tuple[Part, ...]) -> list[tuple[Part, list[list[tuple[str, str]]]]]:
    """Each part with its rows in words: days as people write them, the newest first, counts of zero as one number."""
    return [(part, [_words_of(row) for row in _newest_first(part)]) for part in parts]


def _newest_first(part: Part) -> tuple[dict[str, Any], ...]:
    return part.rows[::-1] if part.name in {"usage", "roster", "directory"} else part.rows


def _words_of(row: dict[str, Any]) -> list[tuple[str, str]]:
    told = [(name.replace("_", " "), _said(value)) for name, value in row.items() if value != 0 or value is False]
    zeros = sum(type(value) is int and value == 0 for value in row.values())
    return [*told, ("", f"{words.plural(zeros, 'count')} of 0")] if zeros else told


def _said(value: Any) -> str:
    if isinstance(value, datetime):
        return words.moment(value.astimezone(UTC))
    if isinstance(value, bool) or value in (None, "", (), []):
        return "yes" if value else "no" if value is False else "none"
    if isinstance(value, str) and value in ACTIONS:
        return ACTIONS[value].words.partition(";")[0]
    return words.day_and_year(value) if isinstance(value, date) else str(value)


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    parts = persondata.own(viewer, settings.UPTAKE)
    reports = persondata.reports(viewer, settings.UPTAKE)
    return render(request, "uptake/mine.html", {"parts": shown_parts(parts), "reports": reports, "own": True})


@require_POST
def download(request: HttpRequest) -> HttpResponse:
    kind, now = "csv" if request.POST.get("format") == "csv" else "json", datetime.now(UTC)
    body = persondata.download(viewer_of(request), settings.UPTAKE, format=kind, now=now)
    media = "text/csv; charset=utf-8" if kind == "csv" else "application/json"
    response = HttpResponse(body, content_type=media)
    response.headers["Content-Disposition"] = f'attachment; filename="my-data-{now:%Y-%m-%d}.{kind}"'
    return response


@require_safe
def person(request: HttpRequest, person: str) -> HttpResponse:
    try:
        shown, parts = persondata.of_person(
            viewer_of(request), settings.UPTAKE, person_id=person, now=datetime.now(UTC)
        )
    except Hidden:
        raise Http404 from None
    return render(request, "uptake/mine.html", {"parts": shown_parts(parts), "shown": shown, "own": False})


@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "uptake/erase_person.html", {})
    who = request.POST.get("who", "").strip()
    try:
        if who != request.POST.get("again", "").strip():
            raise _UNLIKE
        receipt = erasures.erase(viewer_of(request), settings.UPTAKE, who=who, now=datetime.now(UTC))
    except Problem as problem:
        return render(request, "uptake/erase_person.html", {"problem": problem}, status=HTTPStatus.BAD_REQUEST)
    counts = [
        (_COUNTED.get(what, what.replace("_", " ").capitalize()), count) for what, count in receipt.counts.items()
    ]
    return render(request, "uptake/erase_person.html", {"receipt": receipt, "counts": counts})


@require_POST
def readmit(request: HttpRequest) -> HttpResponse:
    who = request.POST.get("who", "").strip()
    try:
        readmissions.readmit(viewer_of(request), settings.UPTAKE, who=who, now=datetime.now(UTC))
    except Problem as problem:
        return render(request, "uptake/erase_person.html", {"returning": problem}, status=HTTPStatus.BAD_REQUEST)
    messages.success(request, _READMITTED, extra_tags="good")
    return redirect("people")
