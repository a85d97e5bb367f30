"""The filter bar: lives in the address, is carried along, and answers nonsense with a sentence, never with an error."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from urllib.parse import parse_qsl

import pytest
from django.test import Client
from django.urls import reverse

from tests.web import company
from tests.web.conftest import SignedIn
from tests.web.test_teams import MEMBERS, directory
from uptake import metrics
from uptake.actions import people
from uptake.config import Settings
from uptake.domain.access import OPERATOR
from uptake.domain.days import ONE_DAY
from uptake.web import filters, words

TODAY = date(2026, 11, 25)


@pytest.fixture
def hana(signed_in: SignedIn, home: Settings, now: datetime) -> Client:
    connection = company.connected(now=now)
    through = now.date() - 3 * ONE_DAY
    company.hold_company(home, connection.pk, through - 62 * ONE_DAY, through, members=60)
    return signed_in("hana@acme.example")


@pytest.fixture
def peopled(db: None, home: Settings, now: datetime) -> Settings:
    connection = company.connected(now=now)
    through = now.date() - 3 * ONE_DAY
    company.hold_company(home, connection.pk, through - 90 * ONE_DAY, through, members=MEMBERS)
    people.import_csv(OPERATOR, home, directory(), people.Wanted(on=through - timedelta(days=90)), now)
    return home


def test_nothing_said_is_the_usual_view() -> None:
    found = filters.read({}, TODAY)
    assert (found.period, found.choice.weeks, found.choice.compare, found.query, found.remark) == (
        "12w",
        12,
        True,
        "",
        "",
    )


@pytest.mark.parametrize(
    ("given", "query"),
    [
        ({"period": "12w", "compare": "before"}, ""),
        ({"period": "4w"}, "period=4w"),
        ({"period": "4w", "since": "2026-10-01"}, "period=4w"),
        (
            {"period": "own", "since": "2026-10-01", "until": "2026-11-01", "compare": "none"},
            "period=own&since=2026-10-01&until=2026-11-01&compare=none",
        ),
        ({"surface": "cowork"}, "surface=cowork"),
    ],
)
def test_what_was_chosen_stands_in_the_address_and_what_is_usual_does_not(given: dict[str, str], query: str) -> None:
    found = filters.read(given, TODAY)
    assert (found.query, found.remark) == (query, "")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"period": "fortnight"}, "There is no period “fortnight”. 12 weeks are shown."),
        ({"surface": "<script>"}, "There is no surface “<script>”. 12 weeks are shown."),
        ({"compare": "x" * 500}, "There is no comparison “" + "x" * 40 + "…”. 12 weeks are shown."),
        ({"period": "own"}, "No dates were given. 12 weeks are shown."),
        (
            {"period": "own", "since": "31.12.2026"},
            "The first day “31.12.2026” is no date: dates are written 2026-11-19.",
        ),
        ({"period": "own", "since": "2026-11-02", "until": "2026-11-01"}, "is after the last, 1 Nov 2026."),
        ({"period": "own", "since": "2027-01-01"}, "1 Jan 2027 is still to come."),
        ({"period": "own", "until": "2020-01-01"}, "Claude counts from 1 Jan 2026 on."),
        ({"period": "own", "since": "0000-99-99", "until": "2026-11-01"}, "Your own dates are shown as far as"),
    ],
)
def test_nonsense_gets_a_sentence(given: dict[str, str], says: str) -> None:
    assert says in filters.read(given, TODAY).remark


NONSENSE = (
    "period=fortnight", "period=own&since=x&until=y", "period=own&since=2026-11-24&until=2026-11-01", "surface=nothing",
    "period=own&until=2026-01-01", "period=own&since=9999-12-31", "compare=%00", "period=all&surface=slack", "period=52w",
    "team=nobody", "period=own&since=2026-01-01&until=2026-01-02",
)  # fmt: skip


def test_no_address_breaks_a_page_or_a_figure(hana: Client) -> None:
    for query in NONSENSE:
        for path in ("/", "/surfaces/", "/claude-code/", "/onboarding/"):
            assert hana.get(f"{path}?{query}").status_code == 200
        for name in ("headlines", "active-over-time", "surfaces-mix", "code-tools", "retention", "activation"):
            assert hana.get(f"/figures/{name}.csv?{query}").status_code == 200
    assert (
        hana.get("/figures/surfaces-mix/?period=own&until=2026-01-01", headers={"hx-request": "true"}).status_code
        == 200
    )


def test_the_bar_is_a_plain_form_that_keeps_what_was_chosen(hana: Client) -> None:
    page = hana.get("/surfaces/?period=26w&surface=cowork").content.decode()
    form = page[page.index('<form class="filters') :]
    form = form[: form.index("</form>")]
    assert 'method="get" action="/surfaces/"' in form and "<button>Show</button>" in form
    assert '<option value="26w" selected>' in form and '<option value="cowork" selected>' in form
    assert '<input type="hidden" name="surface" value="cowork">' in hana.get("/seats/?surface=cowork").content.decode()


def test_the_bar_is_the_same_on_every_page_and_says_what_it_does_not_change_there(
    peopled: Settings, signed_in: SignedIn
) -> None:
    """What is chosen is kept, in the same order, by plain controls; what a page cannot honour it says in words."""
    hana = signed_in("hana@acme.example")
    chosen = "team=department:sales&population=contractor&surface=cowork&compare=none&period=26w"
    for name, dashboard in metrics.DASHBOARDS.items():
        if name == "trust":
            continue  # of the last days, whatever is chosen
        page = hana.get(f"{reverse(name)}?{chosen}").content.decode()
        assert '<form class="filters' in page, name
        form = page[page.index('<form class="filters') :]
        form = form[: form.index("</form>")]
        labels = [label for label in re.findall(r"<label[^>]*>(\w+) <select", form) if label not in {"Teams", "Figure"}]
        assert labels == ["Period", "Team", "People", "Surface", "Compare"], name
        sent = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
        for select, options in re.findall(r'<select name="(\w+)">(.*?)</select>', form):
            (sent[select],) = re.findall(r'value="([^"]*)" selected', options)
        given = dict(parse_qsl(chosen))
        assert {key: sent[key] for key in given} == given, name
        told = re.search(r'filter-unheard">([^<]*)', page)
        silent = {"Team": "team", "People": "population", "Surface": "surface", "Compare": "compare"}
        for label, key in silent.items():
            assert (f"{label}: " in (told[1] if told else "")) or key in dashboard.chooses, (name, label)
        assert "filter-unheard" not in hana.get(reverse(name)).content.decode()


def test_people_are_told_apart_only_where_a_team_is_chosen(peopled: Settings, signed_in: SignedIn) -> None:
    page = signed_in("hana@acme.example").get("/?population=contractor").content.decode()
    assert "People: only the figures of a team are of some alone" in page


def test_teams_are_compared_with_the_four_weeks_before_where_that_is_chosen(
    peopled: Settings, signed_in: SignedIn
) -> None:
    hana = signed_in("hana@acme.example")
    assert "hollow: the team as it was in the four weeks before" in hana.get("/figures/teams/").content.decode()
    assert "hollow" not in hana.get("/figures/teams/?compare=none").content.decode()
    beside = "/figures/team-headlines/?team=department:sales"
    assert "4 weeks before" in hana.get(beside).content.decode() or "weeks before" in hana.get(beside).content.decode()
    assert "weeks before" not in hana.get(f"{beside}&compare=none").content.decode().split("<details>")[0]


def test_what_was_chosen_goes_along_to_other_dashboards_and_figures_and_nowhere_else(hana: Client) -> None:
    page = hana.get("/surfaces/?period=26w&surface=cowork&next=//evil.example").content.decode()
    links = set(re.findall(r'href="(/[^"]*)"', page))
    assert {"/?period=26w&amp;surface=cowork", "/onboarding/?period=26w&amp;surface=cowork", "/people/"} <= links
    assert "evil" not in page
    assert 'hx-get="/figures/surfaces-mix/?period=26w&amp;surface=cowork"' in page


def test_a_period_changes_what_is_shown(hana: Client, now: datetime) -> None:
    last = now.date() - 24 * ONE_DAY
    figure = hana.get(f"/figures/messages/?period=own&until={last}").content.decode()
    assert words.day_and_year(last - ONE_DAY * last.weekday()) in figure
    weeks = [
        len(re.findall("<tr>", hana.get(f"/figures/messages/?period={p}").content.decode())) for p in ("4w", "12w")
    ]
    assert weeks[0] < weeks[1]


def test_comparing_with_nothing_takes_the_comparisons_away(hana: Client) -> None:
    assert "in 28 days</dd>" not in hana.get("/figures/code-amounts/?compare=none").content.decode()
    assert "28 days before" in hana.get("/figures/surfaces-now/").content.decode()
    assert "28 days before" not in hana.get("/figures/surfaces-now/?compare=none").content.decode()


def test_a_surface_that_was_chosen_is_what_the_figures_speak_of(hana: Client) -> None:
    page = hana.get("/figures/surfaces-now/?surface=cowork").content.decode()
    assert re.search(r'class="sentence">\d+ people used Cowork in the 28 days', page)
    assert page.count('fill-opacity="0.35"') > 0
    assert 'fill-opacity="0.35"' not in hana.get("/figures/features/?surface=cowork").content.decode()
