"""Saved views: kept from the closed choices of the bar, opened by the rights of who opens them, gone with the account."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client

from tests.web import company
from tests.web.conftest import SignedIn
from tests.web.test_teams import MEMBERS, directory
from uptake import metrics
from uptake.actions import erasures, people, saved_views
from uptake.config import Settings
from uptake.domain.access import OPERATOR, Role, Viewer
from uptake.domain.days import ONE_DAY
from uptake.domain.problems import Refused
from uptake.metrics import Facts
from uptake.records.models import Account, AuditEntry, SavedView


@pytest.fixture
def peopled(db: None, home: Settings, now: datetime) -> Settings:
    connection = company.connected(now=now)
    through = now.date() - 3 * ONE_DAY
    company.hold_company(home, connection.pk, through - 62 * ONE_DAY, through, members=MEMBERS)
    people.import_csv(OPERATOR, home, directory(), people.Wanted(on=through - timedelta(days=62)), now)
    return home


def keep(client: Client, page: str, query: str, name: str = "Ours") -> SavedView:
    answer = client.post("/views/save/", {"page": page, "query": query, "name": name})
    assert answer.status_code == 302, answer.content
    return SavedView.objects.latest("pk")


def test_what_is_shown_is_kept_under_a_name_and_opens_as_the_same_address(
    peopled: Settings, signed_in: SignedIn
) -> None:
    hana = signed_in("hana@acme.example")
    page = hana.get("/surfaces/?period=26w&team=department:sales").content.decode()
    assert '<details class="views">' in page and "Save view" in page
    view = keep(hana, "surfaces", "period=26w&team=department:sales", "  Sales\u202e half a year ")
    assert (view.name, view.chosen) == ("Sales half a year", {"period": "26w", "team": "department:sales"})
    to = hana.get(f"/views/{view.pk}/").headers["Location"]
    assert urlsplit(to).path == "/surfaces/" and dict(parse_qsl(urlsplit(to).query)) == view.chosen
    assert "Sales half a year" in hana.get("/").content.decode()
    assert "26 weeks · Sales" in hana.get("/views/").content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "next=//evil.example",
        "period=//evil.example",
        "team=https://evil.example",
        "surface=%0d%0aLocation:x",
        "x" * 5000,
    ],
)
def test_nothing_but_known_choices_is_kept_and_no_address_leads_elsewhere(
    query: str, peopled: Settings, signed_in: SignedIn
) -> None:
    hana = signed_in("hana@acme.example")
    view = keep(hana, "overview", query)
    assert view.chosen == {}
    assert hana.get(f"/views/{view.pk}/").headers["Location"] == "/"


@pytest.mark.parametrize("page", ["", "//evil.example", "audit", "https://evil.example/", "figure"])
def test_only_pages_of_figures_are_kept(page: str, peopled: Settings, signed_in: SignedIn) -> None:
    answer = signed_in("hana@acme.example").post("/views/save/", {"page": page, "query": "", "name": "x"})
    assert answer.status_code == 400 and not SavedView.objects.exists()


@pytest.mark.parametrize("chosen", [{"next": "/"}, {"period": ""}, {"team": "a\nb"}, {"team": "x" * 201}])
def test_the_action_itself_refuses_what_is_no_choice(chosen: dict[str, str], peopled: Settings, now: datetime) -> None:
    hana = company.account("hana@acme.example")
    with pytest.raises(Refused):
        saved_views.save(hana.viewer, name="x", page="overview", chosen=chosen, now=now)


def test_every_dashboard_is_a_page_a_view_can_open(peopled: Settings, signed_in: SignedIn) -> None:
    hana = signed_in("hana@acme.example")
    for name in metrics.DASHBOARDS:
        view = keep(hana, name, "period=4w", name)
        assert view.page == name
        assert hana.get(f"/views/{view.pk}/", follow=True).status_code == 200


def test_a_name_is_there_once_and_never_empty(peopled: Settings, signed_in: SignedIn) -> None:
    hana = signed_in("hana@acme.example")
    keep(hana, "overview", "", "Ours")
    for name in ("ours", "", " \u200b ", "OURS  "):
        assert hana.post("/views/save/", {"page": "overview", "query": "", "name": name}).status_code == 400
    assert SavedView.objects.count() == 1


def test_one_renames_shares_and_deletes_ones_own_and_nobody_elses(peopled: Settings, signed_in: SignedIn) -> None:
    hana, ivan, ada = map(signed_in, ("hana@acme.example", "ivan@acme.example", "ada@acme.example"))
    view = keep(hana, "overview", "period=4w")
    assert ivan.get(f"/views/{view.pk}/").status_code == 404  # not shared, it is nobody else's
    for what in ("rename", "share", "delete"):
        assert ivan.post(f"/views/{view.pk}/{what}/", {"name": "Mine", "shared": "yes"}).status_code == 404
    assert ada.post(f"/views/{view.pk}/delete/").status_code == 404
    assert hana.post(f"/views/{view.pk}/rename/", {"name": "Four weeks"}).status_code == 302
    assert hana.post(f"/views/{view.pk}/share/", {"shared": "yes"}).status_code == 302
    assert "Four weeks" in ivan.get("/").content.decode()
    assert ivan.get(f"/views/{view.pk}/").headers["Location"] == "/?period=4w"
    assert ivan.post(f"/views/{view.pk}/delete/").status_code == 404
    assert hana.post(f"/views/{view.pk}/share/", {"shared": "no"}).status_code == 302
    assert "Four weeks" not in ivan.get("/").content.decode()
    hana.post(f"/views/{view.pk}/share/", {"shared": "yes"})
    assert ada.post(f"/views/{view.pk}/delete/").status_code == 302  # what everybody sees a Company Admin may take away
    found = AuditEntry.objects.filter(action__startswith="saved_view.").order_by("pk")
    assert list(found.values_list("actor", "action", "outcome")) == [
        ("hana@acme.example", "saved_view.save", "done"),
        ("hana@acme.example", "saved_view.rename", "done"),
        ("hana@acme.example", "saved_view.share", "shared"),
        ("hana@acme.example", "saved_view.share", "no longer shared"),
        ("hana@acme.example", "saved_view.share", "shared"),
        ("ada@acme.example", "saved_view.delete", "done"),
    ]
    assert not any("Four" in entry.subject + json.dumps(entry.details) for entry in found)


def test_who_opens_a_view_of_hrs_sees_by_the_own_rights(peopled: Settings, signed_in: SignedIn) -> None:
    """A manager the own tree or a refusal in words, who has no figures a refusal; nobody what HR saw."""
    hana, mina = signed_in("hana@acme.example"), signed_in("mina@acme.example")
    engineering = "period=4w&team=department:engineering"
    views = {page: keep(hana, page, engineering, page) for page in ("overview", "team", "teams", "surfaces")}
    for view in views.values():
        hana.post(f"/views/{view.pk}/share/", {"shared": "yes"})
    for page in ("overview", "surfaces"):
        refused = mina.get(f"/views/{views[page].pk}/", follow=True)
        assert refused.status_code == 403
        assert "is not open to your role (Manager)" in refused.content.decode()
    own = mina.get(f"/views/{views['teams'].pk}/", follow=True).content.decode()
    assert 'name="within" value="tree:' in own and "Engineering" not in own
    assert mina.get(f"/views/{views['team'].pk}/", follow=True).redirect_chain[-1][0].startswith("/teams/")
    listed = mina.get("/views/").content.decode()
    assert listed.count("by hana@acme.example") == 2 and "Engineering" not in listed  # of pages open to her alone
    for email in ("emil@acme.example", "otto@acme.example"):
        client = signed_in(email)
        for view in views.values():
            assert client.get(f"/views/{view.pk}/", follow=True).status_code == 403


def test_views_go_with_the_account_and_stand_under_my_data(
    peopled: Settings, signed_in: SignedIn, now: datetime
) -> None:
    mina = signed_in("mina@acme.example")
    hana = signed_in("hana@acme.example")
    keep(mina, "teams", "period=4w", "Mine")
    tree = metrics.own_tree(facts(peopled), Viewer("mina@acme.example", Role.MANAGER))
    keep(hana, "team", f"team={tree}", "Of Mina")
    keep(hana, "team", "team=department:sales", "Of Sales")
    held = json.loads(mina.post("/my-data/download/", {"format": "json"}).content)["held"]
    (account,) = [part["rows"] for part in held if part["part"] == "account"]
    assert [row["saved_view"] for row in account if "saved_view" in row] == ["Mine"]
    receipt = erasures.erase(OPERATOR, peopled, who="mina@acme.example", now=now)
    assert receipt.counts["saved_views"] == 1
    assert not Account.objects.filter(email="mina@acme.example").exists()
    assert list(SavedView.objects.values_list("name", flat=True)) == ["Of Sales"]


def facts(settings: Settings) -> Facts:
    return metrics.current_facts(settings)
