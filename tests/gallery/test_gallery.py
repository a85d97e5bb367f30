"""No page is left out of the gallery, and it can be made: one small state is photographed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.browser.served import ROOT
from tests.gallery import pages, pictures, shots, states
from tests.gallery.__main__ import AT_ONCE
from tests.web.matrix import ROUTES


def test_every_page_can_be_gone_to() -> None:
    """A new page whose address must be found out needs a line in pages.py."""
    assert pages.without_a_way() == []
    assert set(pages.OWN_WAY) | set(pages.NO_PAGES) <= set(ROUTES)
    assert {name for state in states.STATES for name in state.pages} == set(pages.PAGES)


def test_every_state_asks_for_pages_there_are() -> None:
    assert all(name in pages.PAGES for state in states.STATES for name in state.pages)
    assert len({state.name for state in states.STATES}) == len(states.STATES) > AT_ONCE


@pytest.mark.browser
@pytest.mark.skipif(not shots.CHROMIUM, reason="no Chromium on this machine")
def test_a_state_is_photographed(tmp_path: Path) -> None:
    empty = next(state for state in states.STATES if state.name == "empty")
    found = shots.of(empty, tmp_path, ("overview",))
    assert [shot.look for shot in found] == list(shots.LOOKS)
    assert [shot.odd for shot in found] == [""] * len(found)
    assert all((tmp_path / shot.file).read_bytes()[:2] == b"\xff\xd8" for shot in found)


def test_every_picture_of_the_docs_is_one_that_is_made() -> None:
    made = {f"docs/pictures/{name}.webp" for name in pictures.PICTURES}
    kinds = {".png", ".jpg", ".jpeg", ".gif", ".webp"}
    there = {str(one.relative_to(ROOT)) for one in (ROOT / "docs").rglob("*") if one.suffix in kinds}
    assert there == made
    assert {path for path in made if (ROOT / path).stat().st_size > pictures.MOST} == set()
    texts = {one: one.read_text() for one in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))}
    shown = {
        str((one.parent / link).resolve().relative_to(ROOT))
        for one, text in texts.items()
        for link in re.findall(r"!\[[^]]*\]\(([^)]+)\)", text)
    }
    assert shown == made
