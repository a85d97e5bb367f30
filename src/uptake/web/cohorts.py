"""Cohorts against time as a table of tinted fields, and people who come and go as bars on both sides of a line. Values in,
Vega-Lite specifications out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from uptake.web.charts import ROOMY, TEXT, Spec, frame, weeks_in_short
from uptake.web.svg import paint

_ROW = 24
_STRONGEST = 0.5
"""The tint of 100 %: text on it stays readable."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the table; without a value it is blank but for its words."""

    row: str
    column: str
    value: float | None
    shown: str
    title: str


@dataclass(frozen=True, slots=True)
class Flow:
    """Some of those who came (above zero) or went (below it) in a span of time: a piece of its bar."""

    span: str
    name: str
    ink: str
    start: float
    end: float
    opacity: float
    title: str


def table(fields: Sequence[Field], *, width: int) -> Spec:
    rows, columns = (list(dict.fromkeys(getattr(field, name) for field in fields)) for name in ("row", "column"))
    look = {"title": None, "domain": False, "ticks": False, "labelFontSize": TEXT}
    x = {
        "field": "column",
        "type": "nominal",
        "sort": columns,
        "axis": look | {"orient": "top", "labelAngle": 0, "labelColor": paint("quiet")} | weeks_in_short(width),
    }
    y = {
        "field": "row",
        "type": "nominal",
        "sort": rows,
        "axis": look | {"labelColor": paint("ink"), "labelPadding": 8},
    }
    values = [
        {
            "row": one.row,
            "column": one.column,
            "shown": one.shown,
            "title": one.title,
            "tint": _STRONGEST * (one.value or 0),
        }
        for one in fields
    ]
    tint = {"field": "tint", "type": "quantitative", "scale": None}
    return frame(width, _ROW * len(rows)) | {
        "padding": {"left": 16, "top": 2, "right": 4, "bottom": 2},
        "data": {"values": values},
        "encoding": {"x": x, "y": y},
        "layer": [
            {
                "mark": {"type": "rect", "fill": paint("accent"), "stroke": paint("paper"), "strokeWidth": 2},
                "encoding": {"fillOpacity": tint, "description": {"field": "title"}},
            },
            {
                "mark": {"type": "text", "fill": paint("ink"), "fontSize": TEXT, "aria": False},
                "encoding": {"text": {"field": "shown"}},
            },
        ],
    }


def flows(found: Sequence[Flow], *, width: int, height: int) -> Spec:
    """Bars up and down from a line at nothing, the spans from left to right; the newest says what its pieces are."""
    spans = list(dict.fromkeys(one.span for one in found))
    look = {"title": None, "labelAngle": 0, "labelColor": paint("quiet"), "labelFontSize": TEXT, "ticks": False}
    x = {
        "field": "span",
        "type": "nominal",
        "sort": spans,
        "scale": {"paddingInner": 0.35, "paddingOuter": 0.2},
        "axis": look | {"domain": False, "labelOverlap": True},
    }
    y = {"field": "start", "type": "quantitative", "axis": _amounts()}
    names = dict.fromkeys(one.name for one in found)
    zero = {"data": {"values": [{"zero": 0}]}, "mark": {"type": "rule", "stroke": paint("ink"), "aria": False}}
    layers = [_pieces([one for one in found if one.name == name], x, y) for name in names]
    ends = [one for one in found if one.span == spans[-1] and one.start != one.end]
    return frame(width, height) | {
        "layer": [
            *layers,
            zero | {"encoding": {"y": {"field": "zero", "type": "quantitative"}}},
            _ends(ends, y) if width > ROOMY else _none(),
        ]
    }


def _pieces(found: Sequence[Flow], x: Spec, y: Spec) -> Spec:
    values = [{"span": one.span, "start": one.start, "end": one.end, "title": one.title} for one in found]
    mark = {"type": "bar", "fill": paint(found[0].ink), "fillOpacity": found[0].opacity}
    encoding = {"x": x, "y": y, "y2": {"field": "end"}, "description": {"field": "title"}}
    return {"data": {"values": values}, "mark": mark, "encoding": encoding}


def _ends(found: Sequence[Flow], y: Spec) -> Spec:
    values = [
        {"start": (one.start + one.end) / 2, "shown": f"{abs(one.end - one.start):,.0f} {one.name}"} for one in found
    ]
    mark = {"type": "text", "align": "left", "dx": 8, "fill": paint("ink"), "fontSize": 13, "aria": False}
    encoding = {"x": {"value": "width"}, "y": y, "text": {"field": "shown"}}
    return {"data": {"values": values}, "mark": mark, "encoding": encoding}


def _none() -> Spec:
    return {"data": {"values": []}, "mark": {"type": "text", "aria": False}}


def _amounts() -> Spec:
    return {
        "title": None,
        "tickCount": 4,
        "tickMinStep": 1,
        "labelExpr": "format(abs(datum.value), ',')",
        "domain": False,
        "ticks": False,
        "gridColor": paint("line"),
        "labelColor": paint("quiet"),
        "labelFontSize": TEXT,
        "labelPadding": 8,
    }
