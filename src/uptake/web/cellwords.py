"""How a cell, a metric and a row of an answer read: the four states stay apart, and none of them looks like zero."""

from __future__ import annotations

import re
from datetime import date

from uptake.metrics import CATALOGUE, Cell, Row
from uptake.metrics.activity import SURFACE_LABELS
from uptake.metrics.defined.ladder import STATES
from uptake.metrics.weekly import FEATURE_LABELS
from uptake.web import words

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_TOOLS = {"edit": "Edit", "multi_edit": "Multi-edit", "write": "Write", "notebook_edit": "Notebook edit"}
_IDLE = {"30-59": "30 to 59 days", "60-89": "60 to 89 days", "90+": "90 days and more", "never": "Never used"}
_WAYS = {
    f"{one}{link}{other}": f"{label}{link}{then}"
    for one, label in SURFACE_LABELS.items()
    for other, then in SURFACE_LABELS.items()
    for link in (" and ", " to ")
}
_NAMES = {str(name): label for name, label in SURFACE_LABELS.items()} | FEATURE_LABELS | _TOOLS | _IDLE | _WAYS

_MOVES = {f"{then} to {now}": f"{label} to {STATES[now].lower()}" for then, label in STATES.items() for now in STATES}

_SHORT = {
    "messages": "All",
    "chat_messages_total": "Chat",
    "cowork_messages_total": "Cowork",
    "code_commits_per_member": "Commits",
    "code_pull_requests_per_member": "Pull requests",
    "code_lines_added": "Added",
    "code_lines_removed": "Removed",
    "code_reach": "Reach",
    "shipping_share": "Shipping",
    "eligible_reach": "Reach",
    "habitual_share": "Habit",
    "ever_used": "Used",
    "seat_utilisation": "Active",
    "habitual_of_seats": "Habit",
    "core_of_seats": "Core",
    "retention_w1": "Week 1",
    "retention_w2_4": "Weeks 2 to 4",
    "retention_w5_8": "Weeks 5 to 8",
    "retention_w9_12": "Weeks 9 to 12",
}

WITHHELD = "Withheld: too few people"


def shown(metric: str, cell: Cell) -> str:
    """A cell in words: the value, blank for not yet, – for not collected, or that it is withheld."""
    if cell.state == "value" and cell.value is not None:
        return value_in_words(metric, cell.value)
    return {"not_yet": "", "not_collected": words.DASH}.get(cell.state, WITHHELD)


def value_in_words(metric: str, value: float) -> str:
    return words.percent(value) if is_share(metric) else words.number(value)


def change(metric: str, difference: float) -> str:
    """+12, −3 or +7 points; "no change" where it rounds to nothing."""
    share = is_share(metric)
    size = round(abs(difference) * (100 if share else 1))
    if size == 0:
        return "no change"
    sign = "+" if difference > 0 else "−"
    return sign + (words.plural(size, "point") if share else words.number(size))


def is_share(metric: str) -> bool:
    return CATALOGUE[metric].unit == "share"


def name(metric: str) -> str:
    return CATALOGUE[metric].label


def short_name(metric: str) -> str:
    """A metric's name where the figure's title says the rest."""
    return _SHORT.get(metric, name(metric))


def row_name(row: Row) -> str:
    """A row's name: a day or Monday as a date, a surface or feature by its name, a group as it is; empty for the window."""
    key = str(row.key or "")
    if row.label:
        return row.label
    if _MONTH.fullmatch(key):
        return f"{date.fromisoformat(f'{key}-01'):%B %Y}"
    if _DATE.fullmatch(key):
        return words.day_and_year(date.fromisoformat(key))
    return _NAMES.get(key, _MOVES.get(key, key))
