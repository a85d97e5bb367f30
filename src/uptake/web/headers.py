"""The headers every answer carries: a strict content policy, no framing, no guessing, nothing personal kept in caches."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


_TOKEN_PAGES = ("/sign-in/", "/hand-over/", "/unsubscribe/")


_MAIL = "/notifications/preview/mail/"
_MAIL_STYLE = Path(__file__).parent / "templates/uptake/mail.css"


@cache
def _content_policy_of_mail() -> str:
    """A mail carries its style in itself: on its preview that one is allowed, by its hash, and nothing else is."""
    told = b64encode(sha256(_MAIL_STYLE.read_bytes()).digest()).decode()
    return "; ".join(("default-src 'none'", f"style-src 'sha256-{told}'", "img-src data:", "base-uri 'none'",
                      "form-action 'none'", "frame-ancestors 'none'"))  # fmt: skip


def headers_of(path: str) -> dict[str, str]:
    """The headers of an answer. Pages whose address is a secret send nothing of it on, not even to our own files."""
    # Not no-referrer: browsers then send `Origin: null` with forms, and the form would fail the CSRF check.
    if path == _MAIL:
        return HEADERS | {"Content-Security-Policy": _content_policy_of_mail()}
    return HEADERS | ({"Referrer-Policy": "strict-origin"} if path.startswith(_TOKEN_PAGES) else {})


class SecurityHeaders:
    """Outermost: answers made by any other middleware, refusals and crashes included, pass through here."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in headers_of(request.path).items():
            response.headers[name] = value
        if not request.path.startswith(settings.STATIC_URL):
            response.headers["Cache-Control"] = "no-store"
        if request.method == "POST" and request.path == "/accounts/logout/":
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response
