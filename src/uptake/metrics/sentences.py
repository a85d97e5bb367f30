"""One plain sentence a figure: what it shows now. From released cells only; no digits where a figure is withheld."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from uptake.metrics.activity import SURFACE_LABELS
from uptake.metrics.freshness import NOT_YET
from uptake.metrics.question import Answer, Cell, Row

Answers = dict[str, Answer]

_ISO = re.compile(r"\d{4}-\d\d-\d\d")

NOTHING_HELD = "No usage is held yet: figures appear after the first sync."
TOO_FEW = "The newest figure is withheld: it would tell of too few people."


def headlines(answers: Answers) -> str:
    now = answers["now"]
    reach, active = cell_of(now, "reach_28d"), cell_of(now, "active_28d")
    if reach.value is not None:
        return f"{per_cent(reach)} of members used Claude in the 28 days to {day_of(now.until)}."
    if active.value is not None:
        return f"{people(active)} used Claude in the 28 days to {day_of(now.until)}."
    return without(active, now)


def active_over_time(answers: Answers) -> str:
    found = answers["week"]
    whole = [row for row in found.rows if row.days == row.days_expected]
    if not whole:
        return NOTHING_HELD if found.freshness.data_through is None else "No whole week is held yet."
    last, before = whole[-1], whole[-2] if len(whole) > 1 else None
    cell = last.cells["active_week"]
    if cell.value is None:
        return without(cell, found)
    text = f"{people(cell)} used Claude in the week from {day_of(week_of(last))}"
    known = before.cells["active_week"].value if before and (week_of(last) - week_of(before)).days == 7 else None
    return f"{text}." if known is None else f"{text}, {compared(cell.value - known)} the week before."


def surfaces(answers: Answers) -> str:
    found = answers["now"]
    cells = {row.key: row.cells["surface_active"] for row in found.rows}
    used = {key: cell for key, cell in cells.items() if cell.value}
    if not used:
        states = [cell for cell in cells.values() if cell.value is None]
        return without(states[0], found) if states else f"Nobody used Claude in the 28 days to {day_of(found.until)}."
    if any(cell.state == "withheld" for cell in cells.values()):
        shown = ", ".join(SURFACE_LABELS[key] for key in SURFACE_LABELS if key in used)
        return f"People use {shown}; surfaces with too few people are not shown."
    top = max(used, key=lambda key: used[key].value or 0)
    if len(cells) == 1:
        return f"{people(used[top])} used {SURFACE_LABELS[top]} in the 28 days to {day_of(found.until)}."  # type: ignore[index]
    return f"{SURFACE_LABELS[top]} is used most: {people(used[top])} in the 28 days to {day_of(found.until)}."  # type: ignore[index]


def habits(answers: Answers) -> str:
    months = answers["months"]
    habit, reach = last_known(months, "habitual_share"), last_known(months, "eligible_reach")
    if habit is not None:
        share, weeks = per_cent(habit.cells["habitual_share"]), f"the four weeks from {day_of(week_of(habit))}"
        return f"For {share} of members Claude was a habit in {weeks}."
    if reach is not None:
        share = per_cent(reach.cells["eligible_reach"])
        return f"{share} of eligible members used Claude in the four weeks from {day_of(week_of(reach))}."
    now = answers["now"]
    return without(cell_of(now, "eligible_reach"), now)


def messages(answers: Answers) -> str:
    def text(row: Row) -> str:
        cell = row.cells["messages"]
        return f"People sent {at_least(cell)} messages in the week from {day_of(week_of(row))}."

    return of_last_week(answers["week"], "messages", text)


def flows(answers: Answers) -> str:
    found = answers["months"]
    row = last_known(found, "flow_new")
    if row is None:
        return without(found.rows[-1].cells["flow_new"], found)
    new, back, lapsed, left = (row.cells[f"flow_{name}"] for name in ("new", "resurrected", "churned", "left"))
    if any(cell.value is None for cell in (new, back, lapsed, left)):
        return f"{_came(new)} in the four weeks from {day_of(week_of(row))}."
    came, went = (new.value or 0) + (back.value or 0), (lapsed.value or 0) + (left.value or 0)
    return (
        f"{came:,} people started or came back in the four weeks from {day_of(week_of(row))}, {went:,} lapsed or left."
    )


def _came(new: Cell) -> str:
    return "Nobody was new" if new.value == 0 else f"{people(new)} used Claude for the first time"


def claude_code(answers: Answers) -> str:
    now = answers["now"]
    sessions, rate = cell_of(now, "code_sessions"), cell_of(now, "code_acceptance_rate")
    if sessions.value is None and rate.value is None:
        return without(sessions, now)
    parts = [] if sessions.value is None else [f"{sessions.value:,} Claude Code sessions"]
    parts += [] if rate.value is None else [f"{per_cent(rate)} of suggestions accepted"]
    return f"{', '.join(parts)} in the 28 days to {day_of(now.until)}."


def of_last_week(found: Answer, metric: str, text: Callable[[Row], str]) -> str:
    """What `text` says of the last whole week, or why it says nothing."""
    whole = [row for row in found.rows if row.days == row.days_expected]
    if not whole:
        return NOTHING_HELD if found.freshness.data_through is None else "No whole week is held yet."
    cell = whole[-1].cells[metric]
    return text(whole[-1]) if cell.value is not None else without(cell, found)


def last_known(found: Answer, metric: str) -> Row | None:
    """The newest row with a value of the metric."""
    return next((row for row in reversed(found.rows) if row.cells[metric].value is not None), None)


def at_least(cell: Cell) -> str:
    """A sum in words; "at least" where days are left out of it."""
    return f"{'at least ' if cell.left_out else ''}{cell.value:,}"


def without(cell: Cell, found: Answer) -> str:
    """What to say where there is no figure."""
    if cell.state == "withheld":
        return TOO_FEW
    if found.freshness.data_through is None:
        return NOTHING_HELD
    why = _ISO.sub(lambda day: day_of(date.fromisoformat(day.group())), cell.reason.removeprefix(f"{NOT_YET}: "))
    return f"Not yet available: {why}." if cell.state == "not_yet" else f"Not collected: {why}."


def cell_of(found: Answer, metric: str) -> Cell:
    return found.rows[0].cells[metric]


def people(cell: Cell) -> str:
    return "1 person" if cell.value == 1 else f"{cell.value:,} people"


def per_cent(cell: Cell) -> str:
    return f"{100 * (cell.value or 0):.0f} %"


def compared(change: float) -> str:
    if change == 0:
        return "as many as"
    return f"{abs(change):,} {'more' if change > 0 else 'fewer'} than"


def week_of(row: Row) -> date:
    return date.fromisoformat(row.key or "")


def day_of(day: date | None) -> str:
    return f"{day:%-d %B}" if day else "today"
