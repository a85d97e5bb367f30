"""Seats by name: the list, the polite question to who holds one, and files for the talk about a renewal."""

from __future__ import annotations

from datetime import UTC, date, datetime
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from uptake.actions import renewals, seat_price, seat_questions
from uptake.actions import seats as desk
from uptake.actions.seat_price import Price
from uptake.actions.seat_questions import OUTCOMES, Question
from uptake.domain.access import Viewer, may
from uptake.metrics import Facts
from uptake.web.policies import viewer_of

_SUBJECT = "Your seat for Claude"
_BODY = """Hello {name},

you have a seat for Claude at {company}. Is it still useful to you?

If you would like to keep it, a short "keep" is enough. If something stands in the way, tell me: there is help to get \
started. If you do not need it at present, answer "give back", and somebody who waits for a seat gets it. Ask again \
whenever you need one.

Nothing happens to your seat without your answer, and this is not about your work. What is held about you is on your \
page "My data" in uptake.

Thank you
"""
_SHOW_STATUS = {"active": "Active", "invited": "Invited", "invite_expired": "Invite expired"}
_SHOW_BAND = {band: said[:1].upper() + said[1:] for band, said in desk.BANDS.items()}
_OUTCOMES = {**OUTCOMES, "used_since": "uses it since"}


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    viewer, now = viewer_of(request), datetime.now(UTC)
    words, show, number = (request.GET.get(name, "")[:100] for name in ("q", "show", "page"))
    shown = show if show in {**_SHOW_STATUS, **_SHOW_BAND} else ""
    listing = desk.listing(viewer, settings.UPTAKE, words=words, show=shown, number=number, now=now)
    context = {
        "listing": listing,
        "lines": [
            (
                line,
                desk.STATUS[line.status],
                desk.BANDS.get(line.band, ""),
                _OUTCOMES[line.asked.outcome] if line.asked else "",
            )
            for line in listing.lines
        ],
        "several": len({line.seat.organisation for line in listing.lines}) > 1,
        "q": words,
        "show": shown,
        "choices": {**_SHOW_STATUS, **(_SHOW_BAND if listing.shows_use else {})},
        "now": now,
        "may_ask": listing.shows_use and may(viewer, "seats.ask"),
        "may_export": may(viewer, "seats.export") and desk.files_allowed(),
    }
    return render(request, "uptake/seats.html", context)


def priced(viewer: Viewer, facts: Facts, today: date) -> dict[str, object]:
    """What the page Seats says of the price of a seat, and what the seats cost by it."""
    kept = seat_price.kept(viewer)
    return {"price": kept, "costs": seat_price.costs(viewer, facts, kept, today) if kept else (), "per": seat_price.PER}


@require_POST
def price(request: HttpRequest) -> HttpResponse:
    """Keep what a seat costs, or no longer."""
    told = {name: request.POST.get(name, "")[:20] for name in ("amount", "currency", "per")}
    kept = seat_price.keep(viewer_of(request), **told, now=datetime.now(UTC))
    said = f"The price is kept: {kept}." if kept else "No price of a seat is kept any more."
    messages.success(request, said, extra_tags="good")
    return redirect(reverse("seats") + "#renewal")


@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Note that somebody is asked, and show the text to send."""
    connection, member = request.POST.get("connection", ""), request.POST.get("member", "")
    now = datetime.now(UTC)
    id = seat_questions.ask(viewer_of(request), settings.UPTAKE, connection=connection, member_id=member, now=now)
    return redirect("seats_asked", question=id)


@require_http_methods(["GET", "HEAD", "POST"])
def asked(request: HttpRequest, question: int) -> HttpResponse:
    """The text of a question, to copy or to open in a mail program; a POST keeps what the holder answered."""
    viewer, now = viewer_of(request), datetime.now(UTC)
    if request.method == "POST":
        seat_questions.answered(viewer, id=question, outcome=request.POST.get("outcome", ""), now=now)
        messages.success(request, "The answer is kept.", extra_tags="good")
        return redirect("seats_asked", question=question)
    found = seat_questions.question(viewer, settings.UPTAKE, id=question, now=now)
    if found is None:
        raise Http404
    text = _text(found)
    body = quote(text.replace("\n", "\r\n"))
    to = f"mailto:{quote(found.line.seat.email, safe='@')}?subject={quote(_SUBJECT)}&body={body}"
    context = {
        "question": found,
        "text": text,
        "subject": _SUBJECT,
        "mailto": to if found.line.seat.email else "",
        "outcomes": OUTCOMES,
        "said": _OUTCOMES[found.outcome],
        "now": now,
    }
    return render(request, "uptake/seat_question.html", context)


def _text(question: Question) -> str:
    seat = question.line.seat
    return _BODY.format(name=seat.name, company=seat.organisation)


@require_POST
def download(request: HttpRequest) -> HttpResponse:
    """The list as a CSV file; a POST, because it is about persons."""
    now = datetime.now(UTC)
    return _csv(desk.export(viewer_of(request), settings.UPTAKE, now=now), f"seats-by-name-{now.date()}.csv")


@require_safe
def renewal(request: HttpRequest) -> HttpResponse:
    """The totals as a CSV file, with what the seats cost: at the price that is kept, or at one that is typed in."""
    now, viewer = datetime.now(UTC), viewer_of(request)
    typed = seat_price.amount_of(request.GET.get("price", "")[:20])
    price = Price(typed) if typed else seat_price.kept(viewer)
    return _csv(renewals.totals(viewer, settings.UPTAKE, price=price, now=now), f"seats-{now.date()}.csv")


def _csv(text: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
