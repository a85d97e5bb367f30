"""I1 as findings: which teams moved apart from the company, told with figures so coarse that they tell of no few people."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import timedelta

from msgspec.structs import replace

from uptake.insights import words
from uptake.insights.finding import Direction, Finding, Looked, Notice, Size, evidence
from uptake.insights.quality import Quality
from uptake.insights.shift import FEWEST, FLOOR, Shift, shifts
from uptake.metrics import Facts
from uptake.metrics.changes import LEAST, Changes, Team, changes

METRIC = "active_workday_rate"
_WHAT = "Teams apart from the company, over eight settled weeks"
_STEPS = (0.05, 0.10, 0.15, 0.20, 0.25)
_OVERLAP = 0.5
SOME_TEAM = "A manager’s team"
"""A tree is called by its manager elsewhere; a finding names nobody."""
_EXPLANATIONS = (
    "Holidays, leave and a busy time change use for a while.",
    "A new project, other tools or another set-up may be behind it; the figures do not say why.",
)
_ACTIONS: dict[Direction, str] = {
    "down": "Ask the team what changed, and offer help.",
    "up": "Ask the team what helps them; others may want to hear it.",
}


def found(facts: Facts, quality: Quality) -> tuple[list[Finding], Looked, Notice | None]:
    """The teams that moved, what was looked at, and the smallest change that would be noticed."""
    change = changes(facts)
    if change is None:
        reason = "needs nine weeks of usage" if facts.charts else "no directory of the company is held yet"
        return [], Looked("I1", _WHAT, vetoed=(reason,)), None
    vetoed = quality.vetoes(*change.days, METRIC, teams=True)
    if not vetoed and len(change.teams) < FEWEST:
        held = f"{len(change.teams)} so far" if change.teams else "none so far"
        vetoed = (
            f"needs {FEWEST} teams with {max(LEAST, facts.threshold)} people who were there all the time; {held}",
        )
    if vetoed:
        return [], Looked("I1", _WHAT, len(change.teams), vetoed), None
    tested = shifts([one.group for one in change.teams], change.earlier())
    alarms = [pair for pair in zip(change.teams, tested, strict=True) if pair[1].alarms]
    kept = [
        replace(_finding(team, shift, change, facts.threshold, quality), covered=covered)
        for team, shift, covered in _covered(alarms)
    ]
    return kept, Looked("I1", _WHAT, len(change.teams)), _notice(change.teams, tested)


def _covered(alarms: Sequence[tuple[Team, Shift]]) -> Iterator[tuple[Team, Shift, str]]:
    """Each with the finding that says the same of mostly the same people: departments go first, then the surest."""
    kept: list[tuple[Team, Shift]] = []
    for team, shift in sorted(alarms, key=lambda pair: (pair[0].id.startswith("tree:"), pair[1].p)):
        same = (other for other, known in kept if (known.effect < 0) == (shift.effect < 0))
        over = next((other.id for other in same if team.shares(other) >= _OVERLAP), "")
        if not over:
            kept.append((team, shift))
        yield team, shift, over


def _notice(teams: Sequence[Team], tested: Sequence[Shift]) -> Notice:
    """Of the team in the middle."""
    noticed = sorted(one.noticed for one in tested)[len(tested) // 2]
    people = sorted(one.group.people for one in teams)[len(teams) // 2]
    return Notice(max(math.ceil(100 * noticed), round(100 * FLOOR)), 5 * round(people / 5))


def size_of(shift: Shift, people: int, k: int) -> Size | None:
    """The 95 % range, rounded outwards to steps of which one stands for k people or more; None where there is no such step."""
    step = next((size for size in _STEPS if size * people >= k), None)
    if step is None:
        return None
    near, far = sorted(abs(end) for end in shift.interval())
    low = max(FLOOR, math.floor(round(near / step, 6)) * step)
    return Size(round(100 * low), round(100 * math.ceil(round(far / step, 6)) * step), "points")


def _finding(team: Team, shift: Shift, change: Changes, k: int, quality: Quality) -> Finding:
    first, last = change.days
    direction: Direction = "down" if shift.effect < 0 else "up"
    people = team.group.people
    name = SOME_TEAM if team.id.startswith("tree:") else team.name
    return Finding(
        id="I1",
        about="use",
        cell=team.id,
        name=name,
        metric=METRIC,
        direction=direction,
        since=first + timedelta(weeks=4),
        until=last,
        data_through=quality.fresh.data_through or last,
        sentence=_sentence(name, direction, words.day(last), size_of(shift, people, k)),
        compared_with="the four weeks before, over the same people, less the change of the company as a whole",
        action=_ACTIONS[direction],
        evidence=evidence(team.id),
        size=size_of(shift, people, k),
        people=words.band(people),
        explanations=_EXPLANATIONS,
        favourable=direction == "up",
        group=team.branch,
        alike=team.alike,
        score=abs(shift.effect) / shift.noticed * math.log2(people) * (1.0 if direction == "down" else 0.8),
    )


def _sentence(name: str, direction: Direction, until: str, size: Size | None) -> str:
    fewer = "fewer" if direction == "down" else "more"
    by = f"by {size.low:.0f} to {size.high:.0f} points" if size else f"by {100 * FLOOR:.0f} points or more"
    return (
        f"{name} used Claude on {fewer} of its workdays in the four weeks to {until} than in the four before, "
        f"apart from the company as a whole: {by}."
    )
