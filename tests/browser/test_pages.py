"""Every page, wide and narrow, light and dark: open to all, no sideways scroll, a silent console."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SHAPES, Open, Served

ALL = (
    "/",
    "/reach/",
    "/growth/",
    "/habit/?team=",
    "/retention/",
    "/trust/",
    "/teams/",
    "/surfaces/?period=26w&surface=cowork",
    "/claude-code/",
    "/onboarding/",
    "/integrations/",
    "/insights/",
    "/seats/",
    "/seats/list/",
    "/seats/?surface=cowork&compare=none",
    "/views/",
    "/integrations/connect/",
    "/what-we-read/",
    "/help/",
    "/audit/",
    "/style/",
    "/policy/",
    "/my-data/",
    "/notifications/",
    "/notifications/preview/",
    "/notifications/preview/mail/",
    "/notifications/channel/",
    f"/report/{datetime.now(UTC) - timedelta(days=31):%Y-%m}/",
    "/account/",
    "/people/erase/",
    "/people/scim/",
    "/accounts/logout/",
    "/figures/messages/",
)


@pytest.mark.parametrize(("width", "scheme"), SHAPES)
@pytest.mark.parametrize("state", ["empty", "healthy", "troubled"])
def test_pages_are_sound(state: str, width: int, scheme: str, browse: Open, request: pytest.FixtureRequest) -> None:
    served: Served = request.getfixturevalue(state)
    watched = browse(width, scheme)
    watched.sign_in(served)
    for path in ALL if state == "healthy" else ("/", "/reach/", "/trust/", "/teams/", "/surfaces/", "/integrations/"):
        watched.open(served.address + path)
        watched.expect_sound()


@pytest.mark.parametrize(("width", "scheme"), SHAPES)
def test_keys_and_disconnect_pages_are_sound(healthy: Served, width: int, scheme: str, browse: Open) -> None:
    watched = browse(width, scheme)
    watched.sign_in(healthy)
    for link in ("Replace keys", "Disconnect"):
        watched.open(healthy.address + "/integrations/")
        watched.page.get_by_role("link", name=link).click()
        watched.page.wait_for_selector("main form")
        watched.expect_sound()


@pytest.mark.parametrize(("width", "scheme"), SHAPES)
def test_hand_over_pages_are_sound(healthy: Served, width: int, scheme: str, browse: Open) -> None:
    watched = browse(width, scheme)
    watched.sign_in(healthy)
    watched.open(healthy.address + "/integrations/hand-over/?slot=admin&name=Acme")
    watched.page.get_by_role("button", name="Make hand-over link").click()
    link = watched.page.get_by_label("Hand-over link").input_value()
    watched.expect_sound()
    visitor = browse(width, scheme)
    visitor.open(link)
    visitor.expect_sound()
    visitor.page.get_by_label("Admin key, for the roster").fill("sk-ant-api01-short…")
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.get_by_role("alert")).to_be_focused()
    visitor.expect_sound("400")
    watched.page.get_by_role("button", name="Withdraw").first.click()
    watched.page.wait_for_selector("text=The link is withdrawn")
    visitor.open(link)
    visitor.expect_sound("4")


@pytest.mark.parametrize(("width", "scheme"), SHAPES)
def test_refusals_are_sound(empty: Served, width: int, scheme: str, browse: Open) -> None:
    for path, status in (
        ("/accounts/login/", ""),
        ("/sign-in/some-token/", "410"),
        ("/hand-over/some-token/", "410"),
        ("/unsubscribe/some-token/", "410"),
        ("/nothing/", "404"),
    ):
        signed_out = browse(width, scheme)
        signed_out.open(empty.address + path)
        signed_out.expect_sound(status)
    emil = browse(width, scheme)
    emil.sign_in(empty, "emil@acme.example")
    assert emil.page.url.endswith("/my-data/")
    emil.open(empty.address + "/")
    emil.expect_sound("403")
    otto = browse(width, scheme)
    otto.sign_in(empty, "otto@acme.example")
    otto.expect_sound()


def test_without_script_every_figure_has_a_page(healthy: Served, browse: Open) -> None:
    watched = browse(java_script_enabled=False)
    watched.sign_in(healthy)
    page = watched.page
    links, drawn = page.get_by_role("link", name="Open this figure"), page.locator(".figure:not(.waiting)")
    assert links.count() + drawn.count() == page.locator(".figure").count() > 5  # those drawn before stand in the page
    page.goto(healthy.address + "/figures/headlines/")
    assert watched.page.locator("main .tile").count() > 0
    assert watched.page.get_by_text("Data through").count() == 1


def test_charts_have_words_for_those_who_do_not_see_them(healthy: Served, browse: Open) -> None:
    watched = browse()
    watched.sign_in(healthy)
    watched.open(healthy.address + "/")
    labels = [one.get_attribute("aria-label") or "" for one in watched.page.locator(".wide svg[role=img]").all()]
    assert len(labels) == 5
    assert all(":" in label for label in labels)
    watched.page.locator(".figure-surfaces .wide path.f-chat").hover()
    assert "Chat:" in watched.page.locator(".tip").inner_text()


@pytest.mark.parametrize("width", [1440, 390])
def test_text_in_charts_stays_readable(healthy: Served, width: int, browse: Open) -> None:
    watched = browse(width)
    watched.sign_in(healthy)
    watched.open(healthy.address + "/")
    heights = watched.page.evaluate(
        "[...document.querySelectorAll('.chart svg text')].filter(t => t.getClientRects().length)"
        ".map(t => parseFloat(t.getAttribute('font-size')) * t.getScreenCTM().a)"
    )
    assert min(heights) >= 11


def test_the_filter_bar_works_by_keyboard_and_without_script(healthy: Served, browse: Open) -> None:
    watched = browse(java_script_enabled=False)
    watched.sign_in(healthy)
    period = watched.page.get_by_label("Period")
    period.focus()
    watched.page.keyboard.press("ArrowDown")
    watched.page.get_by_role("button", name="Show").focus()
    watched.page.keyboard.press("Enter")
    watched.page.wait_for_url("**/?period=26w*")
    watched.page.get_by_role("navigation", name="Main").get_by_role("link", name="Onboarding").click()
    watched.page.wait_for_url("**/onboarding/?period=26w*")
    assert watched.page.get_by_label("Period").input_value() == "26w"


def test_nothing_moves_once_a_page_was_drawn(healthy: Served, browse: Open) -> None:
    watched = browse()
    watched.sign_in(healthy)
    for path in ("/", "/surfaces/"):
        watched.open(healthy.address + path)
        watched.page.goto(healthy.address + path)
        watched.page.wait_for_load_state("networkidle")
        moved = watched.page.evaluate(
            "new Promise(tell => new PerformanceObserver("
            "list => tell(list.getEntries().reduce((sum, one) => sum + one.value, 0)))"
            ".observe({type: 'layout-shift', buffered: true}) || setTimeout(() => tell(0), 500))"
        )
        assert moved < 0.01
