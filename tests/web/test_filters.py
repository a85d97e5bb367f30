"""The filter bar: lives in the address, is carried along, and answers nonsense with a sentence, never with an error."""

from __future__ import annotations

import re
from datetime import date, datetime

import pytest
from django.test import Client

from tests.web import company
from tests.web.conftest import SignedIn
from uptake.config import Settings
from uptake.domain.days import ONE_DAY
from uptake.web import filters, words

TODAY = date(2026, 11, 25)


@pytest.fixture
def hana(signed_in: SignedIn, home: Settings, now: datetime) -> Client:
    connection = company.connected(now=now)
    through = now.date() - 3 * ONE_DAY
    company.hold_company(home, connection.pk, through - 62 * ONE_DAY, through, members=60)
    return signed_in("hana@acme.example")


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
    assert '<input type="hidden" name="surface" value="cowork">' in hana.get("/?surface=cowork").content.decode()


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
