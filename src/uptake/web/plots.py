"""From a figure's answers to its drawings: days and weeks become lines, groups become bars. The rest is in drawings.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from uptake.metrics import Answer, Cell, Row
from uptake.web import bars, charts, words
from uptake.web.bars import Bar
from uptake.web.cellwords import is_share, name, row_name, short_name, shown, value_in_words
from uptake.web.charts import Point, Series
from uptake.web.svg import draw

HEIGHT = 190
_STEP = {"day": 1, "week": 7, "28d": 28}
_CAPTIONS = {"day": "By day", "week": "By week", "28d": "By four weeks"}
_BARRED = frozenset({"surface", "feature", "tool", "joined", "role", "idle"})
_INKS = ("accent", "cowork", "office", "design")
_OWN_INKS = {"messages": "ink", "chat_": "chat", "cowork_": "cowork"}
_CODE = ("code_", "shipping_", "acceptance_")


@dataclass(frozen=True, slots=True)
class Chart:
    """The same drawing for a wide and a narrow place."""

    caption: str
    wide: str
    narrow: str
    key: tuple[tuple[str, str], ...] = ()  # (ink, name): said beside the narrow drawing, which has no room for names


def chart(
    answer: Answer, title: str, before: Answer | None = None, only: str = "", mark: str = "28 days before"
) -> Chart | None:
    """The drawing of an answer; None where there is nothing that may be drawn, or one number. `before` is the same question
    about the time before, or whatever `mark` says; `only` the row that was chosen."""
    if not any(cell.state == "value" for row in answer.rows for cell in row.cells.values()):
        return None
    if answer.question.by in _STEP:
        return _lines(answer, title, before)
    return _rows_as_bars(answer, title, before, only, mark) if answer.question.by in _BARRED else None


def drawing(
    make: Callable[[int], charts.Spec], label: str, caption: str = "", key: tuple[tuple[str, str], ...] = ()
) -> Chart:
    """A drawing from what makes its specification for a width."""
    wide, narrow = (draw(make(width), label) for width in (charts.WIDE, charts.NARROW))
    return Chart(caption, wide, narrow, key)


def _lines(answer: Answer, title: str, before: Answer | None) -> Chart:
    by, asked = str(answer.question.by), answer.question.metrics
    series = [_series(metric, place, answer.rows) for place, metric in enumerate(asked)]
    percent = all(map(is_share, asked))
    label = f"{title} {_CAPTIONS[by].lower()}: " + ", ".join(f"{one.name} {one.end}" for one in series)
    caption = _CAPTIONS[by]
    if before is not None and before.since and before.until and (faint := _faint(before, answer)):
        series.append(faint)
        earlier = before.question.until != answer.question.until
        what = (
            f"the time before, {words.day(before.since)} to {words.day(before.until)}"
            if earlier
            else "everybody together"
        )
        caption += f"; thin: {what}"
    step = _STEP[by]
    key = tuple((one.ink.replace("_", "-"), one.name) for one in series) if len(asked) > 1 else ()

    def make(width: int) -> charts.Spec:
        return charts.lines(series, width=width, height=HEIGHT, step=step, percent=percent)

    return drawing(make, label, caption, key)


def _series(metric: str, place: int, rows: Sequence[Row]) -> Series:
    points = tuple(_point(metric, row) for row in rows if row.key)
    last = charts.newest(points)
    end = next((shown(metric, row.cells[metric]) for row in rows if last and row.key == last.day.isoformat()), "")
    return Series(short_name(metric), _ink(metric, place), points, end)


def _faint(before: Answer, answer: Answer) -> Series | None:
    """The time before, moved under the time it is compared with."""
    metric = answer.question.metrics[0]
    if not before.rows or not answer.rows:
        return None
    first, then = (date.fromisoformat(str(found.rows[0].key)) for found in (answer, before))
    points = tuple(
        Point(date.fromisoformat(str(row.key)) + (first - then), row.cells[metric].value, "", partial=_cut(row))
        for row in before.rows
        if date.fromisoformat(str(row.key)) + (first - then) <= date.fromisoformat(str(answer.rows[-1].key))
    )
    known = [point for point in points if point.value is not None and not point.partial]
    return Series("The time before", "faint", points, before=True) if len(known) > 1 else None


def _cut(row: Row) -> bool:
    return row.days < row.days_expected


def _ink(metric: str, place: int) -> str:
    """A metric of one surface has that surface's hue, as everywhere; a second one of it is ink."""
    if metric.startswith(_CODE):
        return "claude_code" if place == 0 else "ink"
    own = next((ink for start, ink in _OWN_INKS.items() if metric.startswith(start)), None)
    return own or _INKS[place % len(_INKS)]


def _point(metric: str, row: Row) -> Point:
    cell = row.cells[metric]
    known = cell.value is not None
    partial = known and _cut(row)
    title = f"{row_name(row)}: {name(metric)} {shown(metric, cell) or 'not yet available'}"
    title += of_people(metric, cell)
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


def of_people(metric: str, cell: Cell) -> str:
    """The people behind a share, in brackets."""
    if not is_share(metric) or cell.numerator is None or cell.denominator is None:
        return ""
    return f" ({words.number(cell.numerator)} of {words.number(cell.denominator)})"


def _rows_as_bars(answer: Answer, title: str, before: Answer | None, only: str, marked: str) -> Chart:
    metric, *others = answer.question.metrics
    was = {row.key: row.cells[metric].value for row in before.rows if not row.cells[metric].left_out} if before else {}
    found = []
    for row in answer.rows:
        cell = row.cells[metric]
        also = [shown(other, row.cells[other]) for other in others if cell.value and row.cells[other].value]
        text = " · ".join([shown(metric, cell) or words.DASH, *also])
        value = float(cell.value) if cell.value is not None else None
        then = was.get(row.key)
        told = f"{row_name(row)}: {text}" + (f"; {marked} {value_in_words(metric, then)}" if then is not None else "")
        ink = str(row.key) if answer.question.by == "surface" else _ink(metric, 0)
        mark = float(then) if then is not None and value is not None else None
        found.append(Bar(row_name(row), ink, value, text, told, mark, faint=_other(answer, row, only)))
    caption = f"The mark is {marked}" if any(bar.before is not None for bar in found) else ""
    return _bars(found, title, caption, top=1.0 if is_share(metric) else None)


def _other(answer: Answer, row: Row, only: str) -> bool:
    """Whether another surface than the row's was chosen."""
    return bool(only) and answer.question.by == "surface" and row.key != only


def _bars(found: Sequence[Bar], title: str, caption: str = "", top: float | None = None) -> Chart:
    label = f"{title}: " + ", ".join(f"{bar.name} {bar.shown}" for bar in found)
    return drawing(lambda width: bars.bars(found, width=width, top=top), label, caption)
