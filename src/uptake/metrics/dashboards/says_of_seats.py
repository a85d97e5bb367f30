"""What the figures of seats say in one sentence. From released cells only, like says.py."""

from __future__ import annotations

from uptake.metrics.dashboards.says import by_key
from uptake.metrics.question import Answer, Cell
from uptake.metrics.sentences import Answers, cell_of, day_of, last_known, per_cent, week_of, without

_BANDS = {
    "30-59": "for 30 to 59 days",
    "60-89": "for 60 to 89 days",
    "90+": "for 90 days or longer",
    "never": "never used",
}


def headlines(answers: Answers) -> str:
    held, idle = cell_of(answers["held"], "members"), cell_of(answers["idle"], "idle_seats")
    if held.value is None:
        return without(held, answers["held"])
    if idle.value is None:
        return f"{_seats(held)} assigned. Idle seats: {_lower(without(idle, answers['idle']))}"
    about = "about " if idle.rounded else ""
    return f"{_seats(held)} assigned; {about}{idle.value:,} of them have not been used for 30 days or longer."


def idle(answers: Answers) -> str:
    found = answers["idle"]
    cells = by_key(found, "idle_seats")
    known = {key: cell for key, cell in cells.items() if cell.value and key in _BANDS}
    if not known:
        lacking = next((cell for cell in cells.values() if cell.value is None), None)
        return without(lacking, found) if lacking else "No seat lies idle."
    top = max(known, key=lambda key: known[key].value or 0)
    about = "About " if known[top].rounded else ""
    what = "were never used" if top == "never" else f"have been idle {_BANDS[top]}"
    until = f", as of {day_of(known[top].until)}" if known[top].until else ""
    more = ": more than in any other band" if len(known) > 1 else ""
    return f"{about}{known[top].value:,} seats {what}{until}{more}."


def used(answers: Answers) -> str:
    found = answers["months"]
    row = last_known(found, "seat_utilisation")
    if row is None:
        return without(found.rows[-1].cells["seat_utilisation"], found)
    return f"{per_cent(row.cells['seat_utilisation'])} of the seats were used in the four weeks from {day_of(week_of(row))}."


def held(answers: Answers) -> str:
    found = answers["week"]
    whole = [row for row in found.rows if row.days == row.days_expected and row.cells["members"].value is not None]
    if not whole:
        return without(found.rows[-1].cells["members"], found) if _unknown(found) else "No whole week is held yet."
    first, last = (row.cells["members"].value or 0 for row in (whole[0], whole[-1]))
    text = f"{last:,} seats were held in the week from {day_of(week_of(whole[-1]))}"
    if len(whole) == 1:
        return f"{text}."
    change = f"{abs(last - first):,} {'more' if last > first else 'fewer'} than" if last != first else "as many as"
    return f"{text}, {change} in the week from {day_of(week_of(whole[0]))}."


def reported(answers: Answers) -> str:
    seats, invites = (cell_of(answers["now"], name) for name in ("reported_seats", "reported_invites"))
    if seats.value is None:
        return without(seats, answers["now"])
    pending = (
        ""
        if invites.value is None
        else f" and {invites.value:,} {'invite' if invites.value == 1 else 'invites'} pending"
    )
    return f"Claude itself counts {seats.value:,} seats assigned{pending}."


def _unknown(found: Answer) -> bool:
    return all(row.cells["members"].value is None for row in found.rows)


def _seats(cell: Cell) -> str:
    return "1 seat is" if cell.value == 1 else f"{cell.value:,} seats are"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
