"""Drawings of the days people use Claude on, and of cohorts: whether newer ones stay."""

from __future__ import annotations

from collections.abc import Iterator

from uptake.metrics import Answer, FigureAnswer, Row
from uptake.metrics.dashboards.says_of_ladder import large_enough, newest_and_before
from uptake.web import charts, stacks, words
from uptake.web.across import TALL, WITHHELD, across, table, why
from uptake.web.cellwords import row_name, short_name, shown
from uptake.web.cohorts import Field
from uptake.web.plots import HEIGHT, Chart, drawing
from uptake.web.stacks import Bin, Step

_NEW, _OLD = "newest", "before"


def curve(figure: FigureAnswer) -> list[Chart]:
    now = _bins(figure.answers[0])
    if not now:
        return []
    before = _bins(figure.answers[1]) if len(figure.answers) > 1 else []
    caption = f"Share of eligible members by active days in the four weeks to {_until(figure.answers[0])}"
    caption += f"; the line: to {_until(figure.answers[1])}" if before else ""
    label = f"{figure.title}: " + ", ".join(one.title for one in now)
    make = lambda width: stacks.histogram(now, before, width=width, height=HEIGHT)  # noqa: E731
    return [drawing(make, label, caption)]


def _until(answer: Answer) -> str:
    last = next((cell.until for row in answer.rows for cell in row.cells.values() if cell.until), None)
    return words.day(last) if last else ""


def _bins(answer: Answer) -> list[Bin]:
    """Bars that were put together share their people evenly between their days."""
    sizes = {row.key: row.cells["power_user_curve"].value for row in answer.rows if row.key}
    whole = sum(size or 0 for size in sizes.values())
    found = []
    for key, size in sizes.items():
        if size is None or not whole:
            return []
        low, _, high = key.partition(" to ")
        first, last = int(low), int(high or low)
        share = size / whole
        title = f"{key} active {'day' if key == '1' else 'days'}: {words.number(size)} people, {words.percent(share)}"
        found.append(Bin(first, last, share / (last - first + 1), title))
    return found


def cohorts_12(figure: FigureAnswer) -> list[Chart]:
    """All cohorts in the first row, then the newest twelve; blank where a bracket is not over."""
    every, by_week = figure.answers[0], large_enough(*figure.answers[1:])
    if not any(cell.value is not None for one in figure.answers for row in one.rows for cell in row.cells.values()):
        return []
    newest = [row for row in reversed(by_week.rows) if row.key][:12]
    named = [(row, "All cohorts") for row in every.rows] + [(row, row_name(row)) for row in newest]
    fields = [field for row, label in named for field in _cohort(row, label, roomy=True)]
    narrow = [field for row, label in named for field in _cohort(row, label, roomy=False)]
    label = f"{figure.title}. All cohorts: " + ", ".join(one.title for one in fields[:4])
    each = "week" if by_week.question.by == "started" else "four weeks"
    caption = f"By {each} of first use, the newest first; blank: not over yet"
    caption += f"; {WITHHELD} too few people" if any(one.shown == WITHHELD for one in fields) else ""
    make = lambda width: table(fields if width > charts.ROOMY else narrow)(width)  # noqa: E731
    return [drawing(make, label, caption)]


def _cohort(row: Row, label: str, *, roomy: bool) -> Iterator[Field]:
    for metric, cell in row.cells.items():
        text = {"withheld": WITHHELD, "not_yet": ""}.get(cell.state, shown(metric, cell))
        of = f" of {words.number(cell.denominator)}" if cell.denominator else ""
        said = f"{text}{of}" if cell.value is not None else why(cell)
        value = None if cell.value is None else float(cell.value)
        inside = said if roomy and value is not None else text
        yield Field(label, short_name(metric), value, inside, f"{label}, {short_name(metric).lower()}: {said}")


def newer(figure: FigureAnswer) -> list[Chart]:
    answer = large_enough(*figure.answers)
    found = []
    for metric in answer.question.metrics:
        for line, value in zip((_NEW, _OLD), newest_and_before(answer, metric), strict=True):
            if value is not None:
                said = words.percent(value)
                found.append(
                    Step(short_name(metric), line, value, said, f"{line}, {short_name(metric).lower()}: {said}")
                )
    if not any(one.line == _OLD for one in found):
        return []
    label = f"{figure.title}: " + ", ".join(one.title for one in found)
    inks = {_OLD: "faint", _NEW: "accent"}
    make = lambda width: stacks.curves(found, inks, width=across(width), height=TALL)  # noqa: E731
    key = tuple((ink, line) for line, ink in inks.items() if any(one.line == line for one in found))
    many = "six weeks" if answer.question.by == "started" else "three times four weeks"
    caption = f"Active in the weeks after the first: cohorts of the newest {many} that are known, and of as many before"
    return [drawing(make, label, caption, key)]
