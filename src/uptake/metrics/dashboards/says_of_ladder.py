"""What the figures of Reach, Growth, Habit and Retention say in one sentence. From released cells only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from uptake.metrics.dashboards.onboarding import BRACKETS
from uptake.metrics.question import Answer, Cell, Row
from uptake.metrics.rungs import rungs
from uptake.metrics.sentences import Answers, cell_of, day_of, last_known, per_cent, week_of, without

_STEPS = {
    "Ever used": ("seat to first use", "of seat holders ever used Claude"),
    "Active in four weeks": ("first use to use in four weeks", "of those who ever used it were active"),
    "Habitual": ("use to habit", "of those active have a habit"),
}
_OFTEN = 12
"""Active days in four weeks: three a week."""
SIX = 6
"""Cohorts that are put together beside as many before them."""


def funnel(answers: Answers) -> str:
    """Where most are lost on the way from a seat to a habit: what to work on."""
    found = answers["ladder"]
    row = last_known(found, "ever_used") or last_known(found, "seat_utilisation")
    if row is None:
        return without(found.rows[-1].cells["seat_utilisation"], found)
    steps = {one.name: one.of_before for one in rungs(row) if one.name in _STEPS and one.of_before is not None}
    if not steps:
        return without(row.cells["habitual_of_seats"], found)
    name = min(steps, key=lambda one: steps[one])
    step, did = _STEPS[name]
    return f"The narrowest step is from {step}: {100 * steps[name]:.0f} % {did}, in {_weeks(row)}."


def course(answers: Answers) -> str:
    return _moved(answers["months"], "habitual_of_seats", "of seat holders have a habit")


def kept(answers: Answers) -> str:
    return _moved(answers["months"], "retention_rolling", "of those active before were active again")


def _moved(found: Answer, metric: str, did: str) -> str:
    rows = [row for row in found.rows if row.cells[metric].value is not None]
    if not rows:
        return without(found.rows[-1].cells[metric], found)
    now, first = rows[-1], rows[0]
    text = f"{per_cent(now.cells[metric])} {did} in {_weeks(now)}"
    return f"{text}." if now is first else f"{text}; {per_cent(first.cells[metric])} in {_weeks(first)}."


def teams(answers: Answers) -> str:
    """Between which figures teams lie; nobody is ranked."""
    found = answers["teams"]
    cells = [row.cells["habitual_of_seats"] for row in found.rows if row.key not in {None, "none", "other"}]
    known = [cell for cell in cells if cell.value is not None]
    if not known:
        held = next((row.cells["habitual_of_seats"] for row in found.rows), None)
        if held is None:
            return "Not yet available: teams are known in fixed four weeks, and the first are not over."
        return "Import people to see departments." if "directory" in held.reason else without(held, found)
    low, high = (per_cent(pick(known, key=lambda cell: cell.value or 0)) for pick in (min, max))
    where = f"between {low} and {high}" if low != high else low
    return f"Of seat holders, those with a habit are {where}, in the four weeks to {day_of(known[0].until)}."


def growth(answers: Answers) -> str:
    found = answers["months"]
    row = last_known(found, "flow_new")
    if row is None:
        return without(found.rows[-1].cells["flow_new"], found)
    new, back, quiet, left = (_people(row, f"flow_{name}") for name in ("new", "resurrected", "churned", "left"))
    if new is None or back is None or quiet is None or left is None:
        return f"Some of those who came or went in {_weeks(row)} are too few to be shown."
    came, went = new + back, quiet + left
    if came == went:
        return f"As many came as went in {_weeks(row)}: {came:,}."
    more = f"{came - went:,} more came than went" if came > went else f"{went - came:,} more went than came"
    why = _largest({"went quiet": quiet, "left": left} if went > came else {"were new": new, "came back": back})
    return f"{more} in {_weeks(row)}; {why}."


def _largest(sizes: dict[str, int]) -> str:
    name = max(sizes, key=lambda one: sizes[one])
    other = next(one for one in sizes if one != name)
    return f"{sizes[name]:,} {name}, {sizes[other]:,} {other}"


def active(answers: Answers) -> str:
    found = answers["months"]
    row = last_known(found, "flow_retained")
    if row is None:
        return without(found.rows[-1].cells["flow_retained"], found)
    stayed, new, back = (_people(row, f"flow_{name}") or 0 for name in ("retained", "new", "resurrected"))
    whole = stayed + new + back
    if not whole:
        return f"Nobody was active in {_weeks(row)}."
    return f"{100 * stayed / whole:.0f} % of those active in {_weeks(row)} had been active before."


def quick(answers: Answers) -> str:
    found = answers["months"]
    row = last_known(found, "quick_ratio")
    if row is None:
        return without(found.rows[-1].cells["quick_ratio"], found)
    value = row.cells["quick_ratio"].value or 0
    return f"For each one who went quiet or left, {value:.1f} came or came back in {_weeks(row)}."


def states(answers: Answers) -> str:
    found = answers["months"]
    row = last_known(found, "habitual_of_seats")
    if row is None:
        return without(found.rows[-1].cells["habitual_of_seats"], found)
    habit, core = row.cells["habitual_of_seats"], row.cells["core_of_seats"]
    of = f"{habit.numerator:,} of {habit.denominator:,} seat holders have a habit"
    among = "" if core.numerator is None else f", {core.numerator:,} of them on three days a week or more"
    return f"{of}{among}, in {_weeks(row)}."


def curve(answers: Answers) -> str:
    now, earlier = answers["now"], answers.get("earlier")
    often = _often(now)
    if often is None:
        cell = now.rows[-1].cells["power_user_curve"]
        return without(cell, now) if cell.value is None else "Too few people to tell how many use Claude often."
    until = now.rows[0].cells["power_user_curve"].until
    text = f"{100 * often:.0f} % of eligible members were active on {_OFTEN} days or more in the four weeks to {day_of(until)}"
    was = _often(earlier) if earlier else None
    return f"{text}." if was is None else f"{text}; {100 * was:.0f} % twelve weeks before."


def _often(found: Answer) -> float | None:
    """The share from twelve active days on; None where bars put together lie across the twelfth."""
    sizes = {row.key: row.cells["power_user_curve"].value for row in found.rows if row.key}
    if not sizes or None in sizes.values():
        return None
    starts = {key: int(key.split(" to ")[0]) for key in sizes}
    whole = sum(size or 0 for size in sizes.values())
    if _OFTEN not in starts.values() or not whole:
        return None
    return sum(sizes[key] or 0 for key in sizes if starts[key] >= _OFTEN) / whole


def moves(answers: Answers) -> str:
    found = answers["moves"]
    sizes = {str(row.key): row.cells["state_moves"] for row in found.rows if row.key}
    if not sizes:
        return without(found.rows[0].cells["state_moves"], found)
    stayed, became = sizes["habitual to habitual"].value, sizes["occasional to habitual"].value
    lost = _sum(sizes, ("habitual to occasional", "habitual to dormant"))
    if stayed is not None and lost is not None and stayed + lost:
        kept = f"{100 * stayed / (stayed + lost):.0f} % of those with a habit twelve weeks ago still have it"
        return f"{kept}." if became is None else f"{kept}; {became:,} occasional users found one."
    return "Some moves are too few to be shown." if became is None else f"{became:,} occasional users found a habit."


def newer(answers: Answers) -> str:
    """From the latest bracket that both sides are old enough for."""
    found = large_enough(answers["weeks"], answers["fours"])
    some = "six cohorts" if found is answers["weeks"] else "three cohorts of four weeks"
    before = "six" if found is answers["weeks"] else "three"
    for metric, name in reversed(
        tuple(zip(BRACKETS, ("week 1", "weeks 2 to 4", "weeks 5 to 8", "weeks 9 to 12"), strict=True))
    ):
        new, old = newest_and_before(found, metric)
        if new is not None and old is not None:
            change = f"{100 * new:.0f} % of the newest {some} known were active in {name}"
            return f"{change}; {100 * old:.0f} % of the {before} before."
    cell = cell_of(found, BRACKETS[0])
    return (
        without(cell, found)
        if cell.state != "value"
        else "Twelve cohorts of a week, or six of four weeks, large enough to be shown, are needed to compare."
    )


def large_enough(weeks: Answer, fours: Answer) -> Answer:
    """The cohorts by week, where most of the newest twelve are large enough to be shown; else those by four weeks."""
    newest = [row.cells[BRACKETS[0]] for row in weeks.rows if row.key][-12:]
    return weeks if 2 * sum(cell.value is not None for cell in newest) > len(newest) > 0 else fours


def newest_and_before(found: Answer, metric: str) -> tuple[float | None, float | None]:
    """The share kept of the newest cohorts that are shown, and of as many before; None where there are not so many."""
    many = SIX if found.question.by == "started" else SIX // 2
    known = [row.cells[metric] for row in found.rows if row.key and row.cells[metric].value is not None]
    return _together(known[-many:], many), _together(known[-2 * many : -many], many)


def _together(cells: Sequence[Cell], many: int) -> float | None:
    under = sum(cell.denominator or 0 for cell in cells)
    return sum(cell.numerator or 0 for cell in cells) / under if len(cells) == many and under else None


def _people(row: Row, metric: str) -> int | None:
    value = row.cells[metric].value
    return None if value is None else int(value)


def _sum(sizes: dict[str, Cell], names: tuple[str, ...]) -> int | None:
    known = [sizes[name].value for name in names]
    return None if None in known else sum(int(value or 0) for value in known)


def _weeks(row: Row) -> str:
    first: date = week_of(row)
    return f"the four weeks to {day_of(first + timedelta(days=27))}"
