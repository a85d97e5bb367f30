"""What every page may show: who is signed in, where they may go, the version for the style sheets.

Worked out where a template asks for it and not before: a fragment shows neither navigation nor notes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from uptake import __version__, metrics
from uptake.actions.master_key import sealed
from uptake.domain.access import Viewer, may
from uptake.domain.problems import Problem
from uptake.web import filters
from uptake.web.policies import POLICIES, opens

STYLESHEETS = tuple(
    f"uptake/{name}.css"
    for name in (
        "tokens", "text", "shell", "forms", "filters", "integrations", "figures", "charts", "reading", "people", "access",
        "report", "findings",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """One line of the navigation."""

    label: str
    url: str
    current: bool
    group: str = ""  # the heading above it, on the first of a group


@dataclass(frozen=True, slots=True)
class Second:
    """The quiet row of links under a page's title: the pages that belong together."""

    label: str
    places: tuple[Place, ...]


_FIGURES = "figures"
_PLACES = (
    ("Overview", "overview", "numbers.ask", _FIGURES),
    ("Teams", "teams", "teams.view", _FIGURES),
    ("Surfaces", "surfaces", "numbers.ask", _FIGURES),
    ("Claude Code", "claude_code", "numbers.ask", _FIGURES),
    ("Onboarding", "onboarding", "numbers.ask", _FIGURES),
    ("Seats", "seats", "seats.view", _FIGURES),
    ("Integrations", "integrations", "connection.view", "Agents Hub"),
    ("People", "people", "people.view", "Company"),
    ("Access", "accounts", "account.view", "Settings"),
    ("Privacy", "policy", "policy.view", "Settings"),
    ("Notifications", "notifications", "digest.view", "Settings"),
    ("Audit", "audit", "audit.view", "Settings"),
    ("My data", "mine", "person.own", "About you"),
    ("What we read", "what_we_read", "measures.read", "About you"),
    ("Help", "help", "measures.read", "About you"),
)
_SECOND = (
    ("Overview", "overview"),
    ("Reach", "reach"),
    ("Growth", "growth"),
    ("Habit", "habit"),
    ("Retention", "retention"),
    ("Findings", "insights"),
)
"""Pages below Overview. Of them a manager has those that are given for one team, below the page of that team."""
_START_LATER = frozenset({"Settings"})


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """`viewer` (None when signed out), `places`, `where`, `second`, `trust`, `version`, `stylesheets`, `sealed`."""
    user = getattr(request, "user", None)
    viewer = user.viewer if user is not None and user.is_authenticated else None

    @cache
    def found() -> tuple[Place, ...]:
        return places(viewer, request.path, filters.carried(request.GET)) if viewer else ()

    def where() -> str:
        return next((place.label for place in found() if place.current), "Menu")

    @cache
    def row() -> Second | None:
        return second(viewer, request.path, filters.carried(request.GET)) if viewer else None

    @cache
    def trouble() -> Problem | None:
        return sealed(settings.UPTAKE) if viewer and may(viewer, "connection.view") else None

    @cache
    def whose() -> str:
        """Of whose team somebody looks as the manager, in the words of the page Teams."""
        teams = metrics.teams_of(metrics.current_facts(settings.UPTAKE), viewer) if viewer and viewer.tree else ()
        return next((one.name for one in teams if viewer and one.id == viewer.tree), "")

    return {
        "viewer": viewer,
        "looking_as_manager_of": whose,
        "places": found,
        "where": where,
        "second": row,
        "trust": reverse("trust") if viewer and opens(viewer, "trust") else "",
        "version": __version__,
        "stylesheets": STYLESHEETS,
        "sealed": trouble,
    }


def places(viewer: Viewer, path: str, chosen: str = "") -> tuple[Place, ...]:
    """The pages this viewer may open, in order; the one that holds `path` is marked. `chosen` goes along to figures."""
    found = []
    above = _FIGURES
    below = {reverse(name) for _, name in _SECOND if name in POLICIES}
    for label, name, action, group in _PLACES:
        if may(viewer, action):
            url = reverse(name)
            here = path in below if url == "/" else path.startswith(url)
            carried = f"{url}?{chosen}" if chosen and group == _FIGURES else url
            found.append(Place(label, carried, here, "" if group == above else group))
            above = group
    return tuple(found)


def second(viewer: Viewer, path: str, chosen: str = "") -> Second | None:
    """The row of the pages of which `path` is one, as far as they are open to this viewer."""
    whole = may(viewer, "numbers.ask")
    pages = _SECOND if whole else (("Team", "team"), *_SECOND)
    open_to = [(label, reverse(name)) for label, name in pages if name in POLICIES and opens(viewer, name)]
    if path not in [url for _, url in open_to]:
        return None
    query = f"?{chosen}" if chosen else ""
    return Second(
        "Overview" if whole else "Team", tuple(Place(label, f"{url}{query}", path == url) for label, url in open_to)
    )


def start_of(viewer: Viewer) -> str:
    """Where a viewer starts: the first page open to them that is there to be read."""
    start = {name for _, name, action, group in _PLACES if group not in _START_LATER and may(viewer, action)}
    return next(reverse(name) for _, name, _, _ in _PLACES if name in start)
