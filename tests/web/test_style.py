"""The style page shows what there is: every colour of the style sheet, every part, every state of a day."""

from __future__ import annotations

import re

from tests.web.conftest import SignedIn
from uptake.web import standing, style

PARTS = style.SHEETS.parents[1] / "templates" / "uptake" / "parts"


def test_every_part_is_on_the_page() -> None:
    page = (PARTS.parent / "style.html").read_text() + (PARTS / "figure.html").read_text()
    assert [part.name for part in PARTS.glob("*.html") if f"uptake/parts/{part.name}" not in page] == []


def test_every_token_is_shown_in_both_schemes(signed_in: SignedIn) -> None:
    page = signed_in("ada@acme.example").get("/style/").content.decode()
    known = set(re.findall(r"--([a-z-]+): #", (style.SHEETS / "tokens.css").read_text()))
    assert {token.name for token in style.tokens()} == known
    assert all(f"--{name}</code>" in page for name in known)
    assert all(f"day-{state}" in page for state in standing.DAY_STATES)
    assert all(f".style-{name} " in (style.SHEETS / "style.css").read_text() for name in known)
