"""Settings › Notifications: one's own digest by mail, its preview, the channels that digests go to, the link that ends it."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from uptake.actions import channels, subscriptions
from uptake.actions import digests as sending
from uptake.domain.access import may
from uptake.domain.digests import Cadence, month_before
from uptake.domain.problems import Problem, Refused
from uptake.domain.secret import Secret
from uptake.messages.shape import Sent
from uptake.records.masters import Sealed
from uptake.web.digests import compose
from uptake.web.policies import viewer_of
from uptake.web.problems import status_of

_CHOSEN = {
    Cadence.WEEKLY: "You get a digest every week: on Monday, or once its days are there, by Wednesday at the latest.",
    Cadence.MONTHLY: "You get a digest every month, on the first Monday after the month’s days are there.",
    Cadence.OFF: "You get no digest by mail any more.",
}
_STATES = {
    "due": "to be sent",
    "sending": "being sent",
    "sent": "sent",
    "failed": "not delivered",
    "unsure": "unsure whether it arrived",
    "not_sent": "not sent",
}


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    viewer, now = viewer_of(request), datetime.now(UTC)
    mine = subscriptions.mine(viewer, settings.UPTAKE)
    sees = may(viewer, "channel.view")
    context = {
        "mine": mine,
        "sent": [(row, _STATES.get(row.state, row.state), sending.more_tries(row)) for row in mine.sent],
        "channels": [(one, _STATES.get(one.last.state, "") if one.last else "") for one in channels.listed(viewer)]
        if sees
        else (),
        "sees_channels": sees,
        "may_add": may(viewer, "channel.add"),
        "may_preview": may(viewer, "digest.preview"),
        "last_month": month_before(now.date()),
        "now": now,
    }
    return render(request, "uptake/notifications.html", context)


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Have one's own digest weekly, monthly, or not."""
    cadence = subscriptions.choose(
        viewer_of(request), settings.UPTAKE, request.POST.get("cadence", ""), datetime.now(UTC)
    )
    messages.success(request, _CHOSEN[cadence], extra_tags="good")
    return redirect("notifications")


@require_safe
def preview(request: HttpRequest) -> HttpResponse:
    """What would be sent now: its lines and its text; the mail itself is one link further."""
    cadence, viewer = _cadence(request.GET.get("cadence", "")), viewer_of(request)
    message = sending.preview(viewer, settings.UPTAKE, compose, cadence, datetime.now(UTC))
    sender = settings.UPTAKE.mail.sender if settings.UPTAKE.mail else ""
    context = {"message": message, "cadence": cadence, "sender": sender, "reader": viewer.name}
    return render(request, "uptake/notifications_preview.html", context)


@require_safe
def as_mail(request: HttpRequest) -> HttpResponse:
    """The mail as it would be sent, letter by letter, with its picture in it. Its style is allowed by its hash: headers.py."""
    cadence = _cadence(request.GET.get("cadence", ""))
    message = sending.preview(viewer_of(request), settings.UPTAKE, compose, cadence, datetime.now(UTC))
    picture = f"data:image/png;base64,{b64encode(message.picture).decode()}"
    return HttpResponse(message.html.replace("cid:chart", picture))


@require_POST
def test(request: HttpRequest) -> HttpResponse:
    """Send oneself the newest digest, now."""
    cadence = _cadence(request.POST.get("cadence", ""))
    found = sending.send_test(viewer_of(request), settings.UPTAKE, compose, cadence, datetime.now(UTC))
    _tell(request, found)
    return redirect("notifications")


@sensitive_post_parameters("address")
@sensitive_variables("address")
@require_http_methods(["GET", "HEAD", "POST"])
def add_channel(request: HttpRequest) -> HttpResponse:
    """GET says what goes where and asks for the address; POST seals it."""
    if request.method != "POST":
        return render(request, "uptake/channel.html", {"hosts": settings.UPTAKE.webhook_hosts})
    address = Secret(request.POST.get("address", ""))
    name, cadence = request.POST.get("name", ""), request.POST.get("cadence", "")
    try:
        channels.add(
            viewer_of(request), settings.UPTAKE, name=name, address=address, cadence=cadence, now=datetime.now(UTC)
        )
    except (Refused, Sealed, Problem) as problem:
        context = {"problem": problem, "hosts": settings.UPTAKE.webhook_hosts, "name": name, "cadence": cadence}
        return render(request, "uptake/channel.html", context, status=status_of(problem))
    text = "The channel is stored, its address sealed. Send a test to see that it arrives."
    messages.success(request, text, extra_tags="good")
    return redirect("notifications")


@require_POST
def test_channel(request: HttpRequest, channel: str) -> HttpResponse:
    """Send a few words and no figure, and say what happened."""
    _tell(request, channels.test(viewer_of(request), settings.UPTAKE, channel=channel, now=datetime.now(UTC)))
    return redirect("notifications")


@require_POST
def remove_channel(request: HttpRequest, channel: str) -> HttpResponse:
    name = channels.remove(viewer_of(request), channel=channel, now=datetime.now(UTC))
    text = f"Nothing is sent to {name} any more, and its address is destroyed here. Withdraw the webhook there too."
    messages.success(request, text, extra_tags="good")
    return redirect("notifications")


def _tell(request: HttpRequest, found: Sent) -> None:
    if found.outcome == "sent":
        messages.success(request, f"The test was delivered: {found.words}", extra_tags="good")
    else:
        messages.error(request, f"The test was not delivered. {found.words}", extra_tags="bad")


def _cadence(text: str) -> Cadence:
    return Cadence.MONTHLY if text == Cadence.MONTHLY else Cadence.WEEKLY


@csrf_exempt  # RFC 8058: a mail program posts without cookies; the link itself is the right, and ends digests only
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, since whoever scans mails opens their links; POST ends the digest."""
    email = subscriptions.link_of(token)
    if email is None:
        return render(request, "uptake/unsubscribe.html", {"gone": True}, status=HTTPStatus.GONE)
    if request.method == "POST":
        subscriptions.end_by_link(token, datetime.now(UTC))
        return render(request, "uptake/unsubscribe.html", {"done": True, "email": email})
    return render(request, "uptake/unsubscribe.html", {"email": email})
