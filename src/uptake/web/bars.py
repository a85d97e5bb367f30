"""Bars from the top, each with its value in words at its end, and a mark where it stood before. Values in, a Vega-Lite
specification out. What is withheld has no length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from uptake.web.charts import Spec, frame
from uptake.web.svg import paint

_ROW = 30


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of a bar chart. `shown` is the value in words, or why there is none; `before` is what it was."""

    name: str
    ink: str
    value: float | None
    shown: str
    title: str
    before: float | None = None
    faint: bool = False  # another one was chosen


def bars(rows: Sequence[Bar], *, width: int, top: float | None = None) -> Spec:
    """`top` is what a full bar stands for."""
    full = top or max((max(b.value or 0, b.before or 0) for b in rows), default=0) or 1
    x = {"field": "value", "type": "quantitative", "axis": None, "scale": {"domain": [0, full * 1.3]}}
    y = _rows(rows)
    text = {"type": "text", "align": "left", "dx": 6, "fill": paint("ink"), "fontSize": 13, "aria": False}
    shown = {"x": {"field": "end", "type": "quantitative"}, "y": y, "text": {"field": "shown"}}
    return frame(width, _ROW * max(len(rows), 1)) | {
        "padding": {"left": 16, "top": 2, "right": 4, "bottom": 2},
        "data": {"values": [_values(bar) for bar in rows]},
        "layer": [
            {"mark": {"type": "bar", "cornerRadiusEnd": 2}, "encoding": _bar(x, y)},
            _ticks(rows, x, y),
            {"mark": text, "encoding": shown},
        ],
    }


def _values(bar: Bar) -> Spec:
    return {
        "name": bar.name,
        "value": bar.value or 0,
        "end": max(bar.value or 0, bar.before or 0),
        "shown": bar.shown,
        "title": bar.title,
        "ink": paint(bar.ink),
        "opacity": 0.35 if bar.faint else 1,
    }


def _rows(rows: Sequence[Bar]) -> Spec:
    names = {"labelFontSize": 13, "labelColor": paint("ink"), "labelPadding": 8, "labelLimit": 160, "title": None}
    return {
        "field": "name",
        "type": "nominal",
        "sort": [b.name for b in rows],
        "axis": names | {"domain": False, "ticks": False},
        "scale": {"paddingInner": 0.45, "paddingOuter": 0.2},
    }


def _bar(x: Spec, y: Spec) -> Spec:
    return {
        "x": x,
        "y": y,
        "fill": {"field": "ink", "type": "nominal", "scale": None},
        "fillOpacity": {"field": "opacity", "type": "quantitative", "scale": None},
        "description": {"field": "title"},
    }


def _ticks(rows: Sequence[Bar], x: Spec, y: Spec) -> Spec:
    values = [{"name": bar.name, "value": bar.before} for bar in rows if bar.before is not None]
    mark = {"type": "tick", "stroke": paint("ink"), "thickness": 2, "size": 22, "aria": False}
    return {"data": {"values": values}, "mark": mark, "encoding": {"x": x, "y": y}}
