"""What is open to somebody who looks as another role: to look, to stop, to sign out. Everything that is sent is refused."""

from __future__ import annotations

from django.http import HttpRequest

from uptake.domain.problems import NotAllowed

_ONLY_LOOKS = frozenset({"GET", "HEAD", "OPTIONS"})
_OPEN = frozenset({"view_as_stop", "account_logout"})


def refused(request: HttpRequest, view_name: str) -> NotAllowed | None:
    """Why a request is refused; None where nobody looks as another role, or nothing is sent."""
    if request.method in _ONLY_LOOKS or view_name in _OPEN or not request.user.is_authenticated:
        return None
    viewer = request.user.viewer
    if viewer.real is None:
        return None
    return NotAllowed(
        f"You are looking as {viewer.role.label}: nothing is changed or sent meanwhile. Nothing was changed.",
        "Stop looking as this role first, at the top of the page.",
    )
