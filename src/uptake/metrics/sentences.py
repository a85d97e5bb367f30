"""One plain sentence a figure: what it shows now. From released cells only; no digits where a figure is withheld."""

from __future__ import annotations

from datetime import date

from uptake.metrics.activity import SURFACE_LABELS
from uptake.metrics.question import Answer, Cell, Row

Answers = dict[str, Answer]

NOTHING_HELD = "No usage is held yet: figures appear after the first sync."
TOO_FEW = "Too few people use Claude for this figure to be shown."


def headlines(answers: Answers) -> str:
    now = answers["now"]
    reach, active = _cell(now, "reach_28d"), _cell(now, "active_28d")
    if reach.value is not None:
        return f"{_per_cent(reach)} of members used Claude in the 28 days to {_day(now.until)}."
    if active.value is not None:
        return f"{_people(active)} used Claude in the 28 days to {_day(now.until)}."
    return _without(active, now)


def active_over_time(answers: Answers) -> str:
    found = answers["week"]
    whole = [row for row in found.rows if row.days == row.days_expected]
    if not whole:
        return NOTHING_HELD if found.freshness.data_through is None else "No whole week is held yet."
    last, before = whole[-1], whole[-2] if len(whole) > 1 else None
    cell = last.cells["active_week"]
    if cell.value is None:
        return _without(cell, found)
    text = f"{_people(cell)} used Claude in the week from {_day(_monday(last))}"
    known = before.cells["active_week"].value if before and (_monday(last) - _monday(before)).days == 7 else None
    return f"{text}." if known is None else f"{text}, {_compared(cell.value - known)} the week before."


def surfaces(answers: Answers) -> str:
    found = answers["now"]
    cells = {row.key: row.cells["surface_active"] for row in found.rows}
    used = {key: cell for key, cell in cells.items() if cell.value}
    if not used:
        states = [cell for cell in cells.values() if cell.value is None]
        return _without(states[0], found) if states else f"Nobody used Claude in the 28 days to {_day(found.until)}."
    if any(cell.state == "withheld" for cell in cells.values()):
        shown = ", ".join(SURFACE_LABELS[key] for key in SURFACE_LABELS if key in used)
        return f"People use {shown}; surfaces with too few people are not shown."
    top = max(used, key=lambda key: used[key].value or 0)
    return f"{SURFACE_LABELS[top]} is used most: {_people(used[top])} in the 28 days to {_day(found.until)}."  # type: ignore[index]


def habits(answers: Answers) -> str:
    now = answers["now"]
    habit, reach = _cell(now, "habitual_share"), _cell(now, "eligible_reach")
    until = habit.until or reach.until
    if habit.value is not None:
        return f"For {_per_cent(habit)} of members Claude was a habit in the four weeks to {_day(until)}."
    if reach.value is not None:
        return f"{_per_cent(reach)} of eligible members used Claude in the four weeks to {_day(until)}."
    return _without(reach, now)


def messages(answers: Answers) -> str:
    found = answers["week"]
    whole = [row for row in found.rows if row.days == row.days_expected]
    if not whole:
        return NOTHING_HELD if found.freshness.data_through is None else "No whole week is held yet."
    cell = whole[-1].cells["messages"]
    if cell.value is None:
        return _without(cell, found)
    at_least = "at least " if cell.left_out else ""
    return f"People sent {at_least}{cell.value:,} messages in the week from {_day(_monday(whole[-1]))}."


def claude_code(answers: Answers) -> str:
    now = answers["now"]
    sessions, rate = _cell(now, "code_sessions"), _cell(now, "code_acceptance_rate")
    if sessions.value is None and rate.value is None:
        return _without(sessions, now)
    parts = [] if sessions.value is None else [f"{sessions.value:,} Claude Code sessions"]
    parts += [] if rate.value is None else [f"{_per_cent(rate)} of suggestions accepted"]
    return f"{', '.join(parts)} in the 28 days to {_day(now.until)}."


def _without(cell: Cell, found: Answer) -> str:
    """What to say where there is no figure."""
    if cell.state == "withheld":
        return TOO_FEW
    if found.freshness.data_through is None:
        return NOTHING_HELD
    return f"Not yet available: {cell.reason}." if cell.state == "not_yet" else f"Not collected: {cell.reason}."


def _cell(found: Answer, metric: str) -> Cell:
    return found.rows[0].cells[metric]


def _people(cell: Cell) -> str:
    return "1 person" if cell.value == 1 else f"{cell.value:,} people"


def _per_cent(cell: Cell) -> str:
    return f"{100 * (cell.value or 0):.0f} %"


def _compared(change: float) -> str:
    if change == 0:
        return "as many as"
    return f"{abs(change):,} {'more' if change > 0 else 'fewer'} than"


def _monday(row: Row) -> date:
    return date.fromisoformat(row.key or "")


def _day(day: date | None) -> str:
    return f"{day:%-d %B}" if day else "today"
