"""Drawings of Reach, Growth, Habit and Retention: the ladder from seat to core, states of use, flows, curves, cohorts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from uptake.metrics import Answer, Cell, FigureAnswer, Row
from uptake.metrics.dashboards.says_of_ladder import large_enough, newest_and_before
from uptake.metrics.dashboards.trust import compared
from uptake.metrics.defined.ladder import STATES
from uptake.metrics.rungs import LADDER, NAMES, Rung, parts, rungs, seats
from uptake.web import bars, charts, cohorts, stacks, words
from uptake.web.bars import Bar
from uptake.web.cellwords import row_name, short_name, shown
from uptake.web.cohorts import Field
from uptake.web.plots import HEIGHT, Chart, chart, drawing
from uptake.web.stacks import Bin, Net, Piece, Step

_TALL = 260
_FULL = 1080
_MOST = 40
"""Rows of a drawing; the table has all of them."""
_WITHHELD = "▒"
_LOOK = {"Core": ("accent", 1.0), "Habitual": ("accent", 0.65), "Occasional": ("accent", 0.3), "Dormant": ("slack", 0.45),
         "Never used": ("slack", 0.2)}  # fmt: skip
_FLOWS = (
    ("flow_new", "new", "accent", 1, 1.0),
    ("flow_resurrected", "came back", "accent", 1, 0.45),
    ("flow_churned", "went quiet", "slack", -1, 1.0),
    ("flow_left", "left", "slack", -1, 0.45),
)
_ACTIVE = (
    ("flow_retained", "kept", "accent", 1, 0.3),
    ("flow_resurrected", "came back", "accent", 1, 0.6),
    ("flow_new", "new", "accent", 1, 1.0),
)
_NEW, _OLD = "newest", "before"


def funnel(figure: FigureAnswer) -> list[Chart]:
    """A bar a rung, with its share of the one above; the mark is where it stood twelve weeks before."""
    found = rungs_of(figure)
    if not any(rung.people for rung in found if rung.name in NAMES):
        return []
    then = {one.name: one.people for one in earlier(figure)} if _compares(figure) else {}
    rows = [_rung(rung, then.get(rung.name)) for rung in found]
    label = f"{figure.title}: " + ", ".join(bar.title for bar in rows)
    caption = "People, and of how many of the bar above"
    caption += "; the mark is twelve weeks before" if any(bar.before for bar in rows) else ""
    full = max(bar.value or 0 for bar in rows)
    make = lambda width: bars.bars(rows, width=width, top=full * (1.1 if width > charts.ROOMY else 1.9))  # noqa: E731
    return [drawing(make, label, caption)]


def _rung(rung: Rung, then: int | None) -> Bar:
    if rung.people is None:
        return Bar(rung.name, "accent", None, _why(rung.cell), f"{rung.name}: {_why(rung.cell)}")
    share = "" if rung.of_before is None else words.percent(rung.of_before)
    share = f"{words.percent(rung.cell.value or 0)} seated" if rung.name == "Employees" else share
    text = " · ".join(filter(None, (words.number(rung.people), share)))
    title = f"{rung.name}: {words.number(rung.people)}" + (
        f", {share} of {rung.above.lower()}" if rung.above else f", {share}" if share else ""
    )
    ink = "slack" if rung.name in {"Employees", "Seat holders"} else "accent"
    return Bar(rung.name, ink, float(rung.people), text, title, None if then is None else float(then))


def rungs_of(figure: FigureAnswer) -> tuple[Rung, ...]:
    """The rungs of the newest four weeks."""
    row = figure.answers[0].rows[-1]
    coverage = next((one.rows[0].cells["coverage"] for one in figure.answers[1:]), None)
    return rungs(row, coverage)


def earlier(figure: FigureAnswer) -> tuple[Rung, ...]:
    """The rungs twelve weeks before; nothing where those are not held."""
    rows = figure.answers[0].rows
    return rungs(rows[-4]) if len(rows) > 3 else ()


def _compares(figure: FigureAnswer) -> bool:
    return figure.asked is None or figure.asked.choice.compare


def over_time(figure: FigureAnswer) -> list[Chart]:
    found = chart(figure.answers[0], figure.title)
    return [found] if found else []


def by_team(figure: FigureAnswer) -> list[Chart]:
    """A field a rung and team, in the order of the directory: shares of the team's seat holders."""
    (answer,) = figure.answers
    rows = [row for row in answer.rows if row.key]
    if not any(cell.value is not None for row in rows for cell in row.cells.values()):
        return []
    fields = [field for row in rows[:_MOST] for field in _team(row)]
    caption = "In per cent of seat holders, whose number is in brackets"
    caption += f"; {words.number(len(rows) - _MOST)} more in the table" if len(rows) > _MOST else ""
    label = f"{figure.title}: " + ", ".join(one.title for one in fields[:_MOST])
    return [drawing(_table(fields), label, caption)]


def _team(row: Row) -> Iterator[Field]:
    held = seats(row)
    label = f"{row_name(row)} ({words.number(held)})" if held else row_name(row)
    for metric in LADDER:
        cell = row.cells[metric]
        text = _WITHHELD if cell.state == "withheld" else shown(metric, cell)
        value = None if cell.value is None else float(cell.value)
        said = _why(cell) if value is None else text
        yield Field(label, short_name(metric), value, text, f"{label}, {short_name(metric).lower()}: {said}")


def _table(fields: list[Field]) -> Callable[[int], charts.Spec]:
    return lambda width: cohorts.table(fields, width=width if width < charts.WIDE else _FULL)


def states(figure: FigureAnswer) -> list[Chart]:
    """A column a window: the states of use on one another, all of them the seats."""
    k = figure.asked.k if figure.asked else 1
    rows = [row for row in figure.answers[0].rows if row.key]
    found = [piece for row in rows for piece in _parts(row, k)]
    if not found:
        return []
    newest = [one for one in found if one.span == found[-1].span]
    label = f"{figure.title}, newest four weeks: " + ", ".join(one.title for one in newest)
    wide = lambda width: stacks.columns(found, width=_across(width), height=_TALL, gap=0.04)  # noqa: E731
    key = tuple((_LOOK[one.name][0], one.end_words) for one in reversed(newest))
    return [drawing(wide, label, "Seat holders at the end of each four weeks, by their first day", key)]


def _parts(row: Row, k: int) -> Iterator[Piece]:
    span = _span(row)
    for part in parts(row, k):
        ink, opacity = _LOOK[part.name]
        said = f"fewer than {k}" if part.people is None else words.number(part.people)
        title = f"Four weeks from {span}: {said} {part.name.lower()}"
        yield Piece(span, part.name, ink, part.start, part.end, opacity, title, f"{said} {part.name.lower()}")


def growth(figure: FigureAnswer) -> list[Chart]:
    """Who came above the line, who went below it, and what is left as a line."""
    rows = [row for row in figure.answers[0].rows if row.key]
    found = [piece for row in rows for piece in _flow(row, _FLOWS)]
    if not any(one.start != one.end for one in found):
        return []
    drawn = {one.span for one in found}
    net = [one for one in map(_net, rows) if one.span in drawn]
    last = [one.title for one in found if one.span == found[-1].span] + [one.title for one in net[-1:] if one.title]
    label = f"{figure.title}, newest four weeks: " + ", ".join(last)
    caption = "By four weeks; above the line who came, below it who went; the line is the difference"
    few = _few(rows)
    make = lambda width: stacks.columns(found, net=net, few=few, width=_across(width), height=_TALL, gap=0.35)  # noqa: E731
    return [drawing(make, label, caption)]


def growth_active(figure: FigureAnswer) -> list[Chart]:
    rows = [row for row in figure.answers[0].rows if row.key]
    found = [piece for row in rows for piece in _flow(row, _ACTIVE)]
    if not any(one.start != one.end for one in found):
        return []
    label = f"{figure.title}: " + ", ".join(one.title for one in found if one.span == found[-1].span)
    few = _few(rows)
    make = lambda width: stacks.columns(found, few=few, width=_across(width), height=HEIGHT, gap=0.2)  # noqa: E731
    return [drawing(make, label, "By four weeks")]


def _flow(row: Row, flows: tuple[tuple[str, str, str, int, float], ...]) -> Iterator[Piece]:
    """The pieces of a column; a flow of too few is not drawn, and said in the table."""
    span, at = _span(row), {1: 0.0, -1: 0.0}
    cells = {metric: row.cells[metric] for metric, *_ in flows}
    if all(cell.value is None for cell in cells.values()):
        return
    for metric, text, ink, sign, opacity in flows:
        size = float(cells[metric].value or 0)
        said = shown(metric, cells[metric]) or "not yet available"
        start, at[sign] = at[sign], at[sign] + sign * size
        end = f"{said} {text}" if size else ""
        yield Piece(span, text, ink, start, at[sign], opacity, f"Four weeks from {span}: {said} {text}", end)


def _few(rows: list[Row]) -> tuple[str, ...]:
    """The columns of which a piece is withheld."""
    return tuple(_span(row) for row in rows if any(cell.state == "withheld" for cell in row.cells.values()))


def _net(row: Row) -> Net:
    """A gap in the line where some of it is too few to be shown."""
    values = [(sign, row.cells[metric].value) for metric, _, _, sign, _ in _FLOWS]
    if any(value is None for _, value in values):
        return Net(_span(row), None, "")
    total = sum(sign * (value or 0) for sign, value in values)
    said = f"{'+' if total > 0 else '−' if total < 0 else ''}{words.number(abs(total))}"
    return Net(_span(row), total, f"Four weeks from {_span(row)}: {said} together")


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


def moves(figure: FigureAnswer) -> list[Chart]:
    (answer,) = figure.answers
    cells = {str(row.key): row.cells["state_moves"] for row in answer.rows if row.key}
    if not any(cell.value for cell in cells.values()):
        return []
    fields = [_move(move, cell, cells) for move, cell in cells.items()]
    label = f"{figure.title}: " + ", ".join(one.title for one in fields)
    make = lambda width: cohorts.table(fields, width=width)  # noqa: E731
    return [drawing(make, label, "People: a row is their state twelve weeks ago, a column their state now")]


def _move(move: str, cell: Cell, cells: dict[str, Cell]) -> Field:
    then, now = move.split(" to ")
    known = sum(one.value or 0 for other, one in cells.items() if other.split(" to ")[0] == then)
    text = _WITHHELD if cell.state == "withheld" else shown("state_moves", cell)
    tint = None if cell.value is None or not known else cell.value / known
    said = _why(cell) if cell.value is None else f"{text} people"
    return Field(STATES[then], STATES[now], tint, text, f"{STATES[then]} then, {STATES[now].lower()} now: {said}")


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
    caption += f"; {_WITHHELD} too few people" if any(one.shown == _WITHHELD for one in fields) else ""
    make = lambda width: _table(fields if width > charts.ROOMY else narrow)(width)  # noqa: E731
    return [drawing(make, label, caption)]


def _cohort(row: Row, label: str, *, roomy: bool) -> Iterator[Field]:
    for metric, cell in row.cells.items():
        text = {"withheld": _WITHHELD, "not_yet": ""}.get(cell.state, shown(metric, cell))
        of = f" of {words.number(cell.denominator)}" if cell.denominator else ""
        said = f"{text}{of}" if cell.value is not None else _why(cell)
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
    make = lambda width: stacks.curves(found, inks, width=_across(width), height=_TALL)  # noqa: E731
    key = tuple((ink, line) for line, ink in inks.items() if any(one.line == line for one in found))
    many = "six weeks" if answer.question.by == "started" else "three times four weeks"
    caption = f"Active in the weeks after the first: cohorts of the newest {many} that are known, and of as many before"
    return [drawing(make, label, caption, key)]


def reconciled(figure: FigureAnswer) -> list[Chart]:
    """A bar a day: by how many people our count is above Claude's own, or below it."""
    found = [_apart(*one) for one in compared(*figure.answers)]
    if not any(one.end for one in found):
        return []
    label = f"{figure.title}: {words.plural(len(found), 'day')}; " + found[-1].title
    caption = "Our count of people active in a day less Claude's own"
    make = lambda width: stacks.columns(found, width=_across(width), height=HEIGHT, gap=0.2)  # noqa: E731
    return [drawing(make, label, caption)]


def _apart(day: date, ours: int, told: int) -> Piece:
    title = f"{words.day_and_year(day)}: {words.number(ours)} people here, {words.number(told)} as Claude counts"
    return Piece(words.day(day), "apart", "accent", 0, ours - told, 1.0, title)


def _span(row: Row) -> str:
    return words.day(date.fromisoformat(str(row.key)))


def _across(width: int) -> int:
    return width if width < charts.WIDE else _FULL - 100


def _why(cell: Cell) -> str:
    return {"withheld": "Withheld: too few people", "not_yet": "Not yet available"}.get(cell.state, cell.reason)


DRAWN: dict[str, Callable[[FigureAnswer], list[Chart]]] = {
    "funnel": funnel,
    "ladder": over_time,
    "ladder-teams": by_team,
    "states": states,
    "growth": growth,
    "growth-active": growth_active,
    "curve": curve,
    "moves": moves,
    "cohorts-12": cohorts_12,
    "newer": newer,
    "reconciled": reconciled,
}
