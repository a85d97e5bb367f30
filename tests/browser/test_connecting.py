"""From a link in an e-mail to figures on the screen, with the mistakes people make on the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from house import House
from tests.browser.conftest import Open, Served, seed, serving
from uptake.fake import FakeClaude, Organisation


@pytest.fixture
def fake() -> Iterator[FakeClaude]:
    with FakeClaude(Organisation(members=80, seed=7), requests_per_minute=None) as server:
        yield server


@pytest.fixture
def fresh(fake: FakeClaude, tmp_path: Path) -> Iterator[Served]:
    house = House(tmp_path / "home", fake.url, {"UPTAKE_BACKFILL_DAYS": "12"})
    seed(house, "scene.empty()")
    yield from serving(house)


def test_from_a_link_to_figures(fresh: Served, fake: FakeClaude, browse: Open) -> None:
    watched = browse()
    page = watched.page
    watched.sign_in(fresh)
    expect(page.get_by_role("heading", name="No Claude organisation is connected")).to_be_visible()
    page.get_by_role("link", name="Connect Claude").click()

    page.get_by_label("Name of the connection").fill("Acme")
    page.get_by_label("1 · Admin key").fill(fake.keys.analytics)
    page.get_by_label("1 · Admin key").dispatch_event("paste")  # what it is stands under the field at once
    expect(page.locator("#admin-found")).to_contain_text("It can read usage. It cannot read the roster")

    page.get_by_label("1 · Admin key").fill(fake.keys.members)
    page.get_by_label("2 · Analytics key").fill("sk-ant-api01-" + "A" * 60)
    page.get_by_role("button", name="Connect Claude").click()
    expect(page.get_by_role("alert")).to_contain_text("Analytics key")
    expect(page.get_by_role("alert")).to_be_focused()
    assert page.get_by_label("Name of the connection").input_value() == "Acme"
    assert page.get_by_label("1 · Admin key").input_value() == ""
    assert fake.keys.members not in page.content()

    page.get_by_label("1 · Admin key").fill(fake.keys.members)
    page.get_by_label("2 · Analytics key").fill(fake.keys.analytics)
    page.get_by_role("button", name="Connect Claude").click()
    expect(page.get_by_role("status").first).to_contain_text("Claude is connected: Acme")
    expect(page.locator(".day-settling").first).to_be_visible(timeout=60_000)
    expect(page.get_by_text("everything current")).to_be_visible(timeout=60_000)

    page.get_by_role("link", name="Overview").first.click()
    expect(page.get_by_role("heading", name="Overview", exact=True)).to_be_visible()
    expect(page.locator(".masthead")).to_contain_text("Acme · last sync")
    expect(page.locator(".figure-headlines .tile").first).to_be_visible()
    expect(page.locator(".waiting")).to_have_count(0)
    watched.expect_sound("400")
