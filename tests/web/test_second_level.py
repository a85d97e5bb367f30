"""Pages below Overview, and Trust: the row of links, a manager's own tree, and each part of Trust for those who may see it."""

from __future__ import annotations

import re
import shutil
from datetime import datetime

import pytest
from django.test import Client

from tests.web.conftest import SignedIn
from tests.web.test_teams import peopled
from uptake.config import Settings
from uptake.domain.days import ONE_DAY
from uptake.records.models import Connection
from uptake.web import words

__all__ = ["peopled"]
ROW = re.compile(r'<nav class="second no-print" aria-label="(\w+)">(.*?)</nav>')


def row(client: Client, address: str) -> list[str]:
    """The links of the row; the current one in capitals."""
    found = ROW.search(client.get(address, follow=True).content.decode())
    links = re.findall(r'<a href="[^"]*"( aria-current="page")?>([^<]+)</a>', found.group(2)) if found else []
    return [label.upper() if current else label for current, label in links]


def test_pages_that_belong_together_are_in_one_row(peopled: Settings, signed_in: SignedIn) -> None:
    hana = signed_in("hana@acme.example")
    labels = ["Overview", "Reach", "Growth", "Habit", "Retention"]
    for label, address in zip(labels, ("/", "/reach/", "/growth/", "/habit/", "/retention/"), strict=True):
        found = row(hana, address)
        assert [one.title() for one in found][:5] == labels and label.upper() in found
    assert row(hana, "/teams/") == row(hana, "/surfaces/") == []
    page = hana.get("/reach/?period=26w").content.decode()
    assert 'href="/habit/?period=26w"' in page
    assert re.search(r'<a href="/\?period=26w" aria-current="page">Overview</a>', page)  # the place it belongs to


def test_a_manager_opens_reach_and_habit_of_the_own_tree(peopled: Settings, signed_in: SignedIn) -> None:
    mina = signed_in("mina@acme.example")
    for address in ("/reach/", "/habit/"):
        assert mina.get(address).headers["Location"].startswith(f"{address}?team=tree%3A")
        page = mina.get(address, follow=True).content.decode()
        assert "Mina Moss" in page and "figures/funnel-teams" not in page and "figures/habit-moves" not in page
    assert [one.title() for one in row(mina, "/reach/")][:3] == ["Team", "Reach", "Habit"]
    assert (
        mina.get("/growth/").status_code
        == mina.get("/retention/").status_code
        == mina.get("/trust/").status_code
        == 403
    )
    team = re.search(r"team=(tree%3A\w+)", mina.get("/reach/").headers["Location"])
    assert team is not None
    figure = mina.get(f"/figures/funnel/?team={team.group(1)}", headers={"hx-request": "true"}).content.decode()
    assert "Seat holders" in figure and "Employees" not in figure
    assert mina.get("/figures/funnel/?team=department:sales").status_code == 403
    assert mina.get("/figures/habit-moves/").status_code == 403


def test_trust_says_until_when_figures_can_be_relied_on(peopled: Settings, signed_in: SignedIn, now: datetime) -> None:
    hana, through = signed_in("hana@acme.example"), now.date() - 3 * ONE_DAY
    page = hana.get("/trust/").content.decode()
    assert f"can be relied on through {words.day(through)}" in page and "7 days may still move" in page
    assert page.count('class="day day-held"') > 50 and 'hx-get="/figures/reconciled/"' in page
    assert "A person was found for 80 of 80 members, 100 %" in page
    assert re.search(r"Departments</th><td[^>]*>\d+</td><td[^>]*>\d+</td>", page) and "Legal" not in page
    assert 'href="/trust/">Data through' in hana.get("/figures/funnel/").content.decode()
    missing = through - 20 * ONE_DAY
    connection = Connection.objects.get()
    shutil.rmtree(peopled.lake / "usage" / f"connection={connection.pk}" / f"day={missing}")
    assert f"Figures reach to {words.day(through)}, with 1 day missing" in hana.get("/trust/").content.decode()


@pytest.mark.parametrize(
    ("email", "sees"),
    [("ada@acme.example", {"figure", "matches", "withheld", "done"}), ("hana@acme.example", {"figure", "matches", "withheld"}),
     ("otto@acme.example", {"done"})],
)  # fmt: skip
def test_each_part_of_trust_is_for_those_who_may(
    peopled: Settings, signed_in: SignedIn, email: str, sees: set[str]
) -> None:
    page = signed_in(email).get("/trust/").content.decode()
    marks = {
        "figure": "figures/reconciled/",
        "matches": 'id="matches"',
        "withheld": 'id="withheld"',
        "done": 'id="done"',
    }
    assert {part for part, mark in marks.items() if mark in page} == sees
    assert 'id="days"' in page


def test_before_anything_is_held_trust_says_so(signed_in: SignedIn) -> None:
    page = signed_in("ada@acme.example").get("/trust/").content.decode()
    assert "No usage is held yet" in page and "No Claude organisation is connected." in page
