"""What every page may show: who is signed in and where they may go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from uptake.domain.access import Viewer, may


@dataclass(frozen=True, slots=True)
class Place:
    """One line of the navigation."""

    label: str
    url: str
    current: bool
    group: str = ""


_PLACES = (
    ("Overview", "overview", "numbers.ask", ""),
    ("Integrations", "integrations", "connection.view", "Agents Hub"),
    ("What we read", "what_we_read", "measures.read", ""),
)


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """For templates: `viewer` (None when signed out) and `places`."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"viewer": None, "places": ()}
    return {"viewer": user.viewer, "places": places(user.viewer, request.path)}


def places(viewer: Viewer, path: str) -> tuple[Place, ...]:
    """The pages this viewer may open, in order; the one that holds `path` is marked."""
    found = []
    for label, name, action, group in _PLACES:
        if may(viewer, action):
            url = reverse(name)
            here = path == url if url == "/" else path.startswith(url)
            found.append(Place(label, url, here, group))
    return tuple(found)
