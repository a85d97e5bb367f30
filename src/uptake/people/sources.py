"""The sources of a directory in words, and the order in which they are believed unless somebody says otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from uptake.people.delivery import CLAUDE_GROUPS, CSV, FIFTEEN_FIVE, SCIM


@dataclass(frozen=True, slots=True)
class About:
    """A source as people know it."""

    name: str
    label: str
    tells: str


SOURCES = (
    About(CSV, "CSV file", "Whatever its columns hold. Read when somebody uploads it."),
    About(
        FIFTEEN_FIVE,
        "15Five",
        "Name, e-mail, employee id, title, manager (the reviewer), groups. Read by the schedule.",
    ),
    About(
        SCIM,
        "SCIM",
        "Name, e-mail, employee number, title, manager, department, place, groups. Sent by the identity provider.",
    ),
    About(CLAUDE_GROUPS, "Claude groups", "The groups people are in at Claude. Read by the schedule."),
)
LABELS = {about.name: about.label for about in SOURCES}
ORDER = tuple(about.name for about in SOURCES)
