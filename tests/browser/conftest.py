"""A real browser before a real installation: `uptake serve` on loopback, Chromium, and what each page must never do."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

from tests.browser.served import ADA, CHROMIUM, Served, seed, served
from tests.house import House

REQUIRED = os.environ.get("UPTAKE_REQUIRE_BROWSER") == "1"
SHAPES = [(1440, "light"), (390, "dark")]  # contrast depends on the scheme, layout on the width: each is seen once


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = str(Path(__file__).parent)
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM and not REQUIRED:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))


def serving(house: House, *more: str) -> Iterator[Served]:
    with served(house, "serve", *more) as one:
        yield one


def _standing(tmp_path_factory: pytest.TempPathFactory, name: str) -> Iterator[Served]:
    house = House(tmp_path_factory.mktemp(name) / "home", "http://127.0.0.1:9")
    seed(house, f"scene.{name}()")
    yield from serving(house, "--no-schedule")


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Nothing is connected yet."""
    yield from _standing(tmp_path_factory, "empty")


@pytest.fixture(scope="session")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Acme, connected, ninety days held."""
    yield from _standing(tmp_path_factory, "healthy")


@pytest.fixture(scope="session")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A very long name, a refused key, a missing day and one held back."""
    yield from _standing(tmp_path_factory, "troubled")


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Names that attack pages in every field."""
    yield from _standing(tmp_path_factory, "hostile")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Watched:
    """A page whose console is watched: errors and refusals of the content policy are kept in `complaints`."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.hosts: set[str] = set()
        self.page.on("request", self._asked)

    def _asked(self, request: Request) -> None:
        if not request.is_navigation_request():  # who signs in elsewhere goes there; no page asks for anything there
            self.hosts.add(urlsplit(request.url).netloc)

    def sign_in(self, served: Served, email: str = ADA) -> None:
        self.page.goto(served.link(email))
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(lambda url: "/sign-in/" not in url)

    def open(self, address: str) -> None:
        """Open a page, wait for its figures and unfold everything on it."""
        self.page.goto(address)
        expect(self.page.locator(".waiting:not(.still)")).to_have_count(0, timeout=20_000)
        self.page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")

    def expect_sound(self, status: str = "") -> None:
        """Open to all, no sideways scroll, nothing on the console but the status the page is meant to have."""
        found = Axe().run(self.page)
        assert found.violations_count == 0, found.generate_report()
        assert self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        assert self.hosts - {"", urlsplit(self.page.url).netloc} == set()
        assert [words for words in self.complaints if not (status and f"status of {status}" in words)] == []


Open = Callable[..., Watched]


@pytest.fixture
def browse(chromium: Browser) -> Iterator[Open]:
    """`browse(390, "dark")` → a watched page of that width and scheme."""
    contexts = []

    def new(width: int = 1440, scheme: str = "light", **more: object) -> Watched:
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **more)  # type: ignore[arg-type]
        contexts.append(context)
        return Watched(context)

    yield new
    for context in contexts:
        context.close()
