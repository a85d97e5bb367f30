"""Teams on pages: beside each other without a ranking, one by itself, too small ones withheld, a manager's own tree alone."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest

from tests.web import company
from tests.web.conftest import SignedIn
from uptake import metrics
from uptake.actions import people
from uptake.config import Settings
from uptake.domain.access import OPERATOR
from uptake.domain.days import ONE_DAY

MEMBERS = 80
SMALL = "Legal"


def directory() -> bytes:
    """Two departments of many, two of few; Mina leads a part of Sales, Emil leads nobody."""
    lines = ["Name,Email,Manager,Department,Location"]
    lines += ["Ceo,ceo@acme.example,,,", "Mina Moss,mina@acme.example,ceo@acme.example,Sales,Berlin"]
    for number in range(MEMBERS):
        room = SMALL if number < 3 else "Sales" if number < 40 else "Office" if number < 47 else "Engineering"
        boss = "mina@acme.example" if 3 <= number < 30 else "ceo@acme.example"
        lines.append(f"Person {number},person{number}@acme.example,{boss},{room},{'Berlin' if number % 2 else 'Rome'}")
    return "\n".join(lines).encode()


@pytest.fixture
def peopled(db: None, home: Settings, now: datetime) -> Settings:
    connection = company.connected(now=now)
    through = now.date() - 3 * ONE_DAY
    company.hold_company(home, connection.pk, through - 62 * ONE_DAY, through, members=MEMBERS)
    wanted = people.Wanted(on=through - timedelta(days=62))
    people.import_csv(OPERATOR, home, directory(), wanted, now)
    return home


def test_teams_stand_in_the_order_of_their_names_whatever_their_figures(peopled: Settings, signed_in: SignedIn) -> None:
    page = signed_in("hana@acme.example").get("/figures/teams/").content.decode()
    rows = re.findall(r'<th scope="row"><bdi>([^<]+)</bdi></th>', page)
    named = [row for row in rows if row in {"Engineering", "Sales"}]
    assert named == ["Engineering", "Sales"]
    assert "lies between" in page or "everywhere" in page


def test_a_team_too_small_is_never_shown_alone(peopled: Settings, signed_in: SignedIn) -> None:
    hana = signed_in("hana@acme.example")
    figure = hana.get("/figures/teams/").content.decode()
    assert f"<bdi>{SMALL}</bdi></th>" not in figure
    alone = hana.get(f"/figures/team-headlines/?team=department:{SMALL.lower()}").content.decode()
    assert "Too few people of this team for this figure to be shown." in alone
    assert re.findall(r"<dd>\d", alone) == []


def test_a_team_has_a_page_and_goes_along_in_the_bar(peopled: Settings, signed_in: SignedIn) -> None:
    hana = signed_in("hana@acme.example")
    assert "/teams/one/?team=department%3Asales" in hana.get("/teams/").content.decode()
    page = hana.get("/teams/one/?team=department:sales").content.decode()
    names = [figure.name for figure in metrics.DASHBOARDS["team"].figures]
    assert "<bdi>Sales</bdi></h1>" in page
    assert re.findall(r'hx-get="/figures/([\w-]+)/\?team=department%3Asales"', page) == names
    assert (
        '<option value="department:sales" selected>Sales</option>'
        in hana.get("/?team=department:sales").content.decode()
    )
    assert "Not given for one team" in hana.get("/onboarding/?team=department:sales").content.decode()
    assert "it is of everybody" in hana.get("/figures/retention/?team=department:sales").content.decode()
    for name in names:
        assert hana.get(f"/figures/{name}/?team=department:sales").status_code == 200
    assert hana.get("/teams/one/").headers["Location"] == "/teams/"
    assert "There is no team “department:nothing”" in hana.get("/?team=department:nothing").content.decode()


def test_every_way_to_compare_teams_answers(peopled: Settings, signed_in: SignedIn) -> None:
    hana = signed_in("hana@acme.example")
    for kind in ("department", "location", "title", "tree"):
        assert hana.get(f"/teams/?kind={kind}").status_code == 200
        assert (
            hana.get(f"/figures/teams.csv?kind={kind}&metric=habitual_share&population=contractor").status_code == 200
        )
    assert "There is no kind of team “title”" in hana.get("/teams/?kind=title").content.decode()


def test_a_manager_sees_the_own_tree_and_nothing_beside_it(peopled: Settings, signed_in: SignedIn) -> None:
    mina = signed_in("mina@acme.example")
    page = mina.get("/teams/").content.decode()
    assert '<a href="/teams/"' in page and 'href="/surfaces/"' not in page and '<select name="kind"' not in page
    (mine,) = set(re.findall(r'name="within" value="(tree:\w+)"', page))
    own = mina.get(f"/figures/team-headlines/?team={mine}", headers={"hx-request": "true"}).content.decode()
    said = re.search(r'class="sentence">([^<]*)', own)
    assert said and said[1].startswith(("Reach of eligible members is", "Too few people of this team"))
    assert "everybody together" not in own and '<dd class="change">everybody' not in own
    assert mina.get("/figures/teams/").status_code == 200
    for name in ("headlines", "surfaces", "active-over-time"):
        assert mina.get(f"/figures/{name}/?team={mine}").status_code == 403
    refused = mina.get("/figures/team-headlines/?team=department:engineering")
    assert refused.status_code == 403 or "There is no team" in refused.content.decode()
    assert "Engineering" not in page and "Legal" not in page


def test_who_leads_nobody_is_told_so(peopled: Settings, signed_in: SignedIn) -> None:
    company.CAST["max@acme.example"] = "manager"
    try:
        page = signed_in("max@acme.example").get("/teams/").content.decode()
    finally:
        del company.CAST["max@acme.example"]
    assert "No team is known to be yours" in page


def test_without_a_directory_the_page_says_what_to_do(home: Settings, signed_in: SignedIn, now: datetime) -> None:
    company.connected(now=now)
    assert "Import people to see departments" in signed_in("hana@acme.example").get("/teams/").content.decode()
