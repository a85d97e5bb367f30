"""I7, seats to review: how many lie idle, as numbers. Who holds them stands on the list of seats, by its own rights."""

from __future__ import annotations

import math
from datetime import date

from uptake.domain.access import SCHEDULE
from uptake.insights import words
from uptake.insights.finding import Finding, Looked, Size
from uptake.insights.quality import Quality
from uptake.metrics import Facts, Question, answer

METRIC = "idle_seats"
_WHAT = "Seats that were not used for 60 days and more, or never"
_LONG, _NEVER = ("60-89", "90+"), "never"
_USEFUL = 1.5


def found(facts: Facts, quality: Quality, today: date) -> tuple[list[Finding], Looked]:
    rows = answer(Question((METRIC,), by="idle"), SCHEDULE, facts, today).rows
    cells = {row.key: row.cells[METRIC] for row in rows}
    long = [value for band in _LONG if band in cells and (value := cells[band].value) is not None]
    never = cells[_NEVER].value if _NEVER in cells else None
    through = quality.fresh.data_through
    if through is None or (not long and never is None):
        return [], Looked("I7", _WHAT, vetoed=("needs 60 days of usage, and enough such seats to be shown",))
    idle, unused = int(sum(long)), int(never or 0)
    return [_finding(idle, unused, through)] if idle + unused else [], Looked("I7", _WHAT, 1)


def _finding(idle: int, unused: int, through: date) -> Finding:
    return Finding(
        id="I7",
        about="seats",
        cell="",
        name="Seats",
        metric=METRIC,
        direction="",
        since=through,
        until=through,
        data_through=through,
        sentence=_sentence(idle, unused),
        compared_with="seats held for 30 days or more",
        action="Ask those who hold them whether they still need them; nothing is taken away.",
        evidence="/seats/list/",
        size=Size(idle + unused, idle + unused, "seats"),
        people=words.band(idle + unused),
        explanations=("Leave, and roles that need Claude now and then, make such seats too.",),
        group="seats",
        score=_USEFUL * math.log2(max(2, idle + unused)) / 4,
    )


def _sentence(idle: int, unused: int) -> str:
    seats = f"About {words.plural(idle + unused, 'seat was', 'seats were')}"
    if not idle:
        return f"{seats} never used."
    # One number for both: Overview counts as never used whoever was not seen since the first day held.
    return f"{seats} not used for 60 days or more{', or never' if unused else ''}."
