"""A figure as a picture that stands alone: its sentence, its drawings, and the line that no figure can lack. SVG and PNG.

On a page the style sheet colours a drawing; here the light inks are written into it. tokens.css has the same ones.
"""

from __future__ import annotations

from textwrap import wrap
from xml.etree import ElementTree as ET

import vl_convert

from uptake.web.charts import WIDE
from uptake.web.figures import Drawn

LIGHT = {
    "ink": "#1f1d1a", "quiet": "#5e5a53", "faint": "#8b867d", "line": "#e4e0d8", "paper": "#fbfaf7",
    "accent": "#0f5c63", "attention": "#8a5a00", "chat": "#0f5c63", "claude-code": "#b4531a", "cowork": "#5b4b9a",
    "office": "#2c6fb0", "design": "#a63a6e", "web-search": "#7a7a1f", "science": "#3d7d5a", "slack": "#6e6259",
}  # fmt: skip
_SVG = "http://www.w3.org/2000/svg"
_EDGE = 24
_ROOM = 120
_LETTERS = 62
_SANS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif"


def picture(shown: Drawn, room: int = _ROOM) -> str:
    """The figure as SVG, with so much room for what stands beside a drawing; empty where it has none."""
    width = WIDE + 2 * _EDGE + room
    if not shown.charts:
        return ""
    root = ET.Element(f"{{{_SVG}}}svg", {"width": str(width), "font-family": _SANS})
    ground = ET.SubElement(root, f"{{{_SVG}}}rect", {"width": "100%", "height": "100%", "fill": LIGHT["paper"]})
    at = _text(root, [shown.title], _EDGE + 13, 13, "quiet")
    at = _text(root, wrap(shown.sentence, _LETTERS), at + 8, 18, "ink", bold=True)
    for chart in shown.charts:
        if len(shown.charts) > 1 or chart.caption:
            at = _text(root, [chart.caption], at + 12, 12, "quiet")
        at = _placed(root, ET.fromstring(chart.wide), at)  # noqa: S314  our own drawing
    said = ([shown.remark] if shown.remark else []) + ["uptake · " + " · ".join(shown.footer)]
    at = _text(root, [line for part in said for line in wrap(part, 92)], at + 12, 12, "quiet")
    root.set("height", str(round(at + _EDGE)))
    ground.set("height", str(round(at + _EDGE)))
    return ET.tostring(root, encoding="unicode")


def pixels(svg: str) -> bytes:
    """A picture as PNG, twice as fine as a screen of old."""
    return bytes(vl_convert.svg_to_png(svg, scale=2))


def _text(root: ET.Element, lines: list[str], at: float, size: int, ink: str, *, bold: bool = False) -> float:
    for line in lines:
        look = {"x": str(_EDGE), "y": str(at), "font-size": str(size), "fill": LIGHT[ink]}
        ET.SubElement(root, f"{{{_SVG}}}text", look | ({"font-weight": "600"} if bold else {})).text = line
        at += size * 1.4
    return at


def _placed(root: ET.Element, drawing: ET.Element, at: float) -> float:
    """A drawing under what is there; where the next thing begins."""
    for element in drawing.iter():
        _coloured(element)
    drawing.set("x", str(_EDGE))
    drawing.set("y", str(at))
    drawing.set("overflow", "visible")
    root.append(drawing)
    return at + float(drawing.get("height", "0")) + 8


def _coloured(element: ET.Element) -> None:
    """Classes of the style sheet become colours."""
    for name in element.attrib.pop("class", "").split():
        letter, _, ink = name.partition("-")
        which = {"f": "fill", "s": "stroke"}.get(letter)
        if which and ink == "settling":
            element.attrib |= {which: LIGHT["ink"], "fill-opacity": "0.05"}
        elif which:
            element.set(which, LIGHT.get(ink, "none"))
