"""A week of people who use it: a People lead on Monday, a manager, an employee, a lost key, and the works council's review.

One company in a box, synced, with its directory; the first hour of an administrator is test_connecting.py.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open, Served, seed, serving
from tests.house import House
from tests.web import authenticator
from uptake.fake import FakeClaude, Organisation

MEMBERS, SEED = 160, 7


@dataclass(frozen=True)
class Company:
    """The served installation, the organisation it reads, and who of its people has an account."""

    served: Served
    fake: FakeClaude
    manager: str
    employee: str


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    organisation = Organisation(members=MEMBERS, seed=SEED)
    folder = tmp_path_factory.mktemp("acme")
    with FakeClaude(organisation, requests_per_minute=None) as fake:
        house = House(folder / "home", fake.url, {"UPTAKE_BACKFILL_DAYS": "63"})
        assert house.connect(fake.keys.members, fake.keys.analytics, "--name", "Acme").returncode == 0
        assert house.run("sync").returncode == 0
        _directory(house, organisation, folder)
        told = seed(house, f"scene.beside_the_demo({MEMBERS}, {SEED})", "tests.gallery.scenes").splitlines()
        known = dict(line.split() for line in told[-2:])
        for served in serving(house, "--no-schedule"):
            yield Company(served, fake, known["manager"], known["employee"])


def _directory(house: House, organisation: Organisation, folder: Path) -> None:
    file = folder / "people.csv"
    file.write_text(seed(house, f"scene.print_directory({MEMBERS}, {SEED})", "tests.gallery.scenes"))
    assert house.run("people", "import", str(file), "--yes").returncode == 0


def test_monday_of_a_people_lead(acme: Company, browse: Open) -> None:
    """How it goes, since when, in which teams, and the numbers behind it to take along."""
    hana = browse()
    page, site = hana.page, acme.served.address
    hana.sign_in(acme.served, "hana@acme.example")
    hana.open(site + "/")
    expect(page.locator(".masthead")).to_contain_text("Acme")
    expect(page.locator(".figure-headlines .sentence")).to_contain_text("used Claude in the 28 days to")
    hana.expect_sound()

    page.get_by_label("Period").select_option("26w")
    page.get_by_role("button", name="Show").first.click()
    page.wait_for_url("**period=26w*")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Teams").click()
    page.wait_for_url("**/teams/?period=26w*")  # what was chosen goes along
    hana.open(page.url)
    table = page.locator(".figure table").first
    expect(table).to_contain_text("Engineering")
    with page.expect_download() as taken:
        page.get_by_role("link", name="CSV", exact=True).first.click()
    assert "Engineering" in Path(taken.value.path()).read_text()

    page.locator(".team-list").get_by_role("link", name="Engineering").click()
    expect(page.get_by_role("heading", name="Engineering", level=1)).to_be_visible()
    expect(page.locator(".waiting")).to_have_count(0, timeout=20_000)
    hana.expect_sound()


def test_a_manager_sees_the_own_tree_and_no_person(acme: Company, browse: Open) -> None:
    mina = browse()
    page, site = mina.page, acme.served.address
    mina.sign_in(acme.served, acme.manager)
    assert page.url.endswith("/teams/")
    mina.open(site + "/teams/")
    mina.expect_sound()
    places = page.get_by_role("navigation", name="Main")
    expect(places.get_by_role("link", name="Overview")).to_have_count(0)
    expect(places.get_by_role("link", name="People")).to_have_count(0)
    assert acme.employee not in page.content()
    for refused in ("/", "/seats/", "/people/", "/integrations/"):
        assert page.goto(site + refused).status == 403  # type: ignore[union-attr]


def test_an_employee_finds_what_is_held_and_who_looked(acme: Company, browse: Open) -> None:
    emil = browse(390, "dark")
    page, site = emil.page, acme.served.address
    emil.sign_in(acme.served, acme.employee)
    assert page.url.endswith("/my-data/")
    expect(page.get_by_role("heading", name="Everything held about you")).to_be_visible()
    expect(page.locator("main")).to_contain_text(acme.employee)
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download JSON").click()
    assert acme.employee in Path(taken.value.path()).read_text()
    page.locator("main").get_by_role("link", name="Who sees what").click()
    expect(page.locator("main")).to_contain_text("Aggregate only: nobody sees the usage of another named person")
    emil.expect_sound()
    emil.open(site + "/help/")
    emil.expect_sound()
    assert page.goto(site + "/").status == 403  # type: ignore[union-attr]


def test_a_review_by_the_works_council(acme: Company, browse: Open) -> None:
    """What is read, who sees what, for how long; and that the record of looks is whole. No figure of use is needed for it."""
    otto = browse()
    page, site = otto.page, acme.served.address
    page.goto(acme.served.link("otto@acme.example"))
    page.get_by_role("button", name="Sign in").click()
    code = page.get_by_label("Code of your authenticator app")
    code.fill(authenticator.totp(authenticator.SECRET, time.time()))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "second-factor" not in url)
    for path in ("/what-we-read/", "/policy/", "/audit/"):
        otto.open(site + path)
        otto.expect_sound()
    page.get_by_role("button", name="Check the chain").click()
    expect(page.get_by_role("status").first).to_contain_text(re.compile("whole|entries"))
    assert page.goto(site + "/").status == 403  # type: ignore[union-attr]


def test_the_key_is_revoked_and_given_again(acme: Company, browse: Open) -> None:
    """The loss is told where figures are read; what was read stays; the new key is given where the page says."""
    ada = browse()
    page, site = ada.page, acme.served.address
    acme.fake.revoke(acme.fake.keys.analytics)
    assert acme.served.house.run("sync").returncode == 3
    ada.sign_in(acme.served)
    ada.open(site + "/")
    expect(page.locator(".note-bad")).to_contain_text("Usage through")
    expect(page.locator(".figure-headlines .tile").first).to_be_visible()
    page.get_by_role("link", name="See what to do").click()
    expect(page.locator(".troubles")).to_contain_text("Analytics key: refused once")
    ada.expect_sound()

    page.get_by_role("link", name="Replace keys").click()
    page.get_by_label("2 · Analytics key").fill(acme.fake.keys.both)
    page.get_by_role("button", name="Replace keys").click()
    page.wait_for_url("**/integrations/")
    assert acme.served.house.run("sync").returncode == 0
    ada.open(site + "/")
    expect(page.locator(".note-bad")).to_have_count(0)
    ada.expect_sound()
