"""Rows of dots on one scale, with how sure each is as a thin line: groups side by side, without a ranking. Values in, a
Vega-Lite specification out. What is withheld keeps its row and says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from uptake.web.charts import ROOMY, TEXT, Spec, frame
from uptake.web.svg import paint

_ROW = 26


@dataclass(frozen=True, slots=True)
class Dot:
    """One value of a row; `low` and `high` are the ends of its interval."""

    value: float
    ink: str
    low: float | None = None
    high: float | None = None
    hollow: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A row: its name, its dots, and the words at its right end: the values, or why there are none."""

    name: str
    dots: tuple[Dot, ...]
    shown: str
    title: str


def dots(rows: Sequence[Line], *, width: int, top: float, percent: bool, middle: float | None = None) -> Spec:
    """`top` is the end of the scale; `middle` a line through all rows: what they are compared with."""
    names = [row.name for row in rows]
    y = {"field": "name", "type": "nominal", "sort": names, "axis": _names(width), "scale": {"padding": 0.5}}
    x = {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": [0, top * (1.15 if width > ROOMY else 1.3)]},
        "axis": _amounts(top, percent),
    }
    found = [_bands(rows, y), _middle(middle, x), _intervals(rows, x, y), *_marks(rows, x, y), _words(rows, y)]
    return frame(width, _ROW * max(len(rows), 1)) | {
        "padding": {"left": 16, "top": 2, "right": 4, "bottom": 2},
        "layer": [layer for layer in found if layer],
    }


def _bands(rows: Sequence[Line], y: Spec) -> Spec:
    """An unseen band a row that carries its words; the order of the rows is set here."""
    values = [{"name": row.name, "title": row.title} for row in rows]
    mark = {"type": "bar", "fill": paint("hit"), "height": {"band": 1}}
    return {
        "data": {"values": values},
        "mark": mark,
        "encoding": {"y": y, "x": {"value": 0}, "x2": {"value": "width"}, "description": {"field": "title"}},
    }


def _middle(middle: float | None, x: Spec) -> Spec | None:
    if middle is None:
        return None
    mark = {"type": "rule", "stroke": paint("faint"), "strokeWidth": 1, "strokeDash": [3, 3], "aria": False}
    return {"data": {"values": [{"value": middle}]}, "mark": mark, "encoding": {"x": x}}


def _intervals(rows: Sequence[Line], x: Spec, y: Spec) -> Spec | None:
    values = [
        {"name": row.name, "value": dot.low, "high": dot.high}
        for row in rows
        for dot in row.dots
        if dot.low is not None and dot.high is not None
    ]
    mark = {"type": "rule", "stroke": paint("faint"), "strokeWidth": 2, "aria": False}
    encoding = {"x": x, "x2": {"field": "high"}, "y": y}
    return {"data": {"values": values}, "mark": mark, "encoding": encoding} if values else None


def _marks(rows: Sequence[Line], x: Spec, y: Spec) -> list[Spec]:
    layers = []
    looks = {(dot.ink, dot.hollow) for row in rows for dot in row.dots}
    for ink, hollow in sorted(looks, key=lambda look: (not look[1], look[0])):  # rings first: they hide nothing
        values = [
            {"name": row.name, "value": dot.value}
            for row in rows
            for dot in row.dots
            if (dot.ink, dot.hollow) == (ink, hollow)
        ]
        look = {"fill": paint("paper"), "stroke": paint(ink), "strokeWidth": 2} if hollow else {"fill": paint(ink)}
        mark = {
            "type": "circle" if not hollow else "point",
            "filled": True,
            "size": 110 if hollow else 70,
            "opacity": 1,
            "aria": False,
        }
        layers.append({"data": {"values": values}, "mark": mark | look, "encoding": {"x": x, "y": y}})
    return layers


def _words(rows: Sequence[Line], y: Spec) -> Spec:
    values = [{"name": row.name, "shown": row.shown} for row in rows]
    mark = {"type": "text", "align": "right", "dx": -2, "fill": paint("ink"), "fontSize": TEXT, "aria": False}
    return {
        "data": {"values": values},
        "mark": mark,
        "encoding": {"y": y, "x": {"value": "width"}, "text": {"field": "shown"}},
    }


def _names(width: int) -> Spec:
    look = {"labelFontSize": 13, "labelColor": paint("ink"), "labelPadding": 8, "title": None}
    head, tail = (18, 11) if width > ROOMY else (9, 6)
    # Long names of teams often begin alike: their ends are shown as well.
    short = f"slice(datum.label, 0, {head}) + '…' + slice(datum.label, -{tail})"
    words = f"length(datum.label) > {head + tail + 1} ? {short} : datum.label"
    limit = 220 if width > ROOMY else 120
    return look | {"domain": False, "ticks": False, "labelLimit": limit, "labelExpr": words}


def _amounts(top: float, percent: bool) -> Spec:
    steps = [0, 0.25, 0.5, 0.75, 1.0] if percent and top == 1 else None
    return {
        "title": None,
        "tickCount": 4,
        "labelExpr": "format(datum.value * 100, '.0f') + ' %'" if percent else "format(datum.value, ',')",
        "domain": False,
        "ticks": False,
        "gridColor": paint("line"),
        "labelColor": paint("quiet"),
        "labelFontSize": TEXT,
        **({"values": steps} if steps else {}),
    }
