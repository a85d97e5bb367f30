"""The filter bar: what the address says, as a choice for figures. Pure: parameters in, choice and words out.

Nothing an address says is an error: what makes no sense is left out, and one sentence says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from uptake.domain.days import FLOOR_DAY
from uptake.metrics import CATALOGUE, FILTERS, Choice, TeamView
from uptake.metrics.activity import SURFACE_LABELS
from uptake.metrics.dashboards.teams import COMPARABLE
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
SURFACES = {str(key): label for key, label in SURFACE_LABELS.items()}
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    chosen: bool


KINDS: dict[str, str] = {
    "department": "Departments",
    "location": "Locations",
    "title": "Job titles",
    "group": "Groups",
    "tree": "Managers",
}
_POPULATIONS = {"employee": "Employees", "contractor": "Contractors", "service": "Service accounts"}
_CHOICES: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("population", _POPULATIONS),
    ("kind", KINDS),
    ("surface", SURFACES),
)
_IN_THE_BAR = frozenset({"department", "location", "group"})
_MOST = 200


@dataclass(frozen=True, slots=True)
class Listed:
    """A team in a list: the address of its page, and of the teams below it where there are any."""

    name: str
    people: str
    address: str
    below: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What was chosen. `query` is the address of it, without what is usual; `remark` says what was left out."""

    choice: Choice
    period: str = USUAL
    since: str = ""
    until: str = ""
    remark: str = ""
    query: str = ""
    teams: tuple[TeamView, ...] = ()  # those the viewer may ask for
    whole: bool = True  # whether the viewer sees the whole organisation, and not a tree alone

    @property
    def team(self) -> TeamView | None:
        """The team that was chosen."""
        return next((one for one in self.teams if one.id == self.choice.team), None)

    @property
    def within(self) -> TeamView | None:
        """The tree whose next level is compared."""
        return next((one for one in self.teams if one.id == self.choice.within), None)

    @property
    def teams_to_choose(self) -> tuple[tuple[str, tuple[Option, ...]], ...]:
        """By kind: those large enough to be shown, and the one chosen. Job titles and managers are many: Teams has them."""
        chosen = self.choice.team
        fit = [one for one in self.teams if one.id == chosen or (one.kind in _IN_THE_BAR and not one.small)][:_MOST]
        return tuple(
            (label, tuple(Option(one.id, one.name, one.id == chosen) for one in fit if one.kind == kind))
            for kind, label in KINDS.items()
            if any(one.kind == kind for one in fit)
        )

    @property
    def listed(self) -> tuple[Listed, ...]:
        """The teams that are compared, in the order of their names."""
        parents = {one.above for one in self.teams}
        kind = self._of_kind[:_MOST]
        return tuple(_listed(one, self.choice, one.id in parents and one.kind == "tree") for one in kind)

    @property
    def unlisted(self) -> int:
        """How many more there are than the list holds."""
        return max(len(self._of_kind) - _MOST, 0)

    @property
    def _of_kind(self) -> list[TeamView]:
        chosen = self.choice
        above = chosen.within or self._top
        return [one for one in self.teams if one.kind == chosen.kind and (one.kind != "tree" or one.above == above)]

    @property
    def _top(self) -> str:
        """The one tree that all others are in; empty where there are several."""
        tops = [one.id for one in self.teams if one.kind == "tree" and not one.above]
        return tops[0] if len(tops) == 1 else ""

    @property
    def populations(self) -> tuple[Option, ...]:
        chosen = self.choice.population or "employee"
        return tuple(Option(value, label, value == chosen) for value, label in _POPULATIONS.items())

    @property
    def kinds(self) -> tuple[Option, ...]:
        found = {str(one.kind) for one in self.teams}
        return tuple(Option(kind, label, kind == self.choice.kind) for kind, label in KINDS.items() if kind in found)

    @property
    def metrics(self) -> tuple[Option, ...]:
        return tuple(Option(name, CATALOGUE[name].label, name == self.choice.metric) for name in COMPARABLE)

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
        return every, *(Option(key, label, key == self.choice.surface) for key, label in SURFACES.items())


def carried(given: Mapping[str, str]) -> str:
    """What goes along from one dashboard to the next: what the bar holds, as it was given."""
    return urlencode({name: given[name][: 2 * _LONGEST] for name in FILTERS if given.get(name)})


def in_words(chosen: Mapping[str, str], teams: Mapping[str, str]) -> str:
    """What an address chooses, for a list of views: `26 weeks · Sales`. Teams the reader may not see have no name here."""
    said = [PERIODS[chosen["period"]][0] if chosen.get("period") in PERIODS else PERIODS[USUAL][0]]
    if chosen.get("period") == OWN:
        said = [" to ".join(filter(None, (chosen.get("since", ""), chosen.get("until", ""))))]
    said += [teams.get(chosen[name], "a team") for name in ("team", "within") if chosen.get(name)]
    said += [known[chosen[name]] for name, known in _CHOICES if chosen.get(name) in known]
    return " · ".join(filter(None, said))


def read(given: Mapping[str, str], today: date, teams: Sequence[TeamView] = ()) -> Filters:
    """The filters an address asks for, of the teams there are for the viewer."""
    remarks: list[str] = []
    period = _one_of(given, "period", PERIODS, USUAL, "period", remarks)
    since, until = _dates(given, today, remarks) if period == OWN else (None, None)
    if period == OWN and since is None and until is None:
        remarks.append("No dates were given." if not remarks else "")
        period = USUAL
    compare = _one_of(given, "compare", COMPARED, "before", "comparison", remarks)
    surface = _one_of(given, "surface", SURFACES, "", "surface", remarks)
    choice = Choice(PERIODS[period][1], since, until, compare == "before", surface, **_of_teams(given, teams, remarks))
    return Filters(
        choice=choice,
        period=period,
        since=since.isoformat() if since else "",
        until=until.isoformat() if until else "",
        remark=_remark(remarks, period),
        query=_query(period, choice),
        teams=tuple(teams),
    )


def _one_of(
    given: Mapping[str, str], name: str, known: Mapping[str, object], usual: str, what: str, remarks: list[str]
) -> str:
    value = given.get(name, "").strip()
    if value in known or value == "":
        return value or usual
    remarks.append(f"There is no {what} “{_short(value)}”.")
    return usual


def _of_teams(given: Mapping[str, str], teams: Sequence[TeamView], remarks: list[str]) -> dict[str, Any]:
    """What an address says of teams; nothing where there are none."""
    if not teams:
        return {}
    known = {one.id: one.name for one in teams}
    trees = {one.id: one.name for one in teams if one.kind == "tree"}
    kinds = {str(one.kind): "" for one in teams}
    usual = next((kind for kind in KINDS if kind in kinds), "department")
    population = _one_of(given, "population", _POPULATIONS, "", "population", remarks)
    return {
        "team": _one_of(given, "team", known, "", "team", remarks),
        "population": population if population not in {"", "employee"} else None,
        "kind": _one_of(given, "kind", kinds, usual, "kind of team", remarks),
        "metric": _one_of(
            given, "metric", dict.fromkeys(COMPARABLE), COMPARABLE[0], "figure to compare teams in", remarks
        ),
        "within": _one_of(given, "within", trees, "", "team", remarks) if given.get("kind") == "tree" else "",
    }


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
        "team": choice.team,
        "population": choice.population or "",
        "kind": choice.kind if choice.kind != "department" else "",
        "metric": choice.metric if choice.metric != COMPARABLE[0] else "",
        "within": choice.within,
    }
    return urlencode({name: value for name, value in said.items() if value})


def _listed(one: TeamView, choice: Choice, has_teams: bool) -> Listed:
    below = {"kind": "tree", "metric": choice.metric, "within": one.id}
    people = f"{one.people} people"
    return Listed(one.name, people, urlencode({"team": one.id}), urlencode(below) if has_teams else "")


def _short(value: str) -> str:
    return value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"
