"""What a figure is: which questions it asks, what it says in one sentence, which numbers stand above its drawing.

A figure is plain data. What somebody chose to look at (`Choice`) and how far the facts reach become its questions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from msgspec import structs

from uptake.domain.access import Viewer, may
from uptake.domain.days import day_no, from_day_no, monday
from uptake.metrics.answering import answer
from uptake.metrics.catalogue import CATALOGUE
from uptake.metrics.facts import Facts
from uptake.metrics.question import Answer, By, Cell, Freshness, Population, Question

Questions = dict[str, Question]
Answers = dict[str, Answer]

MONTH = timedelta(days=28)
WEEK = timedelta(days=7)
_LAST = timedelta(days=27)
_SIX_MONTHS = timedelta(weeks=24)


FILTERS = ("period", "since", "until", "compare", "surface", "team", "population", "kind", "metric", "within")
"""The names under which a choice stands in an address and in a saved view."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody chose to look at. Without days the newest `weeks`; without weeks everything held."""

    weeks: int | None = 12
    since: date | None = None
    until: date | None = None
    compare: bool = True
    surface: str = ""
    team: str = ""
    population: Population | None = None
    kind: By = "department"  # how teams are compared: by what, in which figure, below whom
    metric: str = "eligible_reach"
    within: str = ""


USUAL = Choice()


@dataclass(frozen=True, slots=True)
class Asked:
    """A choice, with today and what is known: the days a figure is asked for."""

    choice: Choice
    today: date
    fresh: Freshness
    everybody: bool = True  # whether the viewer may see figures of the whole organisation beside those of teams
    k: int = 1  # the threshold

    @property
    def last(self) -> date:
        """The last day looked at: the newest held, or the one chosen."""
        through = self.fresh.data_through or self.today
        return min(self.choice.until or through, through)

    @property
    def first(self) -> date:
        """The first day looked at: the Monday of the weeks chosen, never before the first held."""
        held = min(self.fresh.first_day or self.last, self.last)
        if self.choice.since is not None:
            return min(max(self.choice.since, held), self.last)
        return max(monday(self.last - WEEK * self.choice.weeks), held) if self.choice.weeks else held

    def now(self, *metrics: str) -> Question:
        """The 28 days to the last."""
        return Question(metrics, since=self.last - _LAST, until=self.last)

    def before(self, *metrics: str) -> Question:
        """The 28 days before those."""
        return Question(metrics, since=self.last - _LAST - MONTH, until=self.last - MONTH)

    def with_before(self, *metrics: str) -> Questions:
        """The 28 days to the last and, where that was chosen, those before."""
        now = {"now": self.now(*metrics)}
        return now | {"before": self.before(*metrics)} if self.choice.compare else now

    def week_before(self, *metrics: str) -> Question:
        """What was known a week before the last day."""
        return Question(metrics, until=self.last - WEEK)

    def newest(self, *metrics: str, by: By | None = None, compare: bool = False) -> Question:
        """The newest window that a figure over weeks and groups has by the last day."""
        return Question(metrics, by=by, until=self.last, compare=compare)

    def over(self, by: By, *metrics: str) -> Question:
        """Over the days looked at; four weeks are shown for half a year at least, less would be no course."""
        first = min(self.first, max(self.last - _SIX_MONTHS, self.held)) if by == "28d" else self.first
        until = self.today if by == "day" and self.choice.until is None else self.last
        return Question(metrics, by=by, since=first, until=until)

    def over_before(self, by: By, *metrics: str) -> Questions:
        """The same number of days before: nothing where that was not chosen, or nothing of them is held."""
        length = monday(self.last) - monday(self.first) + WEEK
        since = monday(self.first) - length
        if not self.choice.compare or since + length <= self.held:
            return {}
        return {f"{by}_before": Question(metrics, by=by, since=since, until=monday(self.first) - timedelta(days=1))}

    @property
    def tile(self) -> date:
        """The last day of the newest fixed four weeks that are over by the last day: teams are known in these alone."""
        return from_day_no((day_no(self.last) + 1) // MONTH.days * MONTH.days - 1)

    def months(self, *metrics: str) -> Question:
        """By four weeks to the newest that teams are known in."""
        over = self.over("28d", *metrics)
        # They are asked even where the first day held comes after them: not known is an answer too.
        return structs.replace(over, since=min(over.since or self.tile, self.tile), until=self.tile)

    def of_team(self, question: Question) -> Question:
        """The same question about the people of the team chosen; as it is where none is."""
        if not self.choice.team:
            return question
        return structs.replace(question, team=self.choice.team, population=self.choice.population)

    @property
    def held(self) -> date:
        """The first day held."""
        return self.fresh.first_day or self.last


@dataclass(frozen=True, slots=True)
class Tile:
    """One headline figure, what it was in the window before, and the change: only where both are whole.

    `change` is a difference: people, messages, or for a share its part of one. `window` and `before_window` are
    (first, last) days; None where there is nothing to compare with.
    """

    metric: str
    label: str
    unit: str
    now: Cell
    window: tuple[date, date] | None = None
    before: Cell | None = None
    before_window: tuple[date, date] | None = None
    change: float | int | None = None
    settling: bool = False
    everybody: Cell | None = None  # beside the figure of a team


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: its stable name, its title, what it asks, and what it says.

    Questions whose key ends with `before` are only there to compare with. `draws` names a drawing of its own, where the
    answers' dimensions do not say how they are drawn. `remark` is a caveat that must be read with the figure.
    """

    name: str
    title: str
    questions: Callable[[Asked], Questions]
    sentence: Callable[[Answers], str]
    tiles: Callable[[Answers], tuple[Tile, ...]] = lambda _: ()
    draws: str = ""
    remark: str = ""
    wide: bool = False


@dataclass(frozen=True, slots=True)
class FigureAnswer:
    """A figure answered. `compared` holds the answers for the windows before; every answer carries its freshness."""

    name: str
    title: str
    sentence: str
    answers: tuple[Answer, ...]
    compared: tuple[Answer, ...] = ()
    tiles: tuple[Tile, ...] = ()
    draws: str = ""
    remark: str = ""
    asked: Asked | None = None
    wide: bool = False


def answered(known: Figure, viewer: Viewer, facts: Facts, today: date, choice: Choice = USUAL) -> FigureAnswer:
    """A figure for a viewer. Raises NotAllowed."""
    fresh = answer(_permitted(choice), viewer, facts, today).freshness
    asked = Asked(choice, today, fresh, everybody=may(viewer, "numbers.ask"), k=facts.threshold)
    answers = {key: answer(question, viewer, facts, today) for key, question in known.questions(asked).items()}
    return FigureAnswer(
        name=known.name,
        title=known.title,
        sentence=known.sentence({key: _chosen(found, choice.surface) for key, found in answers.items()}),
        answers=tuple(found for key, found in answers.items() if not key.endswith("before")),
        compared=tuple(found for key, found in answers.items() if key.endswith("before")),
        tiles=known.tiles(answers),
        draws=known.draws,
        remark=known.remark,
        asked=asked,
        wide=known.wide,
    )


def _chosen(found: Answer, surface: str) -> Answer:
    """The answer with the row of the surface that was chosen alone: what the sentence is about."""
    if not surface or found.question.by != "surface":
        return found
    return structs.replace(found, rows=tuple(row for row in found.rows if row.key == surface))


def _permitted(choice: Choice) -> Question:
    """A question that whoever may see the figure may ask: its answer says how far the facts reach."""
    if choice.team:
        return Question(("eligible_reach",), team=choice.team)
    return Question(("eligible_reach",), by="tree", within=choice.within) if choice.within else Question(("members",))


def tile(metric: str, now: Answer, before: Answer | None = None) -> Tile:
    """A figure of a window and what it was in the window before."""
    defined, row = CATALOGUE[metric], now.rows[0]
    shown = Tile(metric, defined.label, defined.unit, row.cells[metric])
    if before is None:
        return shown
    cell = before.rows[0].cells[metric]
    return Tile(
        metric=metric,
        label=shown.label,
        unit=shown.unit,
        now=shown.now,
        window=_window(metric, now),
        before=cell,
        before_window=_window(metric, before),
        change=_change(shown.now, cell) if _whole(metric, now) and _whole(metric, before) else None,
        settling=row.settling,
    )


def same_people_tile(metric: str, now: Answer, same: Answer | None) -> Tile:
    """The figure of everybody, and the change of those who were eligible in both windows: no `before` beside them, which
    would be a figure of other people than `now`."""
    defined, cell = CATALOGUE[metric], now.rows[0].cells[metric]
    then = same.rows[0].cells.get(metric) if same else None
    before = same.rows[0].before.get(metric) if same else None
    window = (cell.since, cell.until) if cell.since is not None and cell.until is not None else None
    return Tile(
        metric=metric,
        label=defined.label,
        unit=defined.unit,
        now=cell,
        window=window,
        before_window=(window[0] - MONTH, window[1] - MONTH) if window and before else None,
        change=_change(then, before) if then and before else None,
        settling=now.rows[0].settling,
    )


def beside(metric: str, team: Answer, everybody: Answer | None) -> Tile:
    """A team's figure of the newest four weeks, the team as it was in those before, and everybody."""
    defined = CATALOGUE[metric]
    now, before = team.rows[-1], team.rows[-2] if len(team.rows) > 1 else None
    first = date.fromisoformat(now.key or "")
    return Tile(
        metric=metric,
        label=defined.label,
        unit=defined.unit,
        now=now.cells[metric],
        window=(first, first + _LAST),
        before=before.cells[metric] if before else None,
        before_window=(first - MONTH, first - timedelta(days=1)),
        change=_change(now.cells[metric], before.cells[metric]) if before else None,
        settling=now.settling,
        everybody=everybody.rows[-1].cells[metric] if everybody else None,
    )


def _window(metric: str, found: Answer) -> tuple[date, date] | None:
    """The days a tile's figure is about."""
    if found.until is None or found.since is None:
        return None
    if metric != "active_week":
        return found.since, found.until
    last = found.until - timedelta(days=(found.until.weekday() + 1) % 7)
    return last - WEEK + timedelta(days=1), last


def _whole(metric: str, found: Answer) -> bool:
    """Whether no day is missing from the figure: only then may it be compared."""
    row = found.rows[0]
    days_held = not CATALOGUE[metric].additive or row.days == row.days_expected
    return days_held and row.cells[metric].left_out == 0


def _change(now: Cell, before: Cell) -> float | int | None:
    if now.value is None or before.value is None:
        return None
    return round(now.value - before.value, 4)
