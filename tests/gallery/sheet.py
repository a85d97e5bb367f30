"""The contact sheet: one page that shows all pictures, by state and page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape
from itertools import groupby

from tests.gallery.shots import Shot
from tests.gallery.states import STATES

_STYLE = """
body { margin: 24px; background: #8b867d; color: #1f1d1a; font: 14px/1.4 system-ui, sans-serif; }
h1, h2 { font-weight: 600; } h2 { margin-top: 40px; } nav a { margin-right: 16px; color: inherit; }
section { margin-top: 16px; } .row { display: flex; flex-wrap: wrap; gap: 12px; align-items: flex-start; }
figure { margin: 0; } img { display: block; width: 360px; } .narrow img { width: 150px; }
figcaption { font-size: 12px; } .odd { background: #9b2c2c; color: #fff; padding: 0 4px; }
"""


def sheet(shots: Sequence[Shot], made_at: datetime) -> str:
    """HTML without a script; pictures are fetched as they are scrolled to."""
    by_state = {name: list(found) for name, found in groupby(shots, lambda shot: shot.state)}
    parts = [_state(name, by_state[name]) for name in by_state]
    links = "".join(f'<a href="#{name}">{name} {len(found)}</a>' for name, found in by_state.items())
    odd = sum(bool(shot.odd) for shot in shots)
    head = f"{len(shots)} pictures, {odd} of odd pages, {made_at:%d %b %Y %H:%M} UTC"
    opening = f"<!doctype html><meta charset=utf-8><title>Gallery</title><style>{_STYLE}</style>"
    return f"{opening}<h1>{head}</h1><nav>{links}</nav>{''.join(parts)}"


def _state(name: str, shots: Sequence[Shot]) -> str:
    words = next((state.words for state in STATES if state.name == name), "")
    rows = "".join(_row(page, list(found)) for page, found in groupby(shots, lambda shot: shot.page))
    return f'<h2 id="{name}">{name}: {escape(words)}</h2>{rows}'


def _row(page: str, shots: Sequence[Shot]) -> str:
    return f"<section><h3>{page}</h3><div class=row>{''.join(map(_picture, shots))}</div></section>"


def _picture(shot: Shot) -> str:
    odd = f' <span class="odd">{escape(shot.odd)}</span>' if shot.odd else ""
    narrow = " class=narrow" if "phone" in shot.look else ""
    image = f'<a href="{shot.file}"><img loading=lazy src="{shot.file}" alt="{shot.page}, {shot.look}"></a>'
    return f"<figure{narrow}>{image}<figcaption>{shot.look}{odd}</figcaption></figure>"
