"""What we read: made from the list of measures that the decoder itself uses, so the page cannot say less than is read."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from uptake.actions import retention
from uptake.domain.measures import IGNORED_FIELDS, MEASURES, SUMMARY_COUNTS, Measure, Surface

SURFACE_NAMES: dict[Surface, str] = {
    "chat": "Chat (claude.ai)",
    "claude_code": "Claude Code",
    "cowork": "Cowork",
    "office": "Office",
    "design": "Design",
    "science": "Science",
    "web_search": "Web search",
    "slack": "Slack",
}

ROSTER_FIELDS = (
    ("Member id", "Anthropic's id, by which usage and roster are matched"),
    ("Name", "as on Claude's roster"),
    ("E-mail", "in lower case; matches where ids differ"),
    ("Claude role", "such as user, admin or owner"),
    ("Status", "active, invited, invite expired, removed, or unlisted: in usage, never on a roster"),
    ("Joined", "when the member was added; and left, seen by comparing complete rosters"),
)

DIRECTORY_FIELDS = (
    ("Person", "name, e-mail addresses, employee id, job title, kind of employment, Claude member id if given"),
    ("Place", "manager, department, location, groups"),
    ("Time", "start, end, and whether somebody is on leave"),
    ("From 15Five", "name, e-mail, employee id, title, reviewer and groups; only where it is connected"),
    ("From Claude", "names of groups and who is in them; only where that was switched on"),
)

NEVER = (
    "Prompts, responses, system instructions and any other content of conversations or sessions",
    "Source code, diffs and file contents; from Claude Code only counts are read",
    "File names, and the names of projects, skills, connectors and artifacts",
    "Anything Anthropic adds later: a field that is not on this page is skipped while decoding until it is added here",
)


@dataclass(frozen=True, slots=True)
class Group:
    """The counts of one surface."""

    surface: str
    name: str
    measures: tuple[Measure, ...]


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "uptake/reading.html",
        {
            "groups": groups(),
            "count": len(MEASURES),
            "roster": ROSTER_FIELDS,
            "directory": DIRECTORY_FIELDS,
            "summaries": SUMMARY_COUNTS,
            "ignored": [(name, why.replace("`", "")) for name, why in IGNORED_FIELDS.items()],
            "never": NEVER,
            "kept": retention.kept(settings.UPTAKE),
        },
    )


def groups() -> tuple[Group, ...]:
    """The measures by surface, in the order of the surfaces' names above; together all of them, each once."""
    return tuple(
        Group(surface, name, tuple(measure for measure in MEASURES if measure.surface == surface))
        for surface, name in SURFACE_NAMES.items()
    )
