"""The headers every answer carries: a strict content policy, no framing, no guessing, nothing personal kept in caches."""

from __future__ import annotations

from collections.abc import Callable

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


_TOKEN_PAGES = ("/sign-in/", "/hand-over/")


def headers_of(path: str) -> dict[str, str]:
    """The headers of an answer. Pages whose address is a secret send nothing of it on, not even to our own files."""
    # Not no-referrer: browsers then send `Origin: null` with forms, and the form would fail the CSRF check.
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
