"""Looking as another role: where a session's viewer is made, so that no page can forget it. It ends with the session."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_POST

from uptake.actions import viewing
from uptake.domain.access import Role
from uptake.web.context import start_of
from uptake.web.policies import viewer_of

if TYPE_CHECKING:
    from uptake.records.models import Account

_KEPT = "viewing_as"


class SignedIn(AuthenticationMiddleware):
    """Django's, and of the account of the request the role it looks as."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        found = request.user
        request.user = SimpleLazyObject(lambda: _seen(request, found))  # type: ignore[assignment,arg-type]


def _seen(request: HttpRequest, account: Account) -> Account:
    role, tree = request.session.get(_KEPT) or ("", "")
    if account.is_authenticated and role in set(Role):
        account.seen_as = Role(role), tree
    return account


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    wanted, tree = viewing.start(
        viewer,
        settings.UPTAKE,
        role=request.POST.get("role", ""),
        tree=request.POST.get("tree", ""),
        now=datetime.now(UTC),
    )
    request.session[_KEPT] = wanted.value, tree
    return redirect(start_of(viewer.looking_as(wanted, tree)))


@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    if viewer.real is not None:
        viewing.stop(viewer, now=datetime.now(UTC))
        del request.session[_KEPT]
        messages.success(request, "You see the pages as yourself again.", extra_tags="good")
    return redirect(reverse("policy") + "#look")
