"""Under which name a page was asked for. Browsers make passkeys for names alone, and keep a session by the name."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.http import HttpRequest

NAME = "localhost"


def bare(request: HttpRequest) -> bool:
    """Whether the page was asked for by a number instead of a name."""
    return _number(request) is not None


def by_name(request: HttpRequest) -> str:
    """This machine by its name where a page was asked for by its number; empty where the settings say another address."""
    number = _number(request)
    elsewhere = settings.UPTAKE.public_url or settings.UPTAKE_SSO.public_address or settings.UPTAKE.secure_cookies
    if number is None or not number.is_loopback or elsewhere or NAME not in settings.ALLOWED_HOSTS:
        return ""
    port = _parts(request).port
    return f"http://{NAME}:{port}" if port else f"http://{NAME}"


def _number(request: HttpRequest) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(_parts(request).hostname or "")
    except ValueError:
        return None


def _parts(request: HttpRequest) -> SplitResult:
    return urlsplit(f"//{request.get_host()}")
