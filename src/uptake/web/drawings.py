"""Drawings of one figure each: the mix over time, who comes and goes, first use by cohort, the first weeks, who stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from uptake.metrics import Answer, Cell, FigureAnswer, Row
from uptake.metrics.activity import SURFACE_LABELS
from uptake.metrics.intervals import interval
from uptake.web import bars, charts, cohorts, dots, ladders, ways, words
from uptake.web.bars import Bar
from uptake.web.cellwords import is_share, name, row_name, short_name, shown
from uptake.web.charts import Point, Series
from uptake.web.cohorts import Field, Flow
from uptake.web.dots import Dot, Line
from uptake.web.plots import HEIGHT, Chart, chart, drawing, of_people

_TALL = 280
_FULL = 1080
"""A drawing across the page."""
_FLOWS = (
    ("flow_new", "new", "accent", 1, 1.0),
    ("flow_resurrected", "came back", "accent", 1, 0.45),
    ("flow_churned", "lapsed", "slack", -1, 1.0),
    ("flow_left", "left", "slack", -1, 0.45),
)
_WITHHELD = "▒"


def mix(figure: FigureAnswer) -> list[Chart]:
    """People on each surface in windows of 28 days, each at its last day."""
    chosen = figure.asked.choice.surface if figure.asked else ""
    keys = [key for key in SURFACE_LABELS if not chosen or key == chosen]
    series = [_surface(str(key), figure.answers) for key in keys]
    if not any(point.value is not None for one in series for point in one.points):
        return []
    label = f"{figure.title}: " + ", ".join(f"{one.name} {one.end}" for one in series)
    key = tuple((one.ink.replace("_", "-"), one.name) for one in series)

    def make(width: int) -> charts.Spec:
        return charts.lines(series, width=width, height=HEIGHT if chosen else _TALL, step=28)

    return [drawing(make, label, "People active in 28 days, at the last of them", key if len(key) > 1 else ())]


def _surface(key: str, answers: tuple[Answer, ...]) -> Series:
    points, end = [], ""
    for found in answers:
        row = next((row for row in found.rows if row.key == key), None)
        if row is None or found.until is None:
            continue
        cell = row.cells["surface_active"]
        end = shown("surface_active", cell) if cell.value is not None else end
        points.append(_point(key, row, found.until))
    return Series(SURFACE_LABELS[key], key, tuple(points), end)  # type: ignore[index]


def _point(key: str, row: Row, day: date) -> Point:
    cell = row.cells["surface_active"]
    said = shown("surface_active", cell) or "not yet available"
    title = f"{SURFACE_LABELS[key]}, 28 days to {words.day_and_year(day)}: {said}"  # type: ignore[index]
    value = float(cell.value) if cell.value is not None and not cell.left_out else None
    return Point(day, value, title, withheld=cell.state == "withheld")


def flows(figure: FigureAnswer) -> list[Chart]:
    found = [piece for answer in figure.answers for row in answer.rows for piece in _pieces(row)]
    if not found:
        return []
    last = [one for one in found if one.span == found[-1].span]
    label = f"{figure.title}, newest four weeks: " + ", ".join(one.title for one in last)
    make = lambda width: cohorts.flows(found, width=width, height=HEIGHT)  # noqa: E731
    return [drawing(make, label, "By four weeks; above the line who came, below it who went")]


def _pieces(row: Row) -> Iterator[Flow]:
    """The pieces of a bar, each from where the one before ends; nothing where one of them is not known."""
    cells = {metric: row.cells[metric] for metric, *_ in _FLOWS}
    if not row.key or all(cell.value is None for cell in cells.values()):
        return
    span = words.day(date.fromisoformat(row.key))
    at = {1: 0.0, -1: 0.0}
    for metric, text, ink, sign, opacity in _FLOWS:
        size = float(cells[metric].value or 0)
        said = shown(metric, cells[metric]) or "not yet available"
        start, at[sign] = at[sign], at[sign] + sign * size
        yield Flow(span, text, ink, start, at[sign], opacity, f"Four weeks from {span}: {said} {text}")


def activation(figure: FigureAnswer) -> list[Chart]:
    """Two dots a month of joining: hollow within 7 days, full within 30."""
    (answer,) = figure.answers
    if not any(_any(answer, metric) for metric in answer.question.metrics):
        return []
    lines = [_cohort(row) for row in answer.rows if row.key]
    label = f"{figure.title}: " + ", ".join(line.title for line in lines)
    make = lambda width: dots.dots(lines, width=width, top=1.0, percent=True)  # noqa: E731
    return [drawing(make, label, "Active within 7 days (ring) and within 30 (dot)")]


def _cohort(row: Row) -> Line:
    week, month = row.cells["activation_7d"], row.cells["activation_30d"]
    found = [Dot(float(cell.value), "accent", hollow=hollow) for cell, hollow in ((week, True), (month, False))
             if cell.value is not None]  # fmt: skip
    text = " · ".join(shown(metric, row.cells[metric]) for metric in ("activation_7d", "activation_30d"))
    text = text if found else _why(month)
    return Line(row_name(row), tuple(found), text, f"{row_name(row)}: {text}")


def tenure(figure: FigureAnswer) -> list[Chart]:
    """A drawing a metric: how it goes with the time a seat has been held."""
    (answer,) = figure.answers
    return [_by_tenure(answer, metric) for metric in answer.question.metrics if _any(answer, metric)]


def _by_tenure(answer: Answer, metric: str) -> Chart:
    found = []
    for row in answer.rows:
        cell = row.cells[metric]
        text = shown(metric, cell) if cell.value is not None else _why(cell)
        value = float(cell.value) if cell.value is not None else None
        found.append(Bar(row_name(row), "accent", value, text, f"{row_name(row)}: {text}"))
    label = f"{name(metric)}: " + ", ".join(f"{bar.name} {bar.shown}" for bar in found)
    make = lambda width: bars.bars(found, width=width, top=None)  # noqa: E731
    return drawing(make, label, name(metric))


def cohort_table(figure: FigureAnswer) -> list[Chart]:
    """Cohorts by week of first use, and all of them in the first row."""
    every, by_week = figure.answers
    if not any(_any(answer, metric) for answer in figure.answers for metric in answer.question.metrics):
        return []
    fields = [field for row in every.rows for field in _fields(row, "All cohorts")]
    known = [
        row for row in reversed(by_week.rows) if row.key and any(cell.value is not None for cell in row.cells.values())
    ]
    fields += [field for row in known for field in _fields(row, row_name(row))]
    label = f"{figure.title}. All cohorts: " + ", ".join(one.title for one in fields[:4])
    small = sum(1 for row in by_week.rows if row.key) - len(known)
    caption = "By week of first use, the newest first"
    caption += f"; {words.plural(small, 'week')} with too few people left out" if small else ""
    return [drawing(lambda width: cohorts.table(fields, width=width), label, caption)]


def _fields(row: Row, label: str) -> Iterator[Field]:
    for metric, cell in row.cells.items():
        text = {"withheld": _WITHHELD, "not_yet": "", "not_collected": ""}.get(cell.state, shown(metric, cell))
        value = float(cell.value) if cell.value is not None else None
        said = text if value is not None else _why(cell)
        yield Field(label, short_name(metric), value, text, f"{label}, {short_name(metric).lower()}: {said}")


def _why(cell: Cell) -> str:
    return "Withheld: too few people" if cell.state == "withheld" else cell.reason or "not yet available"


def _any(answer: Answer, metric: str) -> bool:
    return any(row.cells[metric].value is not None for row in answer.rows)


def teams(figure: FigureAnswer) -> list[Chart]:
    """A row a team in the directory's order, how sure each is, and everybody together as a line through all."""
    answer = figure.answers[0]
    (metric,) = answer.question.metrics
    if not answer.rows or not any(row.key for row in answer.rows):
        return []
    before = {
        row.key: row.cells[metric] for found in figure.compared if found.question.by != "28d" for row in found.rows
    }
    lines = [_team(row, metric, before.get(row.key)) for row in answer.rows]
    every = (found for found in figure.compared if found.question.by == "28d")
    together = next((row.cells[metric].value for found in every for row in found.rows), None)
    share = is_share(metric)
    top = 1.0 if share else max((dot.value for line in lines for dot in line.dots), default=1.0)
    label = f"{name(metric)}, by team: " + ", ".join(f"{line.name} {line.shown}" for line in lines)
    caption = f"{name(metric)}; the thin lines: where it lies nine times of ten" if share else name(metric)
    caption += "; dashed: everybody together" if together is not None else ""
    caption += "; hollow: the team as it was in the four weeks before" if _earlier(lines) else ""

    def make(width: int) -> charts.Spec:
        return dots.dots(lines, width=width if width < charts.WIDE else _FULL, top=top, percent=share, middle=together)

    return [drawing(make, label, caption)]


def _earlier(lines: Sequence[Line]) -> bool:
    return any(dot.hollow for line in lines for dot in line.dots)


def _team(row: Row, metric: str, before: Cell | None) -> Line:
    cell = row.cells[metric]
    if cell.value is None:
        return Line(row_name(row), (), _why(cell), f"{row_name(row)}: {_why(cell)}")
    low, high = (interval(cell) if is_share(metric) else None) or (None, None)
    said = shown(metric, cell)
    sure = f", {words.percent(low)} to {words.percent(high)}" if low is not None and high is not None else ""
    earlier = f"; {shown(metric, before)} in the four weeks before" if before and before.value is not None else ""
    title = f"{row_name(row)}: {said}{of_people(metric, cell)}{sure}{earlier}"
    found = [Dot(float(cell.value), "accent", low, high)]
    if before and before.value is not None:
        found.insert(0, Dot(float(before.value), "quiet", hollow=True))
    return Line(row_name(row), tuple(found), said, title)


def beside(figure: FigureAnswer) -> list[Chart]:
    """A team, and everybody as a thin line or a mark."""
    everybody = figure.compared[0] if figure.compared else None
    found = chart(figure.answers[0], figure.title, everybody, mark="everybody together")
    return [found] if found else []


OF_ONE_FIGURE: dict[str, Callable[[FigureAnswer], list[Chart]]] = (
    {
        "mix": mix,
        "flows": flows,
        "activation": activation,
        "tenure": tenure,
        "cohorts": cohort_table,
        "teams": teams,
        "beside": beside,
        "nothing": lambda _: [],
    }
    | ladders.DRAWN
    | ways.DRAWN
)
