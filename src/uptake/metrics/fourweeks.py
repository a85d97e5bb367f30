"""SQL: one row per seat holder and window of four weeks, with everything a figure over four weeks asks of a person.

Written in the part that DuckDB and Spark share. The tables it reads are made by panel:
`seat` (person_no, joined, left_day, role, joined_month), `week` (week_no, whole), `seat_week` (person_no, week_no,
seat_workdays), `active_week` (person_no, week_no, days, surfaces) with all weeks, and `person_week` with all that is kept
of the weeks of the window. Day numbers are counted from our Monday.
"""

from __future__ import annotations

from dataclasses import dataclass

from uptake.metrics.activity import SURFACES, bit
from uptake.metrics.weekly import TOOLS, WORKDAY_BITS

WEEKS = 4
HALF_WORKDAYS = 10
"""Eligible: a seat held on at least half of the window's 20 workdays."""
WEEK_WORKDAYS = 3
"""A week counts for a habit where the seat was held on at least three of its five workdays."""
LONG_WEEKS, LONG_ACTIVE = 12, 9
SHORT_WEEKS, SHORT_ACTIVE = 4, 3
CORE_DAYS = 36
"""Three active days a week on average over twelve weeks."""
AGO = 12
"""Weeks between the two moments whose states of use are compared."""
SHRINK = 5
"""Acceptance of one person is pulled towards everybody's by so many imagined decisions."""

SEAT_WEEK = """
SELECT s.person_no, w.week_no,
  least(s.left_day, 7 * w.week_no + 5) - greatest(s.joined, 7 * w.week_no) AS seat_workdays
FROM seat s CROSS JOIN week w
WHERE least(s.left_day, 7 * w.week_no + 5) > greatest(s.joined, 7 * w.week_no)
""".strip()

BANDS = ((30, "under 30 days"), (90, "30 to 89 days"), (180, "90 to 179 days"), (365, "180 to 364 days"))
LONGEST = "365 days and more"
UNKNOWN = "unknown"
TENURES = (*(name for _, name in BANDS), LONGEST, UNKNOWN)


Names = frozenset[str] | None
"""Columns of a person's window that are wanted; None: all."""


@dataclass(frozen=True, slots=True)
class Window:
    """Four weeks from week `first`. `long`: the twelve weeks to its last are whole; `lapse`: the twelve before the window;
    `then`: the twelve to the week twelve before its last."""

    first: int
    long: bool = False
    lapse: bool = False
    then: bool = False

    @property
    def last(self) -> int:
        return self.first + WEEKS - 1

    @property
    def days(self) -> tuple[int, int]:
        """First and last day number."""
        return 7 * self.first, 7 * self.last + 6


def person_window(window: Window, names: Names = None) -> str:
    """SELECT of one row a seat holder. `names`: the sums and rates that are wanted; None: all."""
    return f"""
WITH seated AS ({_seated(window)}
), used AS ({_used(window)}
), summed AS ({_within(window, names)}
), person AS ({_person(window, names)}
)
SELECT person.*{_rates(names)} FROM person
""".strip()  # noqa: S608


def _seated(window: Window) -> str:
    """Workdays and weeks with a seat, in the window, before and after."""
    first, last = window.first, window.last
    return f"""
  SELECT person_no,
    sum(CASE WHEN week_no BETWEEN {first} AND {last} THEN seat_workdays ELSE 0 END) AS expected,
    sum(CASE WHEN week_no BETWEEN {first - 4} AND {first - 1} THEN seat_workdays ELSE 0 END) AS expected_before,
    sum(CASE WHEN week_no BETWEEN {last + 1} AND {last + 4} THEN seat_workdays ELSE 0 END) AS expected_next,
    {_seat_weeks(last, SHORT_WEEKS)} AS held4, {_seat_weeks(last, LONG_WEEKS)} AS held12,
    {_seat_weeks(first - 1, SHORT_WEEKS)} AS held4_before, {_seat_weeks(first - 1, LONG_WEEKS)} AS held12_before,
    {_seat_weeks(last - AGO, SHORT_WEEKS)} AS held4_then, {_seat_weeks(last - AGO, LONG_WEEKS)} AS held12_then
  FROM seat_week WHERE week_no BETWEEN {last - AGO - LONG_WEEKS + 1} AND {last + 4} GROUP BY person_no"""  # noqa: S608


def _used(window: Window) -> str:
    """Active days and weeks, in the window and before."""
    first, last = window.first, window.last
    within = f"week_no BETWEEN {first} AND {last}"
    return f"""
  SELECT person_no, min(week_no) AS first_week,
    sum(CASE WHEN {within} THEN bit_count(days) ELSE 0 END) AS days,
    sum(CASE WHEN {within} THEN bit_count(days & {WORKDAY_BITS}) ELSE 0 END) AS workdays,
    sum(CASE WHEN week_no BETWEEN {first - 4} AND {first - 1} THEN bit_count(days) ELSE 0 END) AS days_before,
    sum(CASE WHEN week_no BETWEEN {last - 11} AND {last} THEN bit_count(days) ELSE 0 END) AS days12,
    bit_or(CASE WHEN {within} THEN surfaces ELSE 0 END) AS surfaces,
    bit_or(CASE WHEN week_no < {first} THEN surfaces ELSE 0 END) AS surfaces_before,
    {_active_weeks(last, SHORT_WEEKS)} AS on4, {_active_weeks(last, LONG_WEEKS)} AS on12,
    {_active_weeks(first - 1, SHORT_WEEKS)} AS on4_before, {_active_weeks(first - 1, LONG_WEEKS)} AS on12_before,
    {_active_weeks(last - AGO, SHORT_WEEKS)} AS on4_then, {_active_weeks(last - AGO, LONG_WEEKS)} AS on12_then
  FROM active_week WHERE week_no <= {last} GROUP BY person_no"""  # noqa: S608


def _within(window: Window, names: Names) -> str:
    """Sums over the window's weeks."""
    sums = [f"{sql} AS {name}" for name, sql in COUNTED.items() if _wanted(name, names)]
    sums += [f"sum(p.{name}) AS {name}" for name in SUMMED if _wanted(name, names)]
    return f"""
  SELECT p.person_no{"".join(f",{chr(10)}    {cell}" for cell in sums)}
  FROM person_week p LEFT JOIN seat_week s ON s.person_no = p.person_no AND s.week_no = p.week_no
  WHERE p.week_no BETWEEN {window.first} AND {window.last} GROUP BY p.person_no"""  # noqa: S608


def _person(window: Window, names: Names) -> str:
    opens, closes = window.days
    return f"""
  SELECT s.person_no, s.role, s.joined_month, {_band(closes)} AS tenure,
    s.joined <= {closes} AND s.left_day > {closes} AS seat_end,
    coalesce(h.expected, 0) >= {HALF_WORKDAYS} AS eligible,
    coalesce(h.expected_before, 0) >= {HALF_WORKDAYS} AS eligible_before,
    coalesce(h.expected_next, 0) >= {HALF_WORKDAYS} AS eligible_next,
    coalesce(h.expected, 0) AS expected, coalesce(h.held4, 0) AS held4,
    {_habit("", window.long)} AS habitual, {_habit("_before", window.lapse)} AS habitual_before,
    {f"coalesce(h.held12, 0) = {LONG_WEEKS}" if window.long else "1 = 0"} AS long_rule,
    u.first_week, u.first_week >= {window.first} AS started,
    {window.first} - u.first_week AS weeks_in, coalesce(u.days, 0) AS days,
    coalesce(u.workdays, 0) AS workdays, coalesce(u.days_before, 0) AS days_before, coalesce(u.days12, 0) AS days12,
    coalesce(u.surfaces, 0) AS surfaces, coalesce(u.surfaces_before, 0) AS surfaces_before,
    coalesce(u.on4, 0) AS on4,
    s.joined <= {closes - 7 * AGO} AND s.left_day > {closes - 7 * AGO} AS seat_then,
    {_habit("_then", window.then)} AS habitual_then, coalesce(u.on4_then, 0) AS on4_then,
    coalesce(u.first_week <= {window.last - AGO}, 1 = 0) AS used_then{_kept(names)}
  FROM seat s
    LEFT JOIN seated h ON h.person_no = s.person_no
    LEFT JOIN used u ON u.person_no = s.person_no
    LEFT JOIN summed w ON w.person_no = s.person_no
  WHERE s.joined <= {closes} AND s.left_day > {opens - 28}"""  # noqa: S608


def _seat_weeks(last: int, weeks: int) -> str:
    between = f"week_no BETWEEN {last - weeks + 1} AND {last}"
    return f"sum(CASE WHEN {between} AND seat_workdays >= {WEEK_WORKDAYS} THEN 1 ELSE 0 END)"


def _active_weeks(last: int, weeks: int) -> str:
    return f"sum(CASE WHEN week_no BETWEEN {last - weeks + 1} AND {last} THEN 1 ELSE 0 END)"


def _habit(when: str, long: bool) -> str:
    """Nine of twelve weeks, or three of four for who was not there for twelve; null where neither is known."""
    whole = f"WHEN h.held12{when} = {LONG_WEEKS} THEN coalesce(u.on12{when}, 0) >= {LONG_ACTIVE} " if long else ""
    return f"CASE {whole}WHEN h.held4{when} = {SHORT_WEEKS} THEN coalesce(u.on4{when}, 0) >= {SHORT_ACTIVE} END"


def _band(day: int) -> str:
    steps = " ".join(f"WHEN {day} - s.joined < {days} THEN '{name}'" for days, name in BANDS)
    return f"CASE WHEN s.joined < -100000 THEN '{UNKNOWN}' {steps} ELSE '{LONGEST}' END"


COUNTED = {
    "capped": "sum(least(bit_count(p.days), coalesce(s.seat_workdays, 0)))",
    "used_weeks": f"sum(CASE WHEN s.seat_workdays >= {WEEK_WORKDAYS} THEN 1 ELSE 0 END)",
    "code_weeks": "sum(CASE WHEN p.code_days > 0 THEN 1 ELSE 0 END)",
    "shipped_weeks": "sum(CASE WHEN p.code_days > 0 AND p.shipped > 0 THEN 1 ELSE 0 END)",
    "features": "bit_or(coalesce(p.features, 0))",
    **{f"{name}_weeks": f"sum(CASE WHEN (p.surfaces & {bit(name)}) > 0 THEN 1 ELSE 0 END)" for name in SURFACES},
}
"""Of the weeks of a window, by person: nothing is a zero."""

SUMMED = (
    "prompts", "chat_sent", "conversations", "thinking", "created", "actions_per_session", "session_days", "dispatched",
    "cowork_sent", "code_days", "sessions", "sessions_days",
    "lines_added", "lines_removed", "commits", "pull_requests",
    *(f"{tool}_{what}" for tool in TOOLS for what in ("accepted", "decided")),
)  # fmt: skip
"""Sums of the weeks of a window, by person. Null stays null: not reported is not zero."""

_DECIDED = {what: " + ".join(f"coalesce(w.{tool}_{what}, 0)" for tool in TOOLS) for what in ("accepted", "decided")}


def _wanted(name: str, names: Names) -> bool:
    return names is None or name in names


def _kept(names: Names) -> str:
    cells = [f"coalesce(w.{name}, 0) AS {name}" for name in COUNTED if _wanted(name, names)]
    cells += [f"w.{name}" for name in SUMMED if _wanted(name, names)]
    cells += [f"{sql} AS {what}" for what, sql in _DECIDED.items() if _wanted(what, names)]
    return "".join(f",\n    {cell}" for cell in cells)


def _rates(names: Names) -> str:
    """Everybody's rate of acceptance, by tool and over all, beside each person's own."""
    prefixes = ["", *(f"{tool}_" for tool in TOOLS)]
    return "".join(
        f",\n  CAST(sum(CASE WHEN eligible THEN {prefix}accepted END) OVER () AS DOUBLE)"
        f" / nullif(sum(CASE WHEN eligible THEN {prefix}decided END) OVER (), 0) AS {prefix}rate"
        for prefix in prefixes
        if _wanted(f"{prefix}rate", names)
    )
