"""People: the company's directory, its sources, a file looked at before it is applied, the directory back as a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from threading import Lock
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from uptake.actions import people, persondata, roll, uploads
from uptake.actions.people import Preview, Wanted
from uptake.domain.access import may
from uptake.domain.problems import Problem, Refused
from uptake.people.chart import Progress
from uptake.people.columns import FIELDS
from uptake.web import words
from uptake.web.policies import viewer_of

_SHOWN = 50
_COLUMN = "column."

# A hundred thousand rows take seconds and some memory: one file at a time, whoever else waits a moment.
_TURN = Lock()
_LARGE = 1 << 20  # bytes beyond which a page comes first that says how far the reading is
_FAR: dict[str, str] = {}  # token of a file being read: how far, in words


@dataclass(frozen=True, slots=True)
class Choice:
    """A field of ours with the column that is taken for it, and what the first rows say there."""

    name: str
    label: str
    header: str
    sample: str


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    words_ = request.GET.get("q", "")[:100]
    context = {
        "standing": roll.standing(viewer, settings.UPTAKE),
        "listing": roll.listing(viewer, settings.UPTAKE, words_, request.GET.get("page", "")),
        "q": words_,
        "today": datetime.now(UTC).date(),
        "now": datetime.now(UTC),
        **rights(request),
    }
    return render(request, "uptake/people.html", context)


def rights(request: HttpRequest) -> dict[str, bool]:
    """What of the directory's acts the viewer may do, for templates."""
    viewer = viewer_of(request)
    names = ("import", "export", "order", "link", "mark", "connect", "sync", "accept", "disconnect")
    may_look = may(viewer, "person.view") and persondata.opens(viewer)
    more = {"may_erase": may(viewer, "person.erase"), "may_look": may_look}
    return {f"may_{name}": may(viewer, f"people.{name}") for name in names} | more


@require_safe
def teams(request: HttpRequest) -> HttpResponse:
    found = roll.team_list(viewer_of(request), settings.UPTAKE, datetime.now(UTC).date())
    titles = {
        "department": "Departments", "location": "Locations", "group": "Groups", "tree": "Managers, with everybody below",
        "title": "Job titles",
    }  # fmt: skip
    kinds = [(kind, title, [team for team in found if team.kind == kind]) for kind, title in titles.items()]
    return render(request, "uptake/teams.html", {"kinds": [one for one in kinds if one[2]]})


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Keep the file for its preview; nothing of it is applied."""
    file = request.FILES.get("file")
    if file is None:
        raise Refused("No file was chosen. Nothing was changed.", "Choose a CSV file, then upload it.")
    token = uploads.keep(viewer_of(request), settings.UPTAKE, file.read(), datetime.now(UTC))
    return redirect("people_import", token=token)


@require_http_methods(["GET", "HEAD", "POST"])
def bring(request: HttpRequest, token: str) -> HttpResponse:
    """GET says what the file would change, read by the columns asked for; POST applies it, or throws it away."""
    viewer = viewer_of(request)
    if request.method == "POST" and request.POST.get("act") == "discard":
        uploads.drop(viewer, settings.UPTAKE, token)
        messages.success(request, "The file was thrown away. Nothing was changed.", extra_tags="good")
        return redirect("people")
    body = uploads.body(viewer, settings.UPTAKE, token)
    if request.method == "POST":
        return _apply(request, token, body)
    wanted = _wanted(request.GET)
    if len(body) > _LARGE and not request.headers.get("HX-Request") and "now" not in request.GET:
        return render(request, "uptake/people_reading.html", {"token": token, "query": request.GET.urlencode()})
    try:
        with _TURN:
            seen = people.preview(viewer, settings.UPTAKE, body, wanted, _telling(token))
    except Refused as problem:
        return render(request, "uptake/people_import.html", _unread(token, body, wanted, problem), status=400)
    finally:
        _FAR.pop(token, None)
    return render(request, "uptake/people_import.html", _context(token, seen, wanted))


def _telling(token: str) -> Progress:
    def told(what: str, done: int, of: int) -> None:
        _FAR[token] = f"{what}: {words.number(done)} of {words.number(of)}" if of > 1 else what

    return told


@require_safe
def progress(request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG001
    """How far the reading of a large file is; a page that waits asks for it every second."""
    return HttpResponse(_FAR.get(token, "waiting for its turn"), content_type="text/plain; charset=utf-8")


def _apply(request: HttpRequest, token: str, body: bytes) -> HttpResponse:
    now = datetime.now(UTC)
    wanted, mark = _wanted(request.POST), request.POST.get("mark", "")
    try:
        with _TURN:
            done = people.import_csv(viewer_of(request), settings.UPTAKE, body, wanted, now, seen=mark)
    except Refused as problem:
        messages.error(request, str(problem), extra_tags="bad")
        query = "&".join(part for part in (request.POST.get("query", ""),) if part)
        return redirect(reverse("people_import", args=[token]) + (f"?{query}" if query else ""))
    uploads.drop(viewer_of(request), settings.UPTAKE, token)
    messages.success(request, _done(done), extra_tags="good")
    if done.plan.left_out:
        text = f"{words.plural(done.plan.left_out, 'row')} of the file were left out; those people stay as they were."
        messages.warning(request, text, extra_tags="attention")
    return redirect("people")


def _done(done: Preview) -> str:
    plan = done.plan
    counts = (("created", plan.created), ("changed", plan.changed), ("left", plan.left))
    return f"The directory was changed: {words.listed([f'{words.number(len(who))} {what}' for what, who in counts])}."


def _wanted(query: Mapping[str, str]) -> Wanted:
    """How the file is to be read. Without any column in the query, the header is guessed from."""
    chosen = {name.removeprefix(_COLUMN): query[name][:200] for name in query if name.startswith(_COLUMN)}
    try:
        on = date.fromisoformat(query.get("on", ""))
    except ValueError:
        on = datetime.now(UTC).date()
    if on > datetime.now(UTC).date():
        raise Problem("A directory cannot hold from a day to come. Nothing was changed.", "Import it on that day.")
    return Wanted(on, chosen, whole=not query.get("part"), accept_loss=bool(query.get("accept_losses")))


def _context(token: str, seen: Preview, wanted: Wanted) -> dict[str, Any]:
    plan, sheet = seen.plan, seen.sheet
    return {
        "token": token,
        "sheet": sheet,
        "separator": {"\t": "tab", ";": "semicolon", ",": "comma"}.get(sheet.separator, sheet.separator),
        "rows": len(sheet.rows),
        "headers": [header for header in sheet.header if header],
        "choices": [_choice(field.name, field.label, seen) for field in FIELDS],
        "plan": plan,
        "seen": seen,
        "wanted": wanted,
        "findings": plan.findings[:_SHOWN],
        "more_findings": max(0, len(plan.findings) - _SHOWN),
        "created": plan.created[:_SHOWN],
        "changed": plan.changed[:_SHOWN],
        "left": plan.left[:_SHOWN],
        "shown": _SHOWN,
        "today": datetime.now(UTC).date(),
    }


def _choice(name: str, label: str, seen: Preview) -> Choice:
    at = seen.mapping.get(name)
    if at is None:
        return Choice(name, label, "", "")
    texts = (row[at].strip() for row in seen.sheet.rows[:200] if at < len(row))
    return Choice(name, label, seen.sheet.header[at], next((text for text in texts if text), "")[:60])


def _unread(token: str, body: bytes, wanted: Wanted, problem: Refused) -> dict[str, Any]:
    """A file that is not read yet, or not with these columns: the headers to choose from, where there are any."""
    header = people.header(body)
    chosen = wanted.corrections
    return {
        "token": token,
        "problem": problem,
        "headers": [text for text in header if text],
        "choices": [Choice(field.name, field.label, chosen.get(field.name, ""), "") for field in FIELDS]
        if header
        else [],
        "wanted": wanted,
        "today": datetime.now(UTC).date(),
    }


@require_POST
def order(request: HttpRequest) -> HttpResponse:
    """Move one source a place up in the order of precedence."""
    names = [view.name for view in roll.sources()]
    at = names.index(request.POST.get("up", "")) if request.POST.get("up", "") in names else 0
    if at:
        names[at - 1], names[at] = names[at], names[at - 1]
        people.order(viewer_of(request), settings.UPTAKE, names, datetime.now(UTC))
        upper, lower = people.source_label(names[at - 1]), people.source_label(names[at])
        text = f"{upper} is now believed before {lower}, from this week on."
        messages.success(request, text, extra_tags="good")
    return redirect("people")


@require_POST
def download(request: HttpRequest) -> HttpResponse:
    """The directory as a CSV file; a POST, because it is written to the audit."""
    now = datetime.now(UTC)
    text = people.export_csv(viewer_of(request), settings.UPTAKE, now)
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="people-{now.date()}.csv"'
    return response
