"""From a chart's specification to SVG that follows the page's colours: no inline style, one drawing for light and dark.

Specifications name colours by stand-ins (`paint("accent")`); here they become classes that the style sheet colours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree as ET

import vl_convert

_SVG = "http://www.w3.org/2000/svg"
_INKS = (
    "ink", "quiet", "faint", "line", "paper", "accent", "settling", "hit", "attention",
    "chat", "claude_code", "cowork", "office", "design", "web_search", "science", "slack",
)  # fmt: skip
_STAND_INS = {f"#fe00{place:02x}": ink for place, ink in enumerate(_INKS, start=1)}
_BY_INK = {ink: stand_in for stand_in, ink in _STAND_INS.items()}
_DROPPED = ("aria-roledescription", "role", "aria-hidden", "font-family", "pointer-events", "display")
_HATCH = "hatch"

ET.register_namespace("", _SVG)


def paint(ink: str) -> str:
    """The stand-in colour for an ink of the style sheet."""
    return _BY_INK[ink]


def draw(spec: dict[str, Any], label: str) -> str:
    """SVG of a Vega-Lite specification; `label` is what a screen reader says in its place. Equal input is drawn once."""
    return _draw(json.dumps(spec, sort_keys=True), label)


@lru_cache(maxsize=256)
def _draw(spec: str, label: str) -> str:
    root = ET.fromstring(vl_convert.vegalite_to_svg(spec))  # noqa: S314  our own drawing, not a stranger's file
    for element in root.iter():
        _follow_the_page(element)
    _as_one_image(root, label)
    return ET.tostring(root, encoding="unicode")


def _follow_the_page(element: ET.Element) -> None:
    """Stand-in colours become classes, a mark's label becomes its title; everything else about looks is dropped."""
    for name in _DROPPED:
        element.attrib.pop(name, None)
    classes = [*_classes(element)]
    if classes:
        element.set("class", " ".join(classes))
    else:
        element.attrib.pop("class", None)
    words = element.attrib.pop("aria-label", "")
    if words and element.tag != f"{{{_SVG}}}g":
        title = ET.SubElement(element, f"{{{_SVG}}}title")
        title.text = words


def _classes(element: ET.Element) -> Iterable[str]:
    for attribute, letter in (("fill", "f"), ("stroke", "s")):
        ink = _STAND_INS.get(element.get(attribute, "").lower())
        if ink:
            del element.attrib[attribute]
            yield f"{letter}-{ink.replace('_', '-')}"


def _as_one_image(root: ET.Element, label: str) -> None:
    root.set("role", "img")
    root.set("aria-label", label)
    root.set("class", "chart-svg")
    root.attrib.pop("version", None)


def font_sizes(svg: str) -> set[float]:
    """The sizes of text in a drawing, in its own units."""
    return {float(size) for size in re.findall(r'font-size="([\d.]+)px"', svg)}
