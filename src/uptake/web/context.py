"""What every page may show: who is signed in, where they may go, the version for the style sheets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from uptake import __version__
from uptake.actions.master_key import sealed
from uptake.domain.access import Viewer, may

STYLESHEETS = tuple(
    f"uptake/{name}.css"
    for name in ("tokens", "text", "shell", "forms", "integrations", "figures", "charts", "reading", "people", "access")
)


@dataclass(frozen=True, slots=True)
class Place:
    """One line of the navigation."""

    label: str
    url: str
    current: bool
    group: str = ""  # the heading above it, on the first of a group


_PLACES = (
    ("Overview", "overview", "numbers.ask", ""),
    ("People", "people", "people.view", ""),
    ("Integrations", "integrations", "connection.view", "Agents Hub"),
    ("What we read", "what_we_read", "measures.read", "Data and access"),
    ("My data", "mine", "person.own", "Data and access"),
    ("Who sees what", "policy", "policy.view", "Data and access"),
    ("Accounts", "accounts", "account.view", "Data and access"),
    ("Audit", "audit", "audit.view", "Data and access"),
)


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """For templates: `viewer` (None when signed out), `places`, `version`, `stylesheets`, `sealed`."""
    user = getattr(request, "user", None)
    viewer = user.viewer if user is not None and user.is_authenticated else None
    return {
        "viewer": viewer,
        "places": places(viewer, request.path) if viewer else (),
        "version": __version__,
        "stylesheets": STYLESHEETS,
        "sealed": sealed(settings.UPTAKE) if viewer and may(viewer, "connection.view") else None,
    }


def places(viewer: Viewer, path: str) -> tuple[Place, ...]:
    """The pages this viewer may open, in order; the one that holds `path` is marked."""
    found = []
    above = ""
    for label, name, action, group in _PLACES:
        if may(viewer, action):
            url = reverse(name)
            here = path == url if url == "/" else path.startswith(url)
            found.append(Place(label, url, here, "" if group == above else group))
            above = group
    return tuple(found)


def start_of(viewer: Viewer) -> str:
    """Where a viewer starts: the first page open to them."""
    return places(viewer, "")[0].url
