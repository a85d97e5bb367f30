"""Figures as fragment, page and CSV, from real answers about a company in the lake."""

from __future__ import annotations

import csv
import re
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.test import Client

from tests.web import company
from tests.web.conftest import SignedIn
from uptake import metrics
from uptake.config import Settings
from uptake.domain.days import ONE_DAY
from uptake.metrics import Cell
from uptake.web import cellwords, pictures, words

NAMES = list(metrics.FIGURES)
PAGES = {
    "overview": "/",
    "reach": "/reach/",
    "growth": "/growth/",
    "habit": "/habit/",
    "retention": "/retention/",
    "surfaces": "/surfaces/",
    "claude_code": "/claude-code/",
    "onboarding": "/onboarding/",
    "seats": "/seats/",
}


@pytest.fixture
def hana(signed_in: SignedIn, home: Settings, now: datetime) -> Client:
    connection = company.connected(now=now)
    through = now.date() - 3 * ONE_DAY
    company.hold_company(home, connection.pk, through - 34 * ONE_DAY, through, members=60)
    return signed_in("hana@acme.example")


def test_every_figure_is_fragment_page_file_and_picture(hana: Client, now: datetime) -> None:
    for name in NAMES:
        fragment = hana.get(f"/figures/{name}/", headers={"hx-request": "true"})
        page = hana.get(f"/figures/{name}/")
        assert "<html" not in fragment.content.decode()
        assert "<html" in page.content.decode()
        for answer in (fragment, page):
            assert f"Data through {words.day(now.date() - 3 * ONE_DAY)}" in answer.content.decode()
            assert "settling since" in answer.content.decode()
            assert "HX-Request" in answer.headers["Vary"]
        _leaves_as_csv(hana, name, page.content.decode())
        _leaves_as_a_picture(hana, name, page.content.decode())


def _leaves_as_csv(hana: Client, name: str, page: str) -> None:
    links = re.findall(r'href="(/figures/[^"]+\.csv[^"]*)"', page.replace("&amp;", "&"))
    assert links
    for link in links:
        answer = hana.get(link)
        if "format=xlsx" in link:
            assert answer.status_code == 200 and answer.content[:2] == b"PK"
            continue
        lines = [line for line in answer.content.decode().splitlines() if not line.startswith(("#", '"#'))]
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert {"metric", "value", "state"} <= set(next(csv.reader(lines)))
    assert hana.get(f"/figures/{name}.csv?part=99").status_code == 404
    assert hana.get(f"/figures/{name}.csv?part=²").status_code == 404


def _leaves_as_a_picture(hana: Client, name: str, page: str) -> None:
    """Where it has a drawing: one that stands alone."""
    drawn = hana.get(f"/figures/{name}.svg")
    if 'class="chart-svg"' not in page:
        assert drawn.status_code == 404 and f"/figures/{name}.svg" not in page
        return
    picture = drawn.content.decode()
    assert drawn.headers["Content-Type"] == "image/svg+xml" and "attachment" in drawn.headers["Content-Disposition"]
    assert "Data through" in picture and "class=" not in picture and "<style" not in picture and "#fe00" not in picture
    assert ET.fromstring(picture).get("height")


def test_every_number_of_a_figure_is_explained(hana: Client, now: datetime) -> None:
    page = hana.get("/figures/messages/").content.decode()
    through = now.date() - 3 * ONE_DAY
    assert "unified_chat_metrics" in page or "chat_metrics.message_count" in page
    assert "/v1/organizations/analytics/users" in page and "FROM usage_day" in page
    assert f"to {words.day_and_year(through)}" in page and "version 1." in page
    assert re.search(r"Seat holders on the last day: \d+", page) and "withheld for too few people" in page


def test_a_page_holds_a_place_for_every_figure_and_the_figure_once_it_takes_no_time(hana: Client) -> None:
    for name, address in PAGES.items():
        dashboard = metrics.DASHBOARDS[name]
        names = [figure.name for figure in dashboard.figures]
        page = hana.get(f"{address}?period=26w").content.decode()
        assert re.findall(r'hx-get="/figures/([\w-]+)/\?period=26w"', page) == names
        assert "Acme" in page and dashboard.decision in page
        for figure in names:
            hana.get(f"/figures/{figure}/?period=26w", headers={"hx-request": "true"})
        again = hana.get(f"{address}?period=26w").content.decode()
        assert re.findall(r'<section class="figure figure-([\w-]+)', again) == names and 'aria-busy="true"' not in again


def test_a_picture_is_pixels_too(hana: Client) -> None:
    pixels = hana.get("/figures/surfaces-now.png")
    assert pixels.headers["Content-Type"] == "image/png" and pixels.content.startswith(b"\x89PNG")


def test_the_inks_of_pictures_are_those_of_the_page() -> None:
    css = (Path(pictures.__file__).parent / "static" / "uptake" / "tokens.css").read_text()
    light = css[: css.index("@media")]
    assert {ink: value for ink, value in pictures.LIGHT.items() if f"--{ink}: {value};" not in light} == {}


def test_an_unknown_figure_is_not_found(hana: Client) -> None:
    assert hana.get("/figures/nothing/").status_code == 404
    assert hana.get("/figures/nothing.csv").status_code == 404


def test_before_anything_is_held_the_page_says_what_comes(signed_in: SignedIn, now: datetime) -> None:
    client = signed_in("hana@acme.example")
    assert "Connect Claude" in client.get("/").content.decode()
    company.connected(now=now)
    waiting = client.get("/").content.decode()
    assert "No usage is held yet" in waiting
    assert 'hx-trigger="every 5s"' in waiting


def test_trouble_stands_above_the_figures(hana: Client) -> None:
    company.SealedKey.objects.filter(slot="analytics").update(state="stopped", cause="Anthropic refused the key.")
    assert "Anthropic refused the key." in hana.get("/").content.decode()


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (Cell("value", 0), "0"),
        (Cell("value", 1240), "1,240"),
        (Cell("not_yet"), ""),
        (Cell("not_collected"), "–"),
        (Cell("withheld"), "Withheld: too few people"),
    ],
)
def test_the_four_states_of_a_cell_stay_apart(cell: Cell, text: str) -> None:
    assert cellwords.shown("messages", cell) == text


@pytest.mark.parametrize(
    ("metric", "difference", "text"),
    [
        ("messages", 12, "+12"),
        ("messages", -1200, "−1,200"),
        ("messages", 0, "no change"),
        ("reach_28d", 0.07, "+7 points"),
        ("reach_28d", -0.01, "−1 point"),
        ("reach_28d", 0.001, "no change"),
    ],
)
def test_changes(metric: str, difference: float, text: str) -> None:
    assert cellwords.change(metric, difference) == text


def test_a_page_stays_light_however_much_is_explained(hana: Client) -> None:
    for figure in metrics.DASHBOARDS["overview"].figures:
        hana.get(f"/figures/{figure.name}/", headers={"hx-request": "true"})
    page = hana.get("/", headers={"accept-encoding": "gzip"})
    assert page.headers["Content-Encoding"] == "gzip" and len(page.content) < 40_000
    static = Path(pictures.__file__).parent / "static" / "uptake"
    assert len(page.content) + sum(file.stat().st_size for file in static.iterdir()) + _HTMX < 120_000


_HTMX = 52_000
