"""The figures of the Overview page, as plain data: which questions each asks, its answers, and one sentence on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from uptake.domain.access import Viewer
from uptake.domain.days import monday
from uptake.domain.problems import Problem
from uptake.metrics import cache, sentences
from uptake.metrics.answering import answer
from uptake.metrics.catalogue import CATALOGUE
from uptake.metrics.facts import Facts
from uptake.metrics.question import Answer, Cell, Freshness, Question

Questions = dict[str, Question]
Answers = dict[str, Answer]

_MONTH = timedelta(days=28)
_WEEK = timedelta(days=7)
_LAST = timedelta(days=27)
_TWELVE_WEEKS = timedelta(weeks=12)

_TOOLS = ("edit", "multi_edit", "write", "notebook_edit")
CODE_METRICS = (
    "code_sessions",
    "code_lines_added",
    "code_lines_removed",
    "code_commits",
    "code_pull_requests",
    "code_acceptance_rate",
    *(f"code_{tool}_acceptance_rate" for tool in _TOOLS),
)


_HABITS = ("eligible_reach", "habitual_share", "active_days_mean", "multi_surface_share")
_STAYING = ("retention_rolling", "retention_w5_8", "activation_30d", "idle_seats")


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


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: its stable name, its title, what it asks (from today and the freshness) and what it says.

    Questions whose key ends with `before` are only there to compare with.
    """

    name: str
    title: str
    questions: Callable[[date, Freshness], Questions]
    sentence: Callable[[Answers], str]
    tiles: Callable[[Answers], tuple[Tile, ...]] = lambda _: ()


@dataclass(frozen=True, slots=True)
class FigureAnswer:
    """A figure answered. `compared` holds the answers for the windows before; every answer carries its freshness."""

    name: str
    title: str
    sentence: str
    answers: tuple[Answer, ...]
    compared: tuple[Answer, ...] = ()
    tiles: tuple[Tile, ...] = ()


def figure(name: str, viewer: Viewer, facts: Facts, today: date) -> FigureAnswer:
    """One figure of the Overview page. Raises NotAllowed, or Problem where there is no such figure."""
    asked = next((known for known in FIGURES if known.name == name), None)
    if asked is None:
        raise Problem("There is no such figure.", f"The figures are: {', '.join(known.name for known in FIGURES)}.")
    fresh = answer(Question(("members",)), viewer, facts, today).freshness
    answers = {key: answer(question, viewer, facts, today) for key, question in asked.questions(today, fresh).items()}
    now = tuple(found for key, found in answers.items() if not key.endswith("before"))
    before = tuple(found for key, found in answers.items() if key.endswith("before"))
    return FigureAnswer(asked.name, asked.title, asked.sentence(answers), now, before, asked.tiles(answers))


def overview(facts: Facts, viewer: Viewer, today: date) -> dict[str, FigureAnswer]:
    """All figures of the Overview page by name, in the order of the page."""
    return {known.name: figure(known.name, viewer, facts, today) for known in FIGURES}


def warm(facts: Facts, viewer: Viewer, today: date) -> None:
    """Make the cache, answer the Overview and one figure over weeks and of Claude's own, and remove what the facts do not
    need any more. Called after a sync, so that nobody waits for it later."""
    overview(facts, viewer, today)
    answer(Question(("eligible_reach", "reported_daily_active")), viewer, facts, today)
    cache.sweep(facts)


def _through(today: date, fresh: Freshness) -> date:
    return fresh.data_through or today


def _headlines(today: date, fresh: Freshness) -> Questions:
    last = _through(today, fresh)
    return {
        "now": Question(("active_28d", "reach_28d", "messages"), since=last - _LAST, until=last),
        "before": Question(("active_28d", "reach_28d", "messages"), since=last - _LAST - _MONTH, until=last - _MONTH),
        "week": Question(("active_week",), until=last),
        "week_before": Question(("active_week",), until=last - _WEEK),
        "seats": Question(("seats_never_used", "invited")),
    }


def _active_over_time(today: date, fresh: Freshness) -> Questions:
    last = _through(today, fresh)
    first = max(monday(last - _TWELVE_WEEKS), fresh.first_day or last)
    return {
        "week": Question(("active_week",), by="week", since=first, until=last),
        "day": Question(("active_day",), by="day", since=first, until=today),
    }


def _surfaces(today: date, fresh: Freshness) -> Questions:
    return {"now": Question(("surface_active", "surface_share"), by="surface", until=_through(today, fresh))}


def _messages(today: date, fresh: Freshness) -> Questions:
    last = _through(today, fresh)
    first = max(monday(last - _TWELVE_WEEKS), fresh.first_day or last)
    return {
        "week": Question(
            ("messages", "chat_messages_total", "cowork_messages_total"), by="week", since=first, until=last
        )
    }


def _claude_code(today: date, fresh: Freshness) -> Questions:
    last = _through(today, fresh)
    return {
        "now": Question(CODE_METRICS, since=last - _LAST, until=last),
        "before": Question(CODE_METRICS, since=last - _LAST - _MONTH, until=last - _MONTH),
    }


def _habits(today: date, fresh: Freshness) -> Questions:  # noqa: ARG001  the newest four whole weeks, whatever the day
    return {
        "now": Question((*_HABITS, *_STAYING)),
        "same_people_before": Question(_HABITS, compare=True),
    }


def _habit_tiles(answers: Answers) -> tuple[Tile, ...]:
    now, same = answers["now"].rows[0], answers["same_people_before"].rows[0]
    return tuple(
        _habit_tile(metric, now.cells[metric], same.cells.get(metric), same.before.get(metric), now.settling)
        for metric in (*_HABITS, *_STAYING)
    )


def _habit_tile(metric: str, cell: Cell, then: Cell | None, before: Cell | None, settling: bool) -> Tile:
    """The figure of everybody, and the change of those who were eligible in both windows: no `before` beside them, which
    would be a figure of other people than `now`."""
    defined = CATALOGUE[metric]
    window = (cell.since, cell.until) if cell.since is not None and cell.until is not None else None
    return Tile(
        metric=metric,
        label=defined.label,
        unit=defined.unit,
        now=cell,
        window=window,
        before_window=(window[0] - _MONTH, window[1] - _MONTH) if window and before else None,
        change=_change(then, before) if then and before else None,
        settling=settling,
    )


def _headline_tiles(answers: Answers) -> tuple[Tile, ...]:
    active, reach, messages = (
        _tile(metric, answers["now"], answers["before"]) for metric in ("active_28d", "reach_28d", "messages")
    )
    seats = (_tile(metric, answers["seats"], None) for metric in ("seats_never_used", "invited"))
    return (active, reach, _tile("active_week", answers["week"], answers["week_before"]), messages, *seats)


def _code_tiles(answers: Answers) -> tuple[Tile, ...]:
    return tuple(_tile(metric, answers["now"], answers["before"]) for metric in CODE_METRICS)


def _tile(metric: str, now: Answer, before: Answer | None) -> Tile:
    defined, row = CATALOGUE[metric], now.rows[0]
    tile = Tile(metric, defined.label, defined.unit, row.cells[metric], _window(metric, now), settling=row.settling)
    if before is None:
        return Tile(metric, defined.label, defined.unit, row.cells[metric])
    cell = before.rows[0].cells[metric]
    return Tile(
        metric=metric,
        label=tile.label,
        unit=tile.unit,
        now=tile.now,
        window=tile.window,
        before=cell,
        before_window=_window(metric, before),
        change=_change(tile.now, cell) if _whole(metric, now) and _whole(metric, before) else None,
        settling=tile.settling,
    )


def _window(metric: str, found: Answer) -> tuple[date, date] | None:
    """The days a tile's figure is about."""
    if found.until is None or found.since is None:
        return None
    if metric != "active_week":
        return found.since, found.until
    last = found.until - timedelta(days=(found.until.weekday() + 1) % 7)
    return last - _WEEK + timedelta(days=1), last


def _whole(metric: str, found: Answer) -> bool:
    """Whether no day is missing from the figure: only then may it be compared."""
    row = found.rows[0]
    days_held = not CATALOGUE[metric].additive or row.days == row.days_expected
    return days_held and row.cells[metric].left_out == 0


def _change(now: Cell, before: Cell) -> float | int | None:
    if now.value is None or before.value is None:
        return None
    return round(now.value - before.value, 4)


FIGURES: tuple[Figure, ...] = (
    Figure("headlines", "Claude at a glance", _headlines, sentences.headlines, _headline_tiles),
    Figure("active-over-time", "Active people over time", _active_over_time, sentences.active_over_time),
    Figure("habits", "Habits and staying", _habits, sentences.habits, _habit_tiles),
    Figure("surfaces", "Which surfaces people use", _surfaces, sentences.surfaces),
    Figure("messages", "Messages by week", _messages, sentences.messages),
    Figure("claude-code", "Claude Code", _claude_code, sentences.claude_code, _code_tiles),
)
