"""From a figure's answers to what its template shows: numbers, drawings, tables, footer. Pure: answers in, words out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from uptake import metrics
from uptake.metrics import BY, Answer, By, Explanation, FigureAnswer, Freshness, Row
from uptake.web import words
from uptake.web.cellwords import change, name, row_name, shown
from uptake.web.explaining import Explained, explained
from uptake.web.plots import Chart, chart, rates

_TOOL_RATE = "_acceptance_rate"
_HEADS: dict[By, str] = dict.fromkeys(BY, "Group") | {
    "day": "Day",
    "week": "Week from",
    "28d": "Four weeks from",
    "surface": "Surface",
    "role": "Role in Claude",
    "joined": "Joined in",
    "tenure": "Seat held for",
    "started": "Started in the week from",
}
_ALL_TOOLS = "code_acceptance_rate"


@dataclass(frozen=True, slots=True)
class Tile:
    """A number with its name. `change` compares it with the time before; `why` says why there is no number."""

    name: str
    shown: str
    change: str
    why: str
    withheld: bool


@dataclass(frozen=True, slots=True)
class Table:
    """What the drawing shows, as text."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


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
    tiles: tuple[Tile, ...]
    charts: tuple[Chart, ...]
    tables: tuple[Table, ...]
    downloads: tuple[Download, ...]
    explained: tuple[Explained, ...]
    notes: tuple[str, ...]
    footer: tuple[str, ...]
    last_sync_at: datetime | None


def drawn(figure: FigureAnswer, explanations: Iterable[Explanation] = ()) -> Drawn:
    """A figure, ready for its template, with what explains its numbers."""
    big, small = _parted(figure.tiles)
    found = [chart(answer, figure.title) for answer in figure.answers]
    found += [rates(small, "Suggestions accepted, by tool")] if small else []
    fresh = figure.answers[0].freshness
    withheld = sum(answer.withheld for answer in figure.answers)
    return Drawn(
        name=figure.name,
        title=figure.title,
        sentence=figure.sentence,
        tiles=tuple(map(_tile, big)),
        charts=tuple(one for one in found if one),
        tables=_tables(figure),
        downloads=_downloads(figure.answers),
        explained=explained(explanations),
        notes=tuple(dict.fromkeys(note for answer in (*figure.answers, *figure.compared) for note in answer.notes)),
        footer=(*_footer(fresh, withheld), *_rings(figure.answers)),
        last_sync_at=fresh.last_sync_at,
    )


def _parted(tiles: Sequence[metrics.Tile]) -> tuple[list[metrics.Tile], list[metrics.Tile]]:
    """Those shown as numbers, and the rates of single tools, which read better side by side."""
    small = [tile for tile in tiles if tile.metric.endswith(_TOOL_RATE) and tile.metric != _ALL_TOOLS]
    return [tile for tile in tiles if tile not in small], small


def _tile(tile: metrics.Tile) -> Tile:
    return Tile(
        name=tile.label,
        shown=shown(tile.metric, tile.now) or words.DASH,
        change=_compared(tile),
        why=tile.now.reason if tile.now.value is None else "",
        withheld=tile.now.state == "withheld",
    )


def _compared(tile: metrics.Tile) -> str:
    """+12 from the 28 days before; nothing where the two are not both whole."""
    if tile.change is None or tile.before_window is None:
        return ""
    first, last = tile.before_window
    days = (last - first).days + 1
    return f"{change(tile.metric, tile.change)} from the {'week' if days == 7 else f'{days} days'} before"


def _tables(figure: FigureAnswer) -> tuple[Table, ...]:
    if figure.tiles:
        return (_tile_table(figure.tiles),)
    return tuple(_answer_table(answer) for answer in figure.answers)


def _tile_table(tiles: Sequence[metrics.Tile]) -> Table:
    rows = tuple(
        (
            tile.label,
            shown(tile.metric, tile.now),
            shown(tile.metric, tile.before) if tile.before else "",
            "" if tile.change is None else change(tile.metric, tile.change),
        )
        for tile in tiles
    )
    return Table(("Figure", "Now", "Before", "Change"), rows)


def _answer_table(answer: Answer) -> Table:
    by = _HEADS[answer.question.by or "day"]
    asked = answer.question.metrics
    return Table((by, *map(name, asked)), tuple(_answer_row(row, asked) for row in answer.rows))


def _answer_row(row: Row, asked: Sequence[str]) -> tuple[str, ...]:
    marks = [f"{row.days} of {row.days_expected} days"] if 0 < row.days < row.days_expected else []
    marks += ["settling"] if row.settling else []
    dated = row.key is not None and row.key[0].isdigit()
    first = f"{row_name(row)} ({', '.join(marks)})" if marks and dated else row_name(row)
    return (first, *(shown(metric, row.cells[metric]) for metric in asked))


def _downloads(answers: Sequence[Answer]) -> tuple[Download, ...]:
    if len(answers) == 1:
        return (Download(0, "CSV"),)
    return tuple(Download(part, f"CSV: {_about(answer)}") for part, answer in enumerate(answers))


def _about(answer: Answer) -> str:
    return f"by {answer.question.by}" if answer.question.by else words.listed([*map(name, answer.question.metrics)])


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
