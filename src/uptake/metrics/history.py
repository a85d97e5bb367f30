"""SQL over all weeks held: weekly reach, retention by cohort, time to first use, habit by week 8, idle seats.

Reads the same tables as fourweeks, in the same shared part of SQL. Only weeks of which all seven days are held count.
"""

from __future__ import annotations

from uptake.metrics.fourweeks import WEEK_WORKDAYS

BRACKETS = {"w1": (1, 1), "w2_4": (2, 4), "w5_8": (5, 8), "w9_12": (9, 12)}
COHORTS_FROM = 4
"""A cohort begins in the fifth week held or later: who was there before is nobody's first week."""
IDLE_BANDS = {"30-59": 30, "60-89": 60, "90+": 90}
NEVER_USED = "never"
TENURE = 30

HIGHEST_DAY = "CASE " + " ".join(f"WHEN days >= {1 << place} THEN {place}" for place in range(6, 0, -1)) + " ELSE 0 END"
"""Of a week's days as bits the last one, 0 for Monday."""

_DAY_BITS = ", ".join(f"({place}, {1 << place})" for place in range(7))

WEEK_REACH = f"""
SELECT s.week_no, count(*) AS people, sum(CASE WHEN a.person_no IS NOT NULL THEN 1 ELSE 0 END) AS reached
FROM seat_week s JOIN week w ON w.week_no = s.week_no AND w.whole
  LEFT JOIN active_week a ON a.person_no = s.person_no AND a.week_no = s.week_no
WHERE s.seat_workdays >= {WEEK_WORKDAYS} GROUP BY s.week_no ORDER BY s.week_no
""".strip()  # noqa: S608


def retention(first_week: int) -> str:
    """(cohort's week, bracket, people at risk, people kept); brackets of which a week is not whole are not there."""
    brackets = ", ".join(f"('{name}', {low}, {high})" for name, (low, high) in BRACKETS.items())
    return f"""
WITH f AS (
  SELECT a.person_no, min(a.week_no) AS w0 FROM active_week a JOIN seat s ON s.person_no = a.person_no
  GROUP BY a.person_no HAVING min(a.week_no) >= {first_week + COHORTS_FROM}
), b AS (SELECT * FROM (VALUES {brackets}) AS v(bracket, lo, hi)
), whole AS (
  SELECT c.w0, b.bracket, b.lo, b.hi FROM (SELECT DISTINCT w0 FROM f) c CROSS JOIN b
    JOIN week w ON w.whole AND w.week_no BETWEEN c.w0 + b.lo AND c.w0 + b.hi
  GROUP BY c.w0, b.bracket, b.lo, b.hi HAVING count(*) = b.hi - b.lo + 1
)
SELECT f.w0, b.bracket, count(DISTINCT f.person_no) AS at_risk, count(DISTINCT a.person_no) AS kept
FROM f JOIN whole b ON b.w0 = f.w0
  JOIN seat s ON s.person_no = f.person_no AND s.joined <= 7 * (f.w0 + b.lo) AND s.left_day > 7 * (f.w0 + b.lo)
  LEFT JOIN active_week a ON a.person_no = f.person_no AND a.week_no BETWEEN f.w0 + b.lo AND f.w0 + b.hi
GROUP BY f.w0, b.bracket ORDER BY f.w0, b.bracket
""".strip()  # noqa: S608


def since_joining(first_day: int, last_day: int, key: str) -> str:
    """(group, days after joining, people active first on it, people seen until it): what Kaplan-Meier needs."""
    return f"""
WITH joiner AS (
  SELECT person_no, {key} AS grouped, joined, least({last_day}, left_day) AS seen FROM seat
  WHERE joined BETWEEN {first_day} AND {last_day} AND left_day > joined
), used AS (
  SELECT j.person_no, min(7 * a.week_no + d.place) AS first_day
  FROM joiner j JOIN active_week a ON a.person_no = j.person_no
    JOIN (SELECT * FROM (VALUES {_DAY_BITS}) AS v(place, day_bit)) d ON (a.days & d.day_bit) > 0
  WHERE 7 * a.week_no + d.place >= j.joined GROUP BY j.person_no
), e AS (
  SELECT j.grouped, CASE WHEN u.first_day <= j.seen THEN u.first_day ELSE j.seen END - j.joined AS t,
    CASE WHEN u.first_day <= j.seen THEN 1 ELSE 0 END AS event
  FROM joiner j LEFT JOIN used u ON u.person_no = j.person_no
)
SELECT grouped, t, sum(event) AS events, count(*) AS gone FROM e GROUP BY grouped, t ORDER BY grouped, t
""".strip()  # noqa: S608


def habit_by_8(first_week: int, key: str) -> str:
    """(group, people who started with eight whole weeks and a seat to their end, those with a habit within them)."""
    week_bits = " ".join(f"WHEN {place} THEN {1 << place}" for place in range(8))
    met = " OR ".join(f"bit_count(m.weeks & {15 << place}) >= 3" for place in range(5))
    return f"""
WITH f AS (
  SELECT person_no, min(week_no) AS w0 FROM active_week
  GROUP BY person_no HAVING min(week_no) >= {first_week + COHORTS_FROM}
), whole AS (
  SELECT c.w0 FROM (SELECT DISTINCT w0 FROM f) c JOIN week w ON w.whole AND w.week_no BETWEEN c.w0 AND c.w0 + 7
  GROUP BY c.w0 HAVING count(*) = 8
), m AS (
  SELECT f.person_no, f.w0, sum(CASE a.week_no - f.w0 {week_bits} END) AS weeks
  FROM f JOIN whole ON whole.w0 = f.w0
    JOIN active_week a ON a.person_no = f.person_no AND a.week_no BETWEEN f.w0 AND f.w0 + 7
  GROUP BY f.person_no, f.w0
)
SELECT s.{key} AS grouped, count(*) AS people, sum(CASE WHEN {met} THEN 1 ELSE 0 END) AS habitual
FROM m JOIN seat s ON s.person_no = m.person_no AND s.joined <= 7 * m.w0 + 55 AND s.left_day > 7 * m.w0 + 55
GROUP BY s.{key}
""".strip()  # noqa: S608


def idle(first_day: int, last_day: int) -> str:
    """(band, seats): seats held for long, by days since their last active day. Use before the first day is unknown."""
    bands = " ".join(
        f"WHEN {last_day} - last_day >= {days} THEN '{band}'" for band, days in reversed(IDLE_BANDS.items())
    )
    return f"""
WITH used AS (
  SELECT a.person_no, max(7 * a.week_no + {HIGHEST_DAY}) AS last_day FROM active_week a
  WHERE 7 * a.week_no <= {last_day} GROUP BY a.person_no
), held AS (
  SELECT s.person_no, s.joined, u.person_no AS known, coalesce(u.last_day, {first_day - 1}) AS last_day
  FROM seat s LEFT JOIN used u ON u.person_no = s.person_no
  WHERE s.joined <= {last_day - TENURE} AND s.left_day > {last_day}
)
SELECT CASE WHEN known IS NULL AND joined >= {first_day} THEN '{NEVER_USED}' {bands} ELSE 'used' END AS band,
  count(*) AS seats
FROM held GROUP BY 1
""".strip()  # noqa: S608


def lines(what: str) -> str:
    """(people, median) of lines over the weeks in which eligible members used Claude Code."""
    return f"""
SELECT count(DISTINCT p.person_no) AS people, CAST(median(p.lines_{what}) AS DOUBLE) AS value
FROM person_week p JOIN person_window w ON w.person_no = p.person_no AND w.eligible WHERE p.code_days > 0
""".strip()  # noqa: S608


def spread(who: str) -> str:
    """(people, prompts, those of the top tenth, Gini) over people of a window."""
    return f"""
WITH v AS (SELECT coalesce(prompts, 0) AS x, person_no FROM person_window WHERE {who}),
  r AS (SELECT x, row_number() OVER (ORDER BY x, person_no) AS i, count(*) OVER () AS n FROM v)
SELECT max(n) AS people, sum(x) AS total, sum(CASE WHEN 10 * (n - i) < n THEN x ELSE 0 END) AS top_tenth,
  CAST(sum((2 * i - n - 1) * x) AS DOUBLE) / nullif(max(n) * sum(x), 0) AS gini
FROM r
""".strip()  # noqa: S608
