"""From a figure's answers to what its template shows: numbers, drawings, tables, footer. Pure: answers in, words out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from uptake import metrics
from uptake.metrics import Answer, Explanation, FigureAnswer, Freshness
from uptake.web import words
from uptake.web.cellwords import change, is_share, name, shown
from uptake.web.drawings import OF_ONE_FIGURE
from uptake.web.explaining import Explained, explained
from uptake.web.plots import Chart, chart
from uptake.web.tables import Table, tables


@dataclass(frozen=True, slots=True)
class Tile:
    """A number with its name. `of` says of how many people, `change` compares it with the time before; `why` says why there
    is no number."""

    name: str
    shown: str
    of: str
    change: str
    beside: str
    why: str
    withheld: bool


@dataclass(frozen=True, slots=True)
class Download:
    """One answer as a CSV file."""

    part: int
    words: str


@dataclass(frozen=True, slots=True)
class Drawn:
    name: str
    title: str
    sentence: str
    remark: str
    wide: bool
    tiles: tuple[Tile, ...]
    charts: tuple[Chart, ...]
    tables: tuple[Table, ...]
    downloads: tuple[Download, ...]
    explained: tuple[Explained, ...]
    notes: tuple[str, ...]
    footer: tuple[str, ...]


def drawn(figure: FigureAnswer, explanations: Iterable[Explanation] = ()) -> Drawn:
    """A figure, ready for its template, with what explains its numbers."""
    fresh = figure.answers[0].freshness
    withheld = sum(answer.withheld for answer in figure.answers)
    found = _charts(figure)
    return Drawn(
        name=figure.name,
        title=figure.title,
        sentence=figure.sentence,
        remark=figure.remark,
        wide=figure.wide,
        tiles=tuple(map(_tile, figure.tiles)),
        charts=tuple(found),
        tables=tables(figure),
        downloads=_downloads(figure.answers),
        explained=explained(explanations),
        notes=tuple(dict.fromkeys(note for answer in (*figure.answers, *figure.compared) for note in answer.notes)),
        footer=(*_footer(fresh, withheld), *(_rings(figure.answers) if found else ())),
    )


def _charts(figure: FigureAnswer) -> list[Chart]:
    own = OF_ONE_FIGURE.get(figure.draws)
    if own is not None:
        return own(figure)
    only = figure.asked.choice.surface if figure.asked else ""
    found = (chart(answer, figure.title, _before(answer, figure.compared), only) for answer in figure.answers)
    return [one for one in found if one]


def _before(answer: Answer, compared: Sequence[Answer]) -> Answer | None:
    """The answer to the same question about the time before."""
    asked = answer.question
    same = (one for one in compared if (one.question.by, one.question.metrics) == (asked.by, asked.metrics))
    return next(same, None) if asked.by else None


def _tile(tile: metrics.Tile) -> Tile:
    return Tile(
        name=tile.label,
        shown=shown(tile.metric, tile.now) or words.DASH,
        of=_of(tile),
        change=_compared(tile),
        beside=_beside(tile),
        why=_why(tile),
        withheld=tile.now.state == "withheld",
    )


def _of(tile: metrics.Tile) -> str:
    """245 of 505: the people behind a share."""
    cell = tile.now
    if not is_share(tile.metric) or cell.numerator is None or cell.denominator is None:
        return ""
    return f"{words.number(cell.numerator)} of {words.number(cell.denominator)}"


def _beside(tile: metrics.Tile) -> str:
    if tile.everybody is None or tile.everybody.value is None:
        return ""
    return f"everybody {shown(tile.metric, tile.everybody)}"


def _why(tile: metrics.Tile) -> str:
    if tile.now.value is not None or tile.now.state == "withheld":
        return ""
    return tile.now.reason[:1].upper() + tile.now.reason[1:]


def _compared(tile: metrics.Tile) -> str:
    """+12 in 28 days: against the 28 before; nothing where the two are not both whole."""
    if tile.change is None or tile.before_window is None:
        return ""
    first, last = tile.before_window
    days = (last - first).days + 1
    return f"{change(tile.metric, tile.change)} in {'a week' if days == 7 else f'{days} days'}"


def _downloads(answers: Sequence[Answer]) -> tuple[Download, ...]:
    if len(answers) == 1:
        return (Download(0, "CSV"),)
    return tuple(Download(part, f"CSV: {_about(answer)}") for part, answer in enumerate(answers))


def _about(answer: Answer) -> str:
    by, until = answer.question.by, answer.question.until
    if by == "surface" and until:
        return f"28 days to {words.day(until)}"
    return f"by {by}" if by else words.listed([*map(name, answer.question.metrics)])


def _rings(answers: Sequence[Answer]) -> tuple[str, ...]:
    """What a ring in a drawing by week stands for, where there is one."""
    weeks = (row for answer in answers if answer.question.by == "week" for row in answer.rows)
    cut = any(0 < row.days < row.days_expected for row in weeks)
    return ("○ week not yet whole",) if cut else ()


def _footer(fresh: Freshness, withheld: int) -> tuple[str, ...]:
    parts = [f"Data through {words.day(fresh.data_through)}" if fresh.data_through else "No usage held yet"]
    parts += [f"settling since {words.day(fresh.settling_since)}"] if fresh.settling_since else []
    parts += [f"{words.plural(len(fresh.missing), 'day')} missing"] if fresh.missing else []
    parts += [f"{words.plural(len(fresh.held_back), 'day')} held back"] if fresh.held_back else []
    parts += [f"▒ {words.number(withheld)} withheld: too few people"] if withheld else []
    return tuple(parts)
