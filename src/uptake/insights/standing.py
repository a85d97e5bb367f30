"""The findings that stand now, for whoever asks: within their rights and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from msgspec.structs import replace

from uptake.domain.access import PERMISSIONS, Viewer, may, require
from uptake.domain.problems import NotAllowed
from uptake.insights import kept, quality
from uptake.insights.finding import Finding, Findings, Looked, evidence
from uptake.metrics import Facts, Question, answer, own_tree, teams_of
from uptake.metrics.byteam import NOT_YOURS

_LOOKED_AT: dict[str, str] = {"I1": "use", "I2": "use", "I7": "seats", "I15": "data"}


def findings(viewer: Viewer, facts: Facts, today: date) -> Findings:
    """What stands now; not ready while it is still being worked out. Raises NotAllowed."""
    require(viewer, "insights.view")
    known = quality.look(facts)
    through = known.fresh.data_through
    worked = kept.read(facts, known) if through is not None else kept.Worked()
    data = tuple(quality.findings(known, today))
    if worked is None:
        return Findings(False, through, data, (known.told,))
    shown = tuple(_shown(viewer, facts, today, worked.findings))
    looked = (known.told, *(one for one in worked.looked if _looks(viewer, one)))
    return Findings(True, through, (*data, *shown), looked, worked.notice if may(viewer, "insights.of_use") else None)


def _shown(viewer: Viewer, facts: Facts, today: date, worked: tuple[Finding, ...]) -> Iterator[Finding]:
    for one in worked:
        if one.about == "seats" and _sees_seats(viewer):
            yield one
        elif one.about == "use" and may(viewer, "insights.of_use"):
            yield from _of_use(viewer, facts, today, one)


def _of_use(viewer: Viewer, facts: Facts, today: date, one: Finding) -> Iterator[Finding]:
    """As it is for whoever may see all figures; else what lies in the own tree. Raises NotAllowed."""
    require(viewer, "insights.of_use")
    if may(viewer, "numbers.ask"):
        yield from () if one.covered else (one,)
    elif (own := _own(viewer, facts, today, one)) is not None:
        yield own


def _looks(viewer: Viewer, looked: Looked) -> bool:
    """Whether it may be said that this was looked at, and how many teams; a manager is told of teams alone."""
    about = _LOOKED_AT[looked.id]
    if about == "seats":
        return _sees_seats(viewer)
    return may(viewer, "insights.of_use") and (may(viewer, "numbers.ask") or looked.id == "I1")


def _sees_seats(viewer: Viewer) -> bool:
    """Numbers of seats alone: a token for findings shows them to whose owner may see seats."""
    return viewer.on_host or viewer.role in PERMISSIONS["seats.view"]


def _own(viewer: Viewer, facts: Facts, today: date, one: Finding) -> Finding | None:
    """The finding as one of the viewer's own tree or of one within it; None where it is neither."""
    mine, theirs = own_tree(facts, viewer), {view.id for view in teams_of(facts, viewer)}
    for team in (one.cell, *one.alike):
        if team in theirs and _answered(viewer, facts, today, team, one):
            name = "Your team" if team == mine else "A team within yours"
            return replace(
                one,
                cell=team,
                name=name,
                sentence=name + one.sentence.removeprefix(one.name),
                evidence=evidence(team),
                alike=(),
            )
    return None


def _answered(viewer: Viewer, facts: Facts, today: date, team: str, one: Finding) -> bool:
    """Whether the figure behind the finding is given to the viewer: in the weeks in which the tree was theirs."""
    question = Question((one.metric,), by="28d", team=team, since=one.since - timedelta(weeks=4), until=one.until)
    try:
        rows = answer(question, viewer, facts, today).rows
    except NotAllowed:
        return False
    return all(row.cells[one.metric].reason != NOT_YOURS for row in rows)
