"""What the figures of Surfaces, Claude Code and Onboarding say in one sentence. From released cells only, like sentences.py."""

from __future__ import annotations

from datetime import date

from uptake.metrics.activity import SURFACE_LABELS
from uptake.metrics.question import Answer, Cell, Row
from uptake.metrics.sentences import (
    Answers,
    at_least,
    cell_of,
    day_of,
    last_known,
    of_last_week,
    per_cent,
    week_of,
    without,
)
from uptake.metrics.weekly import FEATURE_LABELS

TOOL_LABELS = {"edit": "Edit", "multi_edit": "Multi-edit", "write": "Write", "notebook_edit": "Notebook edit"}


def mix(answers: Answers) -> str:
    """The surface that moved most from the oldest window shown to the newest."""
    windows = list(answers.values())
    oldest, newest = by_key(windows[0], "surface_active"), by_key(windows[-1], "surface_active")
    moved = {
        key: (oldest[key].value or 0, cell.value)
        for key, cell in newest.items()
        if cell.value is not None and key in oldest and oldest[key].value is not None
    }
    if not moved or len(windows) == 1:
        known = next((cell for cell in newest.values() if cell.value is None), None)
        return without(known, windows[-1]) if known else "The first 28 days: what changes is seen after the next."
    key = max(moved, key=lambda one: abs(moved[one][1] - moved[one][0]))
    before, now = moved[key]
    since = f"the 28 days to {day_of(windows[0].until)}"
    if before == now:
        return f"As many people as in {since} use each surface."
    if len(newest) == 1:
        return f"{now:,} people used {SURFACE_LABELS[key]}, {before:,} in {since}."  # type: ignore[index]
    return f"{SURFACE_LABELS[key]} moved most: {now:,} people, {before:,} in {since}."  # type: ignore[index]


def breadth(answers: Answers) -> str:
    now = answers["now"]
    several, mean = cell_of(now, "multi_surface_share"), cell_of(now, "surfaces_mean")
    if several.value is None:
        return without(several, now)
    text = (
        f"{per_cent(several)} of active members used more than one surface in the four weeks to {day_of(several.until)}"
    )
    return f"{text}." if mean.value is None else f"{text}, {mean.value:g} on average."


def surface_habit(answers: Answers) -> str:
    found = answers["surface"]
    known = {key: cell for key, cell in by_key(found, "surface_habit").items() if cell.value is not None}
    if not known:
        return without(next(iter(by_key(found, "surface_habit").values())), found)
    key = max(known, key=lambda one: known[one].denominator or 0)  # the surface that most people use
    return (
        f"{per_cent(known[key])} of those who use {SURFACE_LABELS[key]} do so in at least three of the four weeks "  # type: ignore[index]
        f"to {day_of(known[key].until)}."
    )


def surface_pairs(answers: Answers) -> str:
    found = answers["pair"]
    known = {key: cell for key, cell in by_key(found, "surface_pairs").items() if cell.value}
    if not known:
        return without(next(iter(by_key(found, "surface_pairs").values())), found)
    one, _, other = max(known, key=lambda key: known[key].value or 0).partition(" and ")
    pair = f"{SURFACE_LABELS[one]} and {SURFACE_LABELS[other]}"  # type: ignore[index]
    return f"{pair} are the two used together most: by {per_cent(known[f'{one} and {other}'])} of active members."


def next_surface(answers: Answers) -> str:
    found = answers["path"]
    cells = by_key(found, "next_surface")
    known = {key: cell for key, cell in cells.items() if cell.value}
    if not known:
        lacking = next((cell for cell in cells.values() if cell.state in {"withheld", "not_yet"}), None)
        return without(lacking or next(iter(cells.values())), found)
    one, _, other = max(known, key=lambda key: known[key].numerator or 0).partition(" to ")
    first, then = SURFACE_LABELS[one], SURFACE_LABELS[other]  # type: ignore[index]
    return f"Of new members who began with {first} alone, {per_cent(known[f'{one} to {other}'])} went on to {then}."


def first_time(answers: Answers) -> str:
    found = answers["surface"]
    cells = by_key(found, "first_time_on_surface")
    known = {key: cell for key, cell in cells.items() if cell.value}
    if not known:
        lacking = next((cell for cell in cells.values() if cell.value is None), None)
        return without(lacking, found) if lacking else "Nobody was new to a surface in the newest four weeks."
    top = max(known, key=lambda key: known[key].value or 0)
    label = SURFACE_LABELS[top]  # type: ignore[index]
    return (
        f"{known[top].value:,} people used {label} for the first time in the four weeks to {day_of(known[top].until)}."
    )


def features(answers: Answers) -> str:
    found = answers["feature"]
    cells = by_key(found, "feature_reach")
    known = {key: cell for key, cell in cells.items() if cell.value is not None}
    if not known:
        return without(next(iter(cells.values())), found)
    top, low = (pick(known, key=lambda key: known[key].value or 0) for pick in (max, min))
    if len(known) == 1 or known[top].value == known[low].value:
        return f"{per_cent(known[top])} used {FEATURE_LABELS[top]}."
    return (
        f"{FEATURE_LABELS[top]} is used by {per_cent(known[top])} of those it is for, "
        f"{FEATURE_LABELS[low]} by {per_cent(known[low])}."
    )


def depth(answers: Answers) -> str:
    now = answers["now"]
    prompts = cell_of(now, "prompts_per_active_day")
    if prompts.value is None:
        return without(prompts, now)
    until = day_of(prompts.until)
    return f"On an active day the member in the middle sent {prompts.value:g} messages, in the four weeks to {until}."


def code_headlines(answers: Answers) -> str:
    now = answers["newest"]
    reach, shipping = cell_of(now, "code_reach"), cell_of(now, "shipping_share")
    if reach.value is None:
        return without(reach, now)
    text = f"{per_cent(reach)} of eligible members used Claude Code in the four weeks to {day_of(reach.until)}"
    if shipping.value is None:
        return f"{text}."
    return f"{text}; in {per_cent(shipping)} of the weeks with it something was committed."


def code_reach(answers: Answers) -> str:
    found = answers["months"]
    rows = [row for row in found.rows if row.cells["code_reach"].value is not None]
    if not rows:
        return without(found.rows[-1].cells["code_reach"], found)
    now = rows[-1].cells["code_reach"]
    text = f"Claude Code reached {per_cent(now)} of eligible members in the four weeks from {day_of(week_of(rows[-1]))}"
    if len(rows) == 1:
        return f"{text}."
    return f"{text}, {per_cent(rows[0].cells['code_reach'])} in those from {day_of(week_of(rows[0]))}."


def code_tools(answers: Answers) -> str:
    found = answers["tool"]
    cells = by_key(found, "acceptance_by_tool")
    known = {key: cell for key, cell in cells.items() if cell.value is not None}
    if not known:
        return without(next(iter(cells.values())), found)
    top, low = (pick(known, key=lambda key: known[key].value or 0) for pick in (max, min))
    if known[top].value == known[low].value:
        tools = "each tool" if len(known) > 1 else TOOL_LABELS[top]
        return f"{per_cent(known[top])} of the suggestions of {tools} are accepted."
    return (
        f"{per_cent(known[top])} of {TOOL_LABELS[top]} suggestions are accepted, "
        f"{per_cent(known[low])} of {TOOL_LABELS[low]} suggestions."
    )


def code_per_member(answers: Answers) -> str:
    now = answers["now"]
    commits, requests = cell_of(now, "code_commits_per_member"), cell_of(now, "code_pull_requests_per_member")
    if commits.value is None:
        return without(commits, now)
    text = f"{commits.value:g} commits per member who used Claude Code in the four weeks to {day_of(commits.until)}"
    return f"{text}." if requests.value is None else f"{text}, {requests.value:g} pull requests."


def code_acceptance(answers: Answers) -> str:
    def text(row: Row) -> str:
        rate = row.cells["code_acceptance_rate"]
        return f"{per_cent(rate)} of suggestions were accepted in the week from {day_of(week_of(row))}."

    return of_last_week(answers["week"], "code_acceptance_rate", text)


def code_sessions(answers: Answers) -> str:
    def text(row: Row) -> str:
        return _start(f"{at_least(row.cells['code_sessions'])} sessions in the week from {day_of(week_of(row))}.")

    return of_last_week(answers["week"], "code_sessions", text)


def code_shipped(answers: Answers) -> str:
    return _two(answers["week"], "code_commits", "commits", "code_pull_requests", "pull requests")


def code_lines(answers: Answers) -> str:
    return _two(answers["week"], "code_lines_added", "lines added", "code_lines_removed", "removed")


def _two(found: Answer, one: str, ones: str, other: str, others: str) -> str:
    def text(row: Row) -> str:
        cells = row.cells
        more = f" and {at_least(cells[other])} {others}" if cells[other].value is not None else ""
        return _start(f"{at_least(cells[one])} {ones}{more} in the week from {day_of(week_of(row))}.")

    return of_last_week(found, one, text)


def _start(text: str) -> str:
    return text[0].upper() + text[1:]


def onboarding(answers: Answers) -> str:
    now = answers["now"]
    median, month = cell_of(now, "first_use_median_days"), cell_of(now, "activation_30d")
    if median.value is not None:
        return f"Half of those who are given a seat use Claude within {median.value:g} days."
    if month.value is not None:
        return f"{per_cent(month)} of those who are given a seat use Claude within 30 days."
    return without(month, now)


def activation(answers: Answers) -> str:
    return _newest_cohort(answers["joined"], "activation_30d", "used Claude within 30 days")


def habit_by_cohort(answers: Answers) -> str:
    return _newest_cohort(answers["joined"], "habit_by_week_8", "had a habit by week 8")


def _newest_cohort(found: Answer, metric: str, did: str) -> str:
    row = last_known(found, metric)
    if row is None or not row.key:
        cells = [row.cells[metric] for row in found.rows]
        small = any(cell.state == "withheld" for cell in cells)
        return "No month has enough people who joined to show it." if small else without(cells[-1], found)
    return f"{per_cent(row.cells[metric])} of those who joined in {_month(row.key)} {did}."


def first_weeks(answers: Answers) -> str:
    found = answers["tenure"]
    rows = [row for row in found.rows if row.key and row.cells["active_days_mean"].value is not None]
    if not rows:
        return without(found.rows[0].cells["active_days_mean"], found)
    new, old = rows[0], rows[-1]
    text = f"With a seat for {new.key}, those active use Claude on {new.cells['active_days_mean'].value:g} days a week"
    return f"{text}." if new is old else f"{text}; with one for {old.key}, on {old.cells['active_days_mean'].value:g}."


def retention(answers: Answers) -> str:
    found = answers["all"]
    first, later = cell_of(found, "retention_w1"), cell_of(found, "retention_w5_8")
    if later.value is not None:
        return f"{per_cent(later)} of those who started were active again in weeks 5 to 8 after their first."
    if first.value is not None:
        return f"{per_cent(first)} of those who started were active again in the week after their first."
    return without(first, found)


def by_key(found: Answer, metric: str) -> dict[str, Cell]:
    return {str(row.key): row.cells[metric] for row in found.rows}


def _month(key: str) -> str:
    """October 2026 of 2026-10; what is no month stays as it is."""
    year, _, month = key.partition("-")
    return f"{date(int(year), int(month), 1):%B %Y}" if year.isdigit() and month.isdigit() else key
