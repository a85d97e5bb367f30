"""The filter bar: what the address says, as a choice for figures. Pure: parameters in, choice and words out.

Nothing an address says is an error: what makes no sense is left out, and one sentence says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from uptake.domain.days import FLOOR_DAY
from uptake.metrics import Choice
from uptake.metrics.activity import SURFACE_LABELS
from uptake.web import words

USUAL = "12w"
OWN = "own"
PERIODS: dict[str, tuple[str, int | None]] = {
    "4w": ("4 weeks", 4),
    "12w": ("12 weeks", 12),
    "26w": ("26 weeks", 26),
    "52w": ("52 weeks", 52),
    "all": ("Everything held", None),
    OWN: ("Own dates", None),
}
COMPARED = {"before": "with the time before", "none": "with nothing"}
NAMES = ("period", "since", "until", "compare", "surface")
_SURFACES = {str(key): label for key, label in SURFACE_LABELS.items()}
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Filters:
    """What was chosen. `query` is the address of it, without what is usual; `remark` says what was left out."""

    choice: Choice
    period: str = USUAL
    since: str = ""
    until: str = ""
    remark: str = ""
    query: str = ""

    @property
    def periods(self) -> tuple[Option, ...]:
        return tuple(Option(value, label, value == self.period) for value, (label, _) in PERIODS.items())

    @property
    def compared(self) -> tuple[Option, ...]:
        chosen = "before" if self.choice.compare else "none"
        return tuple(Option(value, label, value == chosen) for value, label in COMPARED.items())

    @property
    def surfaces(self) -> tuple[Option, ...]:
        every = Option("", "All surfaces", not self.choice.surface)
        return every, *(Option(key, label, key == self.choice.surface) for key, label in _SURFACES.items())


def carried(given: Mapping[str, str]) -> str:
    """What goes along from one dashboard to the next: what the bar holds, as it was given."""
    return urlencode({name: given[name][: 2 * _LONGEST] for name in NAMES if given.get(name)})


def read(given: Mapping[str, str], today: date) -> Filters:
    """The filters an address asks for."""
    remarks: list[str] = []
    period = _one_of(given, "period", PERIODS, USUAL, "period", remarks)
    since, until = _dates(given, today, remarks) if period == OWN else (None, None)
    if period == OWN and since is None and until is None:
        remarks.append("No dates were given." if not remarks else "")
        period = USUAL
    compare = _one_of(given, "compare", COMPARED, "before", "comparison", remarks)
    surface = _one_of(given, "surface", _SURFACES, "", "surface", remarks)
    choice = Choice(PERIODS[period][1], since, until, compare == "before", surface)
    return Filters(
        choice=choice,
        period=period,
        since=since.isoformat() if since else "",
        until=until.isoformat() if until else "",
        remark=_remark(remarks, period),
        query=_query(period, choice),
    )


def _one_of(
    given: Mapping[str, str], name: str, known: Mapping[str, object], usual: str, what: str, remarks: list[str]
) -> str:
    value = given.get(name, "").strip()
    if value in known or value == "":
        return value or usual
    remarks.append(f"There is no {what} “{_short(value)}”.")
    return usual


def _dates(given: Mapping[str, str], today: date, remarks: list[str]) -> tuple[date | None, date | None]:
    since, until = (_date(given.get(name, "").strip(), name, remarks) for name in ("since", "until"))
    if since and since > today:
        remarks.append(f"{words.day_and_year(since)} is still to come.")
        since = None
    if until and until < FLOOR_DAY:
        remarks.append(f"Claude counts from {words.day_and_year(FLOOR_DAY)} on.")
        until = None
    if since and until and since > until:
        remarks.append(f"The first day, {words.day_and_year(since)}, is after the last, {words.day_and_year(until)}.")
        return None, None
    return since, until


def _date(text: str, name: str, remarks: list[str]) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        which = "first" if name == "since" else "last"
        remarks.append(f"The {which} day “{_short(text)}” is no date: dates are written 2026-11-19.")
        return None


def _remark(remarks: list[str], period: str) -> str:
    if not remarks:
        return ""
    shown = "Your own dates are shown as far as they make sense" if period == OWN else f"{PERIODS[period][0]} are shown"
    return " ".join(filter(None, [*remarks, f"{'Everything held is shown' if period == 'all' else shown}."]))


def _query(period: str, choice: Choice) -> str:
    said = {
        "period": "" if period == USUAL else period,
        "since": choice.since.isoformat() if choice.since else "",
        "until": choice.until.isoformat() if choice.until else "",
        "compare": "" if choice.compare else "none",
        "surface": choice.surface,
    }
    return urlencode({name: value for name, value in said.items() if value})


def _short(value: str) -> str:
    return value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"
