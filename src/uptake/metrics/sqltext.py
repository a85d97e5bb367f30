"""The SQL of a figure as one query, from rows of usage to the number: what stands in its explanation.

It reads three tables anybody can make from an export: `usage_day` (person_no, day_no and the counts; person_no is the seat
a row belongs to, by member id, then by e-mail; rows of others keep a number of their own), `seat` (person_no, joined,
left_day, role, joined_month) and `week` (week_no, whole). Day and week numbers are counted from Monday 5 January 2026.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from uptake.metrics import fourweeks, history
from uptake.metrics.activity import SURFACES, bit, surfaces_sql
from uptake.metrics.formula import Formula
from uptake.metrics.fourweeks import Window
from uptake.metrics.metric import Metric
from uptake.metrics.parts import FAMILY, PARTS, Part
from uptake.metrics.series import GRACE
from uptake.metrics.weekly import KEPT, TOOLS, weekly_sql
from uptake.metrics.windows import TRAILING

_WORD = re.compile(r"[a-z_0-9]+")
_ALWAYS = frozenset({"days", "surfaces"})
_CODE = {"code_weeks": {"code_days"}, "shipped_weeks": {"code_days", "shipped"}}


@dataclass(frozen=True, slots=True)
class Span:
    """The days a query is written for: of the window, and the first one held."""

    first: int
    last: int
    first_held: int
    window: Window | None = None


def sql(metric: Metric, span: Span, row: str = "", group: str = "") -> str:
    """The query: that of a row where a metric has a formula for each, by `group` where it is a column.

    Empty for what is no query: Claude's own figures and invites.
    """
    how = metric.rows.get(row) or metric.how or next(iter(metric.rows.values()), None)
    if metric.kind in {"window", "index", "parts", "moves", "ways"} and how is not None and span.window is not None:
        return _of_window(how, span.window, group)
    if metric.kind in {"lines", "top"} and span.window is not None:
        return _on_window(metric, span.window)
    if metric.kind in _HISTORY:
        return _over_weeks(metric, span)
    return _of_days(metric, span)


def reads(metric: Metric) -> tuple[str, ...]:
    """The counts a metric is made from, in the order of the list of measures."""
    if metric.kind in {"members", "invited", "old_invites", "reported", "coverage"}:
        return ()
    if metric.kind in {"sum", "rate"}:
        return tuple(column for part in _parts(metric) for column in part.fields)
    names = _ALWAYS
    for how in (metric.how, *metric.rows.values()):
        names |= _needed(how) if how else frozenset()
    names |= {"lines": {f"lines_{metric.source}", "code_days"}, "top": {"prompts"}}.get(metric.kind, set())
    return tuple(dict.fromkeys(column for kept in KEPT if kept.name in names for column in kept.reads))


def _needed(how: Formula) -> frozenset[str]:
    """The columns of a member's week behind a formula."""
    found = set(_WORD.findall(" ".join((how.who, how.part, how.over, how.under))))
    for name, also in _CODE.items():
        found |= also if name in found else set()
    if found & {"accepted", "decided", "rate"}:
        found |= {f"{tool}_{what}" for tool in TOOLS for what in ("accepted", "decided")} | {"accepted", "decided"}
    for tool in TOOLS:
        found |= {f"{tool}_accepted", f"{tool}_decided"} if f"{tool}_rate" in found else set()
    return frozenset(found)


def _base(names: frozenset[str]) -> str:
    """The common beginning: weeks of members from rows of usage."""
    surfaces = surfaces_sql()
    return (
        f"WITH worked AS (SELECT u.*, {surfaces} AS surfaces FROM usage_day u),\n"  # noqa: S608
        f"person_week AS ({weekly_sql('worked', 'person_no', names | _ALWAYS)}),\n"
        "active_week AS (SELECT p.person_no, p.week_no, p.days, p.surfaces FROM person_week p\n"
        "  JOIN seat s ON s.person_no = p.person_no),\n"
        f"seat_week AS (\n{fourweeks.SEAT_WEEK})"
    )


def _of_window(how: Formula, window: Window, group: str) -> str:
    names = _needed(how)
    return f"{_base(names)},\nperson_window AS (\n{fourweeks.person_window(window, names)}\n)\n{how.query(group)}"


def _on_window(metric: Metric, window: Window) -> str:
    names = frozenset({"code_days", f"lines_{metric.source}"} if metric.kind == "lines" else {"prompts"})
    figure = history.lines(metric.source) if metric.kind == "lines" else history.spread(_who(metric))
    return (
        f"{_base(names)},\nperson_window AS (\n{fourweeks.person_window(window, names)}\n),\n"
        f"figure AS (\n{_bounded(figure, window)}\n)\nSELECT * FROM figure"
    )


def _bounded(figure: str, window: Window) -> str:
    return f"{figure} AND p.week_no BETWEEN {window.first} AND {window.last}" if "person_week p" in figure else figure


def _who(metric: Metric) -> str:
    return "eligible" if metric.source == "gini_all" else "eligible AND days > 0"


_HISTORY = frozenset({"whole_week", "bracket", "since_joining", "habit_by_8", "idle"})


def _over_weeks(metric: Metric, span: Span) -> str:
    texts = {
        "whole_week": lambda: history.WEEK_REACH,
        "bracket": lambda: history.retention(span.first_held // 7),
        "since_joining": lambda: history.since_joining(span.first_held, span.last, "role"),
        "habit_by_8": lambda: history.habit_by_8(span.first_held // 7, "role"),
        "idle": lambda: history.idle(span.first_held, span.last),
    }
    return f"{_base(frozenset())},\nfigure AS (\n{texts[metric.kind]()}\n)\nSELECT * FROM figure"


def _of_days(metric: Metric, span: Span) -> str:
    if metric.kind in {"sum", "rate"}:
        return _of_sum(_parts(metric), span, metric.kind == "rate")
    worked = f"WITH worked AS (SELECT u.*, {surfaces_sql()} AS surfaces FROM usage_day u)\n"  # noqa: S608
    last, week = span.last, span.last // 7
    held = f"FROM seat WHERE joined <= {last} AND left_day > {last}"
    trailing = f"day_no BETWEEN {last - TRAILING + 1} AND {last}"
    people = "SELECT count(DISTINCT person_no) AS value FROM worked WHERE surfaces > 0 AND"
    whole = week if last == 7 * week + 6 else week - 1
    used = f"(SELECT DISTINCT person_no FROM worked WHERE surfaces > 0 AND {trailing}) u ON u.person_no = s.person_no"  # noqa: S608
    reach = f"SELECT count(u.person_no) AS numerator,\n  count(*) AS denominator FROM seat s LEFT JOIN {used}\n"  # noqa: S608
    reach += f"WHERE joined <= {last} AND left_day > {last}"
    by_surface = ", ".join(f"({place}, {bit(name)})" for place, name in enumerate(SURFACES))
    one_surface = (
        f"(SELECT * FROM (VALUES {by_surface}) AS v(place, surface_bit)) s ON (w.surfaces & s.surface_bit) > 0"  # noqa: S608
    )
    surfaces = f"SELECT s.place, count(DISTINCT w.person_no) AS value\nFROM worked w JOIN {one_surface}\n"
    surfaces += f"WHERE {trailing} GROUP BY s.place"
    never = "person_no NOT IN (SELECT person_no FROM worked WHERE surfaces > 0)"
    texts = {
        "members": f"SELECT count(*) AS value {held}",
        "day": f"{worked}{people} day_no = {last}",
        "week": f"{worked}{people} day_no BETWEEN {7 * whole} AND {7 * whole + 6}",
        "trailing": f"{worked}{people} {trailing}",
        "reach": f"{worked}{reach}",
        "surface": worked + surfaces,
        "surface_share": worked + surfaces,
        "unused": f"{worked}SELECT count(*) AS value {held} AND joined <= {last - GRACE + 1} AND {never}",
    }
    return texts.get(metric.kind, "")


def _parts(metric: Metric) -> tuple[Part, ...]:
    return FAMILY[metric.source].parts if metric.source in FAMILY else tuple(p for p in PARTS if p.id == metric.source)


def _of_sum(parts: tuple[Part, ...], span: Span, rate: bool) -> str:
    """Sums over all people; days withheld for too few people are not in the figure shown."""
    days = f"FROM usage_day WHERE day_no BETWEEN {span.first} AND {span.last}"
    if not rate:
        columns = " + ".join(f"coalesce(sum({column}), 0)" for part in parts for column in part.columns)
        return f"SELECT {columns} AS value {days}"
    known = [
        (part.columns[0], f"{part.columns[0]} IS NOT NULL AND {part.rejected} IS NOT NULL", part) for part in parts
    ]
    yes = " + ".join(f"coalesce(sum(CASE WHEN {both} THEN {column} END), 0)" for column, both, _ in known)
    of = " + ".join(
        f"coalesce(sum(CASE WHEN {both} THEN {column} + {part.rejected} END), 0)" for column, both, part in known
    )
    return f"SELECT {yes} AS numerator,\n  {of} AS denominator {days}"
