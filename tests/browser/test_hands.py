"""By keyboard alone, and with a thumb on a phone."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, Served


def test_by_keyboard_alone(healthy: Served, browse: Open) -> None:
    watched = browse()
    page = watched.page
    page.goto(healthy.link())
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the only control: Sign in
    page.wait_for_url(lambda url: "/sign-in/" not in url)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    expect(page.locator(".waiting")).to_have_count(0, timeout=20_000)
    reached = [_next(page) for _ in range(24)]
    bar = reached[reached.index("period") :]
    assert [name for name in bar if name in {"period", "compare", "Show"}] == ["period", "compare", "Show"], reached
    page.get_by_role("button", name="Show").focus()
    for control in ("Explain", "Table"):
        assert any(_next(page) == control for _ in range(4)), control
        page.keyboard.press("Enter")
        expect(page.locator("details[open] > summary", has_text=control)).to_be_visible()
        page.keyboard.press("Enter")  # closed again: an open panel has controls of its own
    page.goto(healthy.address + "/integrations/")
    page.get_by_role("link", name="Disconnect").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/disconnect/$"))
    page.get_by_label("Keep the data").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Erase all data")).to_be_checked()


def _next(page: Page) -> str:
    """The control that Tab goes to: its name, or what stands on it."""
    page.keyboard.press("Tab")
    return str(page.evaluate("document.activeElement.name || document.activeElement.innerText.trim()"))


def test_the_sheet_opens_on_a_phone(healthy: Served, browse: Open) -> None:
    watched = browse(390)
    watched.sign_in(healthy)
    expect(watched.page.get_by_role("link", name="What we read")).to_be_hidden()
    watched.page.locator(".sheet summary").click()
    watched.page.get_by_role("link", name="What we read").click()
    expect(watched.page.get_by_role("heading", name="What we read", exact=True)).to_be_visible()
