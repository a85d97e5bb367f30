"""Findings in words, for the page about them and for the first of them on Overview."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from uptake import insights
from uptake.domain.access import Viewer, may
from uptake.insights import Finding, Findings, Notice
from uptake.metrics import Facts
from uptake.web import words

_ACTS = {"I1": "Open the team", "I2": "See the days", "I7": "Open the list of seats", "I15": "See what to do"}


@dataclass(frozen=True, slots=True)
class Card:
    """A finding with the words for its evidence."""

    finding: Finding
    link: str
    size: str


def worth_a_look(viewer: Viewer, facts: Facts, today: date) -> tuple[tuple[Card, ...], str] | None:
    """The first few findings, or the sentence that stands in their place; None where there is nothing to say of them."""
    if not may(viewer, "insights.view") or not any(facts.usage.values()):
        return None
    found = insights.findings(viewer, facts, today)
    first = cards(insights.worth_a_look(found.findings))
    return first, "" if first else nothing(found)


def cards(found: Sequence[Finding]) -> tuple[Card, ...]:
    return tuple(Card(one, _ACTS.get(one.id, "See the figures"), _size(one)) for one in found)


def _size(one: Finding) -> str:
    if one.size is None or one.id == "I7":
        return ""
    return f"{words.number(one.size.low)} to {words.number(one.size.high)} {one.size.unit}"


def nothing(found: Findings) -> str:
    if not found.ready:
        return "This is being worked out from the newest facts."
    vetoed = next((one.vetoed for one in found.looked if one.id == "I1" and one.vetoed), ())
    if vetoed:
        return f"Nothing can be said of teams yet: {words.listed(vetoed)}."
    return f"Nothing changed beyond chance.{_noticed(found.notice)}"


def _noticed(notice: Notice | None) -> str:
    if notice is None:
        return ""
    return f" (We would notice about {notice.points} points in a team of {notice.people}.)"
