"""Columns of pieces on one another with their names at the right end, bars of a histogram with another one as a line, and
lines over named steps. Values in, Vega-Lite specifications out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from uptake.web.charts import ROOMY, TEXT, Spec, apart, frame, weeks_in_short
from uptake.web.svg import paint

_APART = 16


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a column, from where the one below it ends. `end_words` stand beside the newest column."""

    span: str
    name: str
    ink: str
    start: float
    end: float
    opacity: float
    title: str
    end_words: str = ""


@dataclass(frozen=True, slots=True)
class Net:
    """A point of the line that says what a column comes to."""

    span: str
    value: float | None
    title: str


@dataclass(frozen=True, slots=True)
class Bin:
    """A bar of a histogram: from low to high, both included; `share` of everybody for each step of it."""

    low: int
    high: int
    share: float
    title: str


@dataclass(frozen=True, slots=True)
class Step:
    """A point of a line over named steps."""

    step: str
    line: str
    value: float
    shown: str
    title: str


def columns(
    found: Sequence[Piece],
    *,
    width: int,
    height: int,
    net: Sequence[Net] = (),
    few: Sequence[str] = (),
    gap: float = 0.1,
) -> Spec:
    """`few`: the columns that lack a piece of too few people."""
    spans = list(dict.fromkeys(one.span for one in found))
    x = {
        "field": "span",
        "type": "nominal",
        "sort": spans,
        "scale": {"domain": spans, "paddingInner": gap, "paddingOuter": 0.05},
        "axis": _quiet() | _named(spans, width) | {"labelAngle": 0, "domain": False, "labelPadding": 8},
    }
    top = max((max(one.start, one.end) for one in found), default=0) or 1
    low = min((min(one.start, one.end) for one in found), default=0)
    y = {
        "field": "start",
        "type": "quantitative",
        "scale": {"domain": [low, top], "nice": True} if low < 0 else {"domain": [0, top], "nice": False},
        "axis": _amounts("format(abs(datum.value), ',')"),
    }
    layers = [
        _pieces([one for one in found if one.name == name], x, y) for name in dict.fromkeys(p.name for p in found)
    ]
    layers += [_zero(y)] if low < 0 else []
    layers += [*_net(net, x, y), _withheld([span for span in few if span in spans], x, height)]
    last = [one for one in found if one.span == spans[-1] and one.end_words]
    layers += [_ends(last, y)] if low < 0 else _placed(last, top, height)
    drawing = frame(width, height)
    drawing["padding"] |= {"top": 8, "right": 8}
    return drawing | {"layer": layers}


def _named(spans: Sequence[str], width: int) -> Spec:
    """Only so many columns are named as have room for it."""
    every = -(-len(spans) // max(width // 72, 1))
    return {"values": list(spans[::every])} if every > 1 else {}


def _pieces(found: Sequence[Piece], x: Spec, y: Spec) -> Spec:
    values = [{"span": one.span, "start": one.start, "end": one.end, "title": one.title} for one in found]
    mark = {"type": "bar", "fill": paint(found[0].ink), "fillOpacity": found[0].opacity}
    encoding = {"x": x, "y": y, "y2": {"field": "end"}, "description": {"field": "title"}}
    return {"data": {"values": values}, "mark": mark, "encoding": encoding}


def _zero(y: Spec) -> Spec:
    mark = {"type": "rule", "stroke": paint("ink"), "aria": False}
    encoding = {"y": y | {"field": "zero"}}
    return {"data": {"values": [{"zero": 0}]}, "mark": mark, "encoding": encoding}


def _withheld(few: Sequence[str], x: Spec, height: int) -> Spec:
    mark = {"type": "text", "baseline": "bottom", "fill": paint("faint"), "fontSize": TEXT, "aria": False}
    return {
        "data": {"values": [{"span": span} for span in few]},
        "mark": mark,
        "encoding": {"x": x, "y": {"value": height}, "text": {"value": "▒"}},
    }


def _net(net: Sequence[Net], x: Spec, y: Spec) -> list[Spec]:
    if not net:
        return []
    data = {"values": [{"span": one.span, "start": one.value, "title": one.title} for one in net]}
    line = {"type": "line", "stroke": paint("ink"), "strokeWidth": 2, "strokeJoin": "round", "aria": False}
    dots = {
        "type": "point",
        "filled": True,
        "fill": paint("ink"),
        "stroke": paint("paper"),
        "strokeWidth": 2,
        "size": 70,
        "opacity": 1,
    }
    encoding = {"x": x, "y": y}
    return [
        {"data": data, "mark": line | {"stroke": paint("paper"), "strokeWidth": 5}, "encoding": encoding},
        {"data": data, "mark": line, "encoding": encoding},
        {"data": data, "mark": dots, "encoding": encoding | {"description": {"field": "title"}}},
    ]


def _ends(found: Sequence[Piece], y: Spec) -> Spec:
    values = [{"start": (one.start + one.end) / 2, "words": one.end_words} for one in found if one.start != one.end]
    return {
        "data": {"values": values},
        "mark": _words(),
        "encoding": {"x": {"value": "width"}, "y": y, "text": {"field": "words"}},
    }


def _placed(found: Sequence[Piece], top: float, height: int) -> list[Spec]:
    """Names at the middle of their pieces, moved apart where they would cover each other."""
    wanted = [height * (1 - (one.start + one.end) / 2 / top) for one in found]
    return [
        {
            "data": {"values": [{"words": one.end_words}]},
            "mark": _words(),
            "encoding": {"x": {"value": "width"}, "y": {"value": at}, "text": {"field": "words"}},
        }
        for one, at in zip(found, apart(wanted, _APART), strict=True)
    ]


def _words() -> Spec:
    return {"type": "text", "align": "left", "dx": 8, "fill": paint("ink"), "fontSize": 13, "aria": False}


def histogram(now: Sequence[Bin], before: Sequence[Bin], *, width: int, height: int) -> Spec:
    """Bars for now, and a thin line of steps for the time before."""
    top = max((one.share for one in (*now, *before)), default=0) or 1
    x = {
        "field": "low",
        "type": "quantitative",
        "scale": {"domain": [-0.5, 20.5], "nice": False},
        "axis": _quiet()
        | {"values": [0, 4, 8, 12, 16, 20], "labelExpr": "datum.value == 20 ? '20+' : datum.value", "grid": False},
    }
    y = {
        "field": "share",
        "type": "quantitative",
        "scale": {"domain": [0, top], "nice": True},
        "axis": _amounts("format(datum.value * 100, '~f') + ' %'"),
    }
    bars = [
        {"low": one.low - 0.42, "high": one.high + 0.42, "share": one.share, "zero": 0, "title": one.title}
        for one in now
    ]
    layers: list[Spec] = [
        {
            "data": {"values": bars},
            "mark": {"type": "rect", "fill": paint("accent")},
            "encoding": {
                "x": x,
                "x2": {"field": "high"},
                "y": y,
                "y2": {"field": "zero"},
                "description": {"field": "title"},
            },
        }
    ]
    if before:
        steps = [{"low": at, "share": one.share} for one in before for at in (one.low - 0.5, one.high + 0.5)]
        mark = {"type": "line", "stroke": paint("ink"), "strokeWidth": 1.5, "aria": False}
        layers.append(
            {"data": {"values": steps}, "mark": mark, "encoding": {"x": x, "y": y, "order": {"field": "low"}}}
        )
    return frame(width, height) | {"layer": layers}


def curves(found: Sequence[Step], inks: dict[str, str], *, width: int, height: int) -> Spec:
    """A line a group over named steps, in per cent; each says its name at its end."""
    steps = list(dict.fromkeys(one.step for one in found))
    x = {
        "field": "step",
        "type": "nominal",
        "sort": steps,
        "scale": {"type": "point", "domain": steps, "padding": 0.2},
        "axis": _quiet() | {"labelAngle": 0, "domainColor": paint("faint")} | weeks_in_short(width),
    }
    y = {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": [0, 1], "nice": False},
        "axis": _amounts("format(datum.value * 100, '.0f') + ' %'"),
    }
    layers: list[Spec] = []
    for name, ink in inks.items():
        points = [one for one in found if one.line == name]
        if points:
            layers += _curve(points, ink, x, y, named=width > ROOMY)
    drawing = frame(width, height)
    drawing["padding"] |= {"right": 16}
    return drawing | {"layer": layers}


def _curve(points: Sequence[Step], ink: str, x: Spec, y: Spec, *, named: bool) -> list[Spec]:
    values: list[dict[str, Any]] = [{"step": one.step, "value": one.value, "title": one.title} for one in points]
    encoding = {"x": x, "y": y}
    stroke = {"type": "line", "stroke": paint(ink), "strokeWidth": 2, "strokeJoin": "round", "aria": False}
    dots = {"type": "point", "filled": True, "fill": paint(ink), "size": 40, "opacity": 1}
    end = values[-1] | {"words": f"{points[-1].line} {points[-1].shown}" if named else points[-1].shown}
    text = {"type": "text", "align": "left", "dx": 10, "fill": paint("ink"), "fontSize": 13, "aria": False}
    return [
        {"data": {"values": values}, "mark": stroke, "encoding": encoding},
        {"data": {"values": values}, "mark": dots, "encoding": encoding | {"description": {"field": "title"}}},
        {"data": {"values": [end]}, "mark": text, "encoding": encoding | {"text": {"field": "words"}}},
    ]


def _quiet() -> Spec:
    return {"title": None, "ticks": False, "labelColor": paint("quiet"), "labelFontSize": TEXT}


def _amounts(expression: str) -> Spec:
    return {
        "title": None,
        "tickCount": 4,
        "labelExpr": expression,
        "domain": False,
        "ticks": False,
        "gridColor": paint("line"),
        "labelColor": paint("quiet"),
        "labelFontSize": TEXT,
        "labelPadding": 8,
    }
