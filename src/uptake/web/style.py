"""The living style page: the tokens as the style sheet says them, and every part of templates/parts in its states.

Its figures are made up; it asks the lake for nothing.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from uptake.actions.views import DayView
from uptake.domain.days import ONE_DAY
from uptake.domain.problems import Problem
from uptake.web import bars, charts, standing, words
from uptake.web import context as places
from uptake.web.bars import Bar
from uptake.web.cellwords import WITHHELD
from uptake.web.charts import Point, Series
from uptake.web.figures import Drawn, Tile
from uptake.web.plots import HEIGHT, Chart, drawing
from uptake.web.policies import viewer_of
from uptake.web.tables import Table

SHEETS = Path(__file__).parent / "static" / "uptake"
LAST = date(2026, 11, 16)
_WEEKS = 12
_TOKEN = re.compile(r"--([a-z-]+):\s*(#[0-9a-f]{6});")
_USES = {
    "paper": "the ground",
    "raised": "fields, what stands on the ground",
    "line": "rules",
    "ink": "text",
    "quiet": "text that comes second",
    "faint": "edges of fields, axes",
    "accent": "links, the primary button, focus, “ours” in charts",
    "on-accent": "text on the accent",
    "tint": "days that settle",
    "good": "state, beside a word",
    "attention": "state, beside a word",
    "bad": "state, beside a word",
}


@dataclass(frozen=True, slots=True)
class Token:
    """A colour of the style sheet in both schemes."""

    name: str
    light: str
    dark: str
    use: str


@require_safe
@gzip_page
def page(request: HttpRequest) -> HttpResponse:
    now = datetime.now(UTC)
    days = _days()
    context: dict[str, Any] = {
        "tokens": tokens(),
        "sizes": (36, 24, 18, 15, 13),
        "spaces": (4, 8, 16, 24, 40, 64),
        "problem": Problem(
            "Anthropic refused the Analytics key on 17 Nov 2026.",
            "Usage through 14 Nov stays; the roster still syncs. Ask the Primary Owner for a key with read:analytics, then "
            "replace it here.",
        ),
        "row": places.second(viewer_of(request), "/"),
        "worth": ((_CARD,), ""),
        "figures": figures(),
        "table": Table(("Team", "Reach", "People"), (("Marketing", "71 %", "52"), ("علم البيانات", WITHHELD, ""))),
        "weeks": standing.calendar(days),
        "day_states": standing.states_shown(days),
        "now": now,
    }
    return render(request, "uptake/style.html", context)


@cache
def tokens() -> tuple[Token, ...]:
    """The colours that tokens.css names: those of both schemes first-hand, so that this page cannot differ from it."""
    light, _, rest = (SHEETS / "tokens.css").read_text().partition("@media (prefers-color-scheme: dark)")
    day, night = (dict(_TOKEN.findall(part)) for part in (light, rest.partition("@media")[0]))
    return tuple(Token(name, value, night[name], _USES.get(name, "a surface")) for name, value in day.items())


@cache
def figures() -> tuple[Drawn, ...]:
    """The one template of figures, with a value, zero, not yet, not collected and withheld."""
    value = Tile("reach", "71 %", "245 of 345", "+7 points in 28 days", "everybody 64 %", "", withheld=False)
    zero = replace(value, name="pull requests", shown="0", of="", change="no change in 28 days", beside="")
    unknown = Tile(
        "still here after 8 weeks", words.DASH, "", "", "", "Nobody has held a seat for 8 weeks", withheld=False
    )
    hidden = Tile("habitual", WITHHELD, "", "", "", "", withheld=True)
    first = Drawn(
        name="style-tiles",
        title="Numbers",
        sentence="Half of Marketing uses Claude in most weeks",
        remark="",
        wide=True,
        tiles=(value, zero, unknown, hidden),
        charts=(),
        tables=(),
        downloads=(),
        explained=(),
        notes=("These figures are made up.",),
        footer=("Data through 19 Nov", "settling since 13 Nov", "▒ 1 withheld: too few people"),
    )
    lined = replace(first, name="style-lines", title="Lines", wide=False, tiles=(), charts=(_lines(),), sentence=_HABIT)
    barred = replace(
        lined, name="style-bars", title="Bars", charts=(_bars(),), sentence="Chat leads; Design is withheld"
    )
    return first, lined, barred


_CARD = {
    "finding": {
        "sentence": "Reach of Support fell by 17 points while everybody’s stayed, 52 people.",
        "evidence": "#findings",
        "people": 52,
        "about": "use",
        "since": LAST - 28 * ONE_DAY,
        "until": LAST,
        "compared_with": "everybody together",
        "explanations": ("A move of people between teams.",),
        "action": "Ask its lead what has changed.",
    },
    "link": "See the team",
    "size": "−17 points",
}
_HABIT = "More people use Claude week after week; one week is withheld, the newest settles"


def _lines() -> Chart:
    points = tuple(_point(week) for week in range(_WEEKS))
    series = [Series("Members", "accent", points, "71 %")]

    def make(width: int) -> charts.Spec:
        return charts.lines(series, width=width, height=HEIGHT, step=7, percent=True)

    return drawing(make, "A made-up share by week", "By week")


def _point(week: int) -> Point:
    day = LAST - (_WEEKS - 1 - week) * 7 * ONE_DAY
    value = None if week == 4 else round(0.4 + 0.03 * week + 0.02 * math.sin(week), 3)
    told = f"{words.day_and_year(day)}: {WITHHELD if value is None else words.percent(value)}"
    return Point(day, value, told, settling=week == _WEEKS - 1, withheld=value is None)


def _bars() -> Chart:
    rows = [
        Bar("Chat", "chat", 210, "210", "Chat: 210", before=190),
        Bar("Claude Code", "claude_code", 88, "88", "Claude Code: 88", before=95),
        Bar("Cowork", "cowork", 0, "0", "Cowork: 0"),
        Bar("Design", "design", None, WITHHELD, f"Design: {WITHHELD}"),
    ]
    return drawing(
        lambda width: bars.bars(rows, width=width), "Made-up members by surface", "The mark is 28 days before"
    )


def _days() -> list[DayView]:
    """Two weeks in which every state occurs."""
    states = tuple(standing.DAY_STATES)
    most = ("held",) * (14 - len(states))
    reason = "The day shrank to less than half of its members; the rows held before stay."
    return [
        DayView(LAST + n * ONE_DAY, state, reason=reason if state == "held_back" else "")  # type: ignore[arg-type]
        for n, state in enumerate((*most, *states), start=-7)
    ]
