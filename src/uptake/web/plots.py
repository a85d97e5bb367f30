"""From an answer to its drawing: weeks and days become lines, surfaces and shares become bars."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from uptake.metrics import Answer, Row, Tile
from uptake.web import charts
from uptake.web.cellwords import is_share, name, row_name, shown
from uptake.web.charts import Bar, Point, Series
from uptake.web.svg import draw

_HEIGHT = 190
_STEP = {"day": 1, "week": 7}
_INKS = ("accent", "cowork", "office", "design")
_OWN_INKS = {"messages": "ink", "chat_": "chat", "cowork_": "cowork", "code_": "claude_code"}


@dataclass(frozen=True, slots=True)
class Chart:
    """The same drawing for a wide and a narrow place."""

    caption: str
    wide: str
    narrow: str
    key: tuple[tuple[str, str], ...] = ()  # (ink, name): said beside the narrow drawing, which has no room for names


def chart(answer: Answer, title: str) -> Chart | None:
    """The drawing of an answer; None where there is nothing to draw yet, or only one number."""
    if not any(cell.state in {"value", "withheld"} for row in answer.rows for cell in row.cells.values()):
        return None
    if answer.question.by in _STEP:
        return _lines(answer, title)
    return _by_surface(answer, title) if answer.question.by == "surface" else None


def _lines(answer: Answer, title: str) -> Chart:
    by = str(answer.question.by)
    series = [_series(metric, place, answer.rows) for place, metric in enumerate(answer.question.metrics)]
    percent = all(map(is_share, answer.question.metrics))
    label = f"{title} by {by}: " + ", ".join(f"{one.name} {one.end}" for one in series)
    wide, narrow = (
        draw(charts.lines(series, width=width, height=_HEIGHT, step=_STEP[by], percent=percent), label)
        for width in (charts.WIDE, charts.NARROW)
    )
    key = tuple((one.ink.replace("_", "-"), one.name) for one in series) if len(series) > 1 else ()
    return Chart(f"By {by}", wide, narrow, key)


def _series(metric: str, place: int, rows: Sequence[Row]) -> Series:
    points = tuple(_point(metric, row) for row in rows if row.key)
    last = charts.newest(points)
    end = next((shown(metric, row.cells[metric]) for row in rows if last and row.key == last.day.isoformat()), "")
    return Series(name(metric), _ink(metric, place), points, end)


def _ink(metric: str, place: int) -> str:
    """A metric of one surface has that surface's hue, as everywhere."""
    own = next((ink for start, ink in _OWN_INKS.items() if metric.startswith(start)), None)
    return own or _INKS[place % len(_INKS)]


def _point(metric: str, row: Row) -> Point:
    cell = row.cells[metric]
    known = cell.value is not None
    partial = known and row.days < row.days_expected
    title = f"{row_name(row)}: {name(metric)} {shown(metric, cell) or 'not yet available'}"
    title += f", {row.days} of {row.days_expected} days" if partial else ""
    title += ", settling" if row.settling and known else ""
    return Point(
        date.fromisoformat(str(row.key)),
        float(cell.value) if cell.value is not None else None,
        title,
        settling=row.settling and known,
        withheld=cell.state == "withheld",
        partial=partial,
    )


def _by_surface(answer: Answer, title: str) -> Chart:
    metric, *others = answer.question.metrics
    bars = []
    for row in answer.rows:
        cell = row.cells[metric]
        also = [shown(other, row.cells[other]) for other in others if cell.value and row.cells[other].value]
        text = " · ".join([shown(metric, cell), *also])
        value = float(cell.value) if cell.value is not None else None
        bars.append(Bar(row_name(row), str(row.key), value, text, f"{row_name(row)}: {text}"))
    return _bars(bars, title)


def rates(tiles: Iterable[Tile], title: str) -> Chart:
    """Shares side by side, out of 100 %."""
    bars = []
    for tile in tiles:
        value = float(tile.now.value) if tile.now.value is not None else None
        text = shown(tile.metric, tile.now)
        label = tile.label.removesuffix(" suggestions accepted")
        bars.append(Bar(label, _ink(tile.metric, 0), value, text, f"{tile.label}: {text}"))
    return _bars(bars, title, title, top=1.0)


def _bars(bars: Sequence[Bar], title: str, caption: str = "", top: float | None = None) -> Chart:
    label = f"{title}: " + ", ".join(f"{bar.name} {bar.shown}" for bar in bars)
    wide, narrow = (draw(charts.bars(bars, width=width, top=top), label) for width in (charts.WIDE, charts.NARROW))
    return Chart(caption, wide, narrow)
