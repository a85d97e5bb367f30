"""Charts as Vega-Lite specifications: lines over days or weeks. Values in, a dictionary out; svg.py draws it.

Amounts start at zero. Settling days are hatched and said so, days that are not there yet stay blank, what is withheld
is marked ▒ and never drawn as zero.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from uptake.domain.days import ONE_DAY
from uptake.web.svg import paint

WIDE = 560
NARROW = 342
ROOMY = 400
TEXT = 12
_APART = 16

_AMOUNT = {
    "plain": "format(datum.value, ',')",
    "thousands": "datum.value ? format(datum.value / 1000, ',~f') + ' k' : '0'",
    "percent": "format(datum.value * 100, '.0f') + ' %'",
}

Spec = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Point:
    """One day or week of one series. `value` is None for what is not known or withheld."""

    day: date
    value: float | None
    title: str
    settling: bool = False
    withheld: bool = False
    partial: bool = False  # a week with days missing or still to come: shown apart, never as a fall of the line


@dataclass(frozen=True, slots=True)
class Series:
    """A line: its name stands at its end."""

    name: str
    ink: str
    points: tuple[Point, ...]
    end: str = ""  # the newest value in words
    before: bool = False  # the time before, drawn faintly under the line it is compared with


def lines(series: Sequence[Series], *, width: int, height: int, step: int, percent: bool = False) -> Spec:
    """Lines over days (`step` 1), weeks (7) or four weeks (28)."""
    days = sorted({point.day for one in series for point in one.points})
    x = {"field": "day", "type": "temporal", "scale": _time_scale(days, step), "axis": _time_axis(days, width, step)}
    top = max((point.value or 0 for one in series for point in one.points), default=0)
    y = {
        "field": "value",
        "type": "quantitative",
        "scale": _amounts(top, percent=percent),
        "axis": _amount_axis(top, percent=percent),
    }
    layers = [
        *_settling(series, step, height),
        *(layer for one in series if one.before for layer in _faint(one, x, y)),
        *(layer for one in series if not one.before for layer in _line(one, x, y)),
        *_end_labels(
            [one for one in series if not one.before], x, _ceiling(top, percent=percent), height, named=width > ROOMY
        ),
        _withheld(series, x, height),
        _hits(series, step, height),
    ]
    drawing = frame(width, height)
    # The page's letters may be wider than those measured here.
    longest = max((len(f"{one.name} {one.end}") for one in series if len(series) > 1), default=0)
    drawing["padding"]["right"] += longest if width > ROOMY else 8
    return drawing | {"layer": [layer for layer in layers if layer]}


def _faint(one: Series, x: Spec, y: Spec) -> list[Spec]:
    """The time before: one thin line of what is whole and known."""
    known = [p for p in one.points if not p.partial]
    stroke = {"type": "line", "stroke": paint("faint"), "strokeWidth": 1, "strokeJoin": "round", "aria": False}
    return [{"data": _values(known), "mark": stroke, "encoding": {"x": x, "y": y}}]


def _line(one: Series, x: Spec, y: Spec) -> list[Spec]:
    whole = [p for p in one.points if not p.partial]
    first_unsure = next((p.day for p in whole if p.settling), None)
    settled = [p for p in whole if first_unsure is None or p.day < first_unsure]
    # The dashed part starts at the last settled point, so that the line does not break where it becomes unsure.
    unsure = [*settled[-1:], *(p for p in whole if p.settling)] if first_unsure else []
    stroke = {"type": "line", "stroke": paint(one.ink), "strokeWidth": 2, "strokeJoin": "round", "aria": False}
    dots = {"type": "point", "filled": True, "fill": paint(one.ink), "size": 16, "opacity": 1, "aria": False}
    encoding = {"x": x, "y": y}
    known = [p for p in whole if p.value is not None]
    rings = {"type": "point", "filled": False, "stroke": paint(one.ink), "size": 28, "opacity": 1, "aria": False}
    return [
        {"data": _values(settled), "mark": stroke, "encoding": encoding},
        {"data": _values(unsure), "mark": stroke | {"strokeDash": [2, 3]}, "encoding": encoding},
        {"data": _values(known if len(known) <= 20 else known[-1:]), "mark": dots, "encoding": encoding},
        {"data": _values([p for p in one.points if p.partial]), "mark": rings, "encoding": encoding},
    ]


def _end_labels(series: Sequence[Series], x: Spec, top: float, height: int, *, named: bool) -> list[Spec]:
    """Each line's name and newest value at its end, moved apart where they would cover each other."""
    ends = [(one, point) for one in series if (point := newest(one.points))]
    wanted = [height * (1 - (point.value or 0) / (top or 1)) for _, point in ends]
    labels = []
    for (one, _), at in zip(ends, apart(wanted, _APART), strict=True):
        point = next(p for p in reversed(one.points) if p.value is not None)
        text = f"{one.name} {one.end}".strip() if named and len(series) > 1 else one.end
        ink = "ink" if len(series) == 1 else one.ink
        mark = {"type": "text", "align": "left", "dx": 8, "fill": paint(ink), "fontSize": 13, "fontWeight": 600}
        encoding = {"x": x, "y": {"value": at}, "text": {"value": text}}
        labels.append({"data": _values([point]), "mark": mark | {"aria": False}, "encoding": encoding})
    return labels


def newest(points: Sequence[Point]) -> Point | None:
    """The newest known point, a whole one if there is any."""
    known = [p for p in points if p.value is not None]
    candidates = [p for p in known if not p.partial] or known
    return candidates[-1] if candidates else None


def apart(wanted: Sequence[float], least: float) -> list[float]:
    """The wanted heights, pushed up from the lowest where two are nearer than `least`. Order is kept."""
    placed = list(wanted)
    lower = None
    for place in sorted(range(len(wanted)), key=lambda n: -wanted[n]):
        if lower is not None and lower - placed[place] < least:
            placed[place] = lower - least
        lower = placed[place]
    return placed


def _settling(series: Sequence[Series], step: int, height: int) -> list[Spec]:
    days = sorted({p.day for one in series for p in one.points if p.settling})
    if not days:
        return []
    half = ONE_DAY * step / 2
    band = {"from": _at(days[0], -half), "to": _at(days[-1], half)}
    x = {"field": "from", "type": "temporal"}
    text = {"type": "text", "align": "right", "baseline": "top", "dy": -14, "fill": paint("quiet"), "fontSize": TEXT}
    return [
        {
            "data": {"values": [band]},
            "mark": {"type": "rect", "fill": paint("settling"), "aria": False},
            "encoding": {"x": x, "x2": {"field": "to"}, "y": {"value": 0}, "y2": {"value": height}},
        },
        {
            "data": {"values": [band]},
            "mark": text | {"aria": False},
            "encoding": {"x": x | {"field": "to"}, "y": {"value": 0}, "text": {"value": "settling"}},
        },
    ]


def _withheld(series: Sequence[Series], x: Spec, height: int) -> Spec | None:
    found = [p for one in series for p in one.points if p.withheld]
    if not found:
        return None
    mark = {"type": "text", "baseline": "bottom", "fill": paint("faint"), "fontSize": TEXT, "aria": False}
    return {"data": _values(found), "mark": mark, "encoding": {"x": x, "y": {"value": height}, "text": {"value": "▒"}}}


def _hits(series: Sequence[Series], step: int, height: int) -> Spec:
    """Unseen columns, one a day or week, that carry the words for the tooltip."""
    half = ONE_DAY * step / 2
    titles: dict[date, list[str]] = {}
    for one in series:
        for point in one.points:
            titles.setdefault(point.day, []).append(point.title)
    rows = [{"from": _at(d, -half), "to": _at(d, half), "title": "\n".join(t)} for d, t in titles.items()]
    return {
        "data": {"values": rows},
        "mark": {"type": "rect", "fill": paint("hit")},
        "encoding": {
            "x": {"field": "from", "type": "temporal"},
            "x2": {"field": "to"},
            "y": {"value": 0},
            "y2": {"value": height},
            "description": {"field": "title"},
        },
    }


def _values(points: Sequence[Point]) -> Spec:
    return {"values": [{"day": p.day.isoformat(), "value": p.value} for p in points]}


def _at(day: date, shift: Any) -> int:
    """Milliseconds since 1970, half a step away from a day."""
    return int(((day - date(1970, 1, 1)) + shift).total_seconds() * 1000)


def _time_scale(days: Sequence[date], step: int) -> Spec:
    half = ONE_DAY * step / 2
    return {"type": "utc", "domain": [_at(days[0], -half), _at(days[-1], half)] if days else [0, 1]}


def _time_axis(days: Sequence[date], width: int, step: int) -> Spec:
    every = max(1, -(-len(days) // (7 if width > ROOMY else 4)))
    every = every if step >= 7 else -(-every // 7) * 7
    # Days are labelled at Mondays, so that weeks read the same in both charts.
    marked = [day for day in days if step >= 7 or day.weekday() == 0 or len(days) < 14]
    shown = marked[:: every if step >= 7 else max(1, every // 7)] if len(days) >= 14 or step >= 7 else marked[::every]
    return {
        "values": [_at(day, 0 * ONE_DAY) for day in shown],
        "labelExpr": "utcFormat(datum.value, '%-d %b')",
        "title": None,
        "grid": False,
        "tickSize": 4,
        "tickColor": paint("faint"),
        "domainColor": paint("faint"),
        "labelColor": paint("quiet"),
        "labelFontSize": TEXT,
        "labelFlush": False,
        "labelOverlap": True,
    }


def _ceiling(top: float, *, percent: bool) -> float:
    """The first round number above: 1, 2, 3, 4, 5, 6 or 8 of a power of ten; 100 % for shares."""
    if percent or top <= 0:
        return 1
    power = 10.0 ** math.floor(math.log10(top))
    return next((step * power for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * power >= top), 10 * power)


def _amounts(top: float, *, percent: bool) -> Spec:
    return {"domain": [0, _ceiling(top, percent=percent)], "nice": False}


def _amount_axis(top: float, *, percent: bool) -> Spec:
    return {
        "title": None,
        "tickCount": 3,
        "tickMinStep": 0.01 if percent else 1,
        "labelExpr": _AMOUNT["percent" if percent else "thousands" if top >= 10_000 else "plain"],
        "domain": False,
        "ticks": False,
        "gridColor": paint("line"),
        "labelColor": paint("quiet"),
        "labelFontSize": TEXT,
        "labelPadding": 8,
    }


def weeks_in_short(width: int) -> Spec:
    """On a phone `Weeks 2 to 4` is W2–4: beside each other the names would run together."""
    short = "replace(replace(datum.label, regexp('^Weeks? '), 'W'), ' to ', '–')"
    return {} if width > ROOMY else {"labelExpr": short}


def frame(width: int, height: int) -> Spec:
    """What all drawings share."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": width,
        "height": height,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "background": None,
        "padding": {"left": 8, "top": 18, "right": 4, "bottom": 2},
        "config": {"view": {"stroke": None}, "axis": {"labelFont": "sans-serif"}, "font": "sans-serif"},
    }
