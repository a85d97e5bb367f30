"""Access: who may sign in, as what; for Company Admins. A link that was made is on one answer only, nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from uptake.actions import account_desk
from uptake.domain.access import Role
from uptake.domain.problems import Problem
from uptake.web import words
from uptake.web.policies import viewer_of

_ROLES = [(role.value, role.label) for role in Role]


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    asked = {name: request.GET.get(name, "")[:254].replace("\0", "") for name in ("q", "role")}
    now = datetime.now(UTC)
    listing = account_desk.listed(
        viewer_of(request), now, q=asked["q"], role=asked["role"], number=request.GET.get("page", "")
    )
    context = {
        "listing": listing,
        "found": words.plural(listing.page.paginator.count, "account"),
        "asked": asked,
        "filtered": any(asked.values()),
        "roles": _ROLES,
        "now": now,
    }
    return render(request, "uptake/accounts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """An account, and the link by which it signs in first."""
    context: dict[str, Any] = {"roles": _ROLES, "role": request.POST.get("role", Role.EMPLOYEE.value)}
    if request.method != "POST":
        return render(request, "uptake/account_new.html", context)
    email, now = request.POST.get("email", ""), datetime.now(UTC)
    try:
        path = account_desk.invite(viewer_of(request), email=email, role=context["role"], now=now)
    except Problem as problem:
        context |= {"problem": problem, "email": email}
        return render(request, "uptake/account_new.html", context, status=HTTPStatus.BAD_REQUEST)
    account = account_desk.id_of(viewer_of(request), email)
    return _account_page(request, account, made=request.build_absolute_uri(path))


@require_safe
def one(request: HttpRequest, account: int) -> HttpResponse:
    return _account_page(request, account)


def _account_page(request: HttpRequest, account: int, made: str = "") -> HttpResponse:
    viewer, now = viewer_of(request), datetime.now(UTC)
    line = account_desk.one(viewer, account, now)
    if line is None:
        raise Http404
    context = {"line": line, "own": account == viewer.account_id, "roles": _ROLES, "made": made, "now": now}
    return render(request, "uptake/account.html", context)


@require_POST
def link(request: HttpRequest, account: int) -> HttpResponse:
    path = account_desk.new_link(viewer_of(request), account=account, now=datetime.now(UTC))
    return _account_page(request, account, made=request.build_absolute_uri(path))


@require_POST
def role(request: HttpRequest, account: int) -> HttpResponse:
    chosen = request.POST.get("role", "")
    account_desk.change_role(viewer_of(request), account=account, role=chosen, now=datetime.now(UTC))
    return _done(request, account, f"The role is {Role(chosen).label} now.")


@require_POST
def deactivate(request: HttpRequest, account: int) -> HttpResponse:
    account_desk.deactivate(viewer_of(request), account=account, now=datetime.now(UTC))
    return _done(request, account, "The account is deactivated, signed out everywhere, its tokens are revoked.")


@require_POST
def activate(request: HttpRequest, account: int) -> HttpResponse:
    account_desk.activate(viewer_of(request), account=account, now=datetime.now(UTC))
    return _done(request, account, "The account is active again. Tokens it had stay revoked.")


@require_POST
def end_sessions(request: HttpRequest, account: int) -> HttpResponse:
    ended = account_desk.end_sessions(viewer_of(request), account=account, now=datetime.now(UTC))
    return _done(request, account, f"{words.plural(ended, 'session')} ended.")


@require_POST
def forget_factors(request: HttpRequest, account: int) -> HttpResponse:
    account_desk.forget_factors(viewer_of(request), account=account, now=datetime.now(UTC))
    return _done(request, account, "The second factors are removed, recovery codes included.")


@require_POST
def forget_password(request: HttpRequest, account: int) -> HttpResponse:
    account_desk.forget_password(viewer_of(request), account=account, now=datetime.now(UTC))
    return _done(request, account, "The password is forgotten. A sign-in link lets its owner in, to set a new one.")


def _done(request: HttpRequest, account: int, said: str) -> HttpResponse:
    messages.success(request, said, extra_tags="good")
    return redirect("account_one", account)
