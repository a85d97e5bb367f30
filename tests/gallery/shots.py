"""Photographs of one state: its installation is made, served, and each of its pages shot in every look."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright

from tests.browser.served import CHROMIUM, Served, seed, served
from tests.gallery import pages, states
from tests.gallery.states import State
from tests.house import House
from uptake.lake import writer

SCENES = "tests.gallery.scenes"
LOOKS = {
    "desktop-light": (1440, "light"),
    "desktop-dark": (1440, "dark"),
    "phone-light": (390, "light"),
    "phone-dark": (390, "dark"),
}
WAYS = ("print", "keyboard", "zoom", "reduced-motion", "unfolded")
"""Ways of looking, at the pages of AS_USUAL that are below."""
LOOKED_AT_OTHERWISE = (*states.FIGURES, *states.DESKS, "connect", "audit", "mine", "help", "policy", "what_we_read")
SETTLES = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
UNFOLD = "document.querySelectorAll('main details').forEach(one => { one.open = true })"


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture: of which state, page and look, its file, and what was odd about the page."""

    state: str
    page: str
    look: str
    file: str
    odd: str = ""


def of(state: State, folder: Path, only: tuple[str, ...] = ()) -> list[Shot]:
    """All pictures of a state, in `folder`/<state>/."""
    (folder / state.name).mkdir(parents=True, exist_ok=True)
    wanted = replace(state, pages=tuple(name for name in state.pages if not only or name in only))
    with (
        tempfile.TemporaryDirectory(prefix="uptake-gallery-") as home,
        standing(state, Path(home)) as at,
        sync_playwright() as started,
    ):
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        return [shot for page in wanted.asked() for shot in _page(browser, at, state, page, folder)]


@dataclass
class Standing:
    """A served installation with a way in for everybody who looks at it."""

    served: Served
    links: dict[str, list[str]]
    contexts: dict[str, BrowserContext]


@contextmanager
def standing(state: State, home: Path) -> Iterator[Standing]:
    house = House(home / "home", "http://127.0.0.1:9")
    if state.demo:
        members, days = map(str, state.demo)
        with served(house, "demo", "--members", members, "--days", days) as one:
            told = seed(house, f"scene.beside_the_demo({members}, 1)", SCENES).splitlines()
            yield Standing(one, _links(house, dict(line.split() for line in told[-2:])), {})
        return
    seed(house, f"scene.{state.scene}", SCENES)
    running = writer(house.home / "lake") if state.syncing else nullcontext()
    with running, served(house, "serve", "--no-schedule") as one:
        yield Standing(one, _links(house, {}), {})


def _links(house: House, more: dict[str, str]) -> dict[str, list[str]]:
    who = {name: f"{name}@acme.example" for name in ("ada", "emil", "otto")} | more
    told = seed(house, f"for one in {list(who.values())!r}: print(scene.link(one))", SCENES).splitlines()
    return {name: [link] for name, link in zip(who, told[-len(who) :], strict=True)}


def _page(browser: Browser, at: Standing, state: State, page: pages.Page, folder: Path) -> Iterator[Shot]:
    """The page in all looks: it is opened once, and seen as wide, narrow, light and dark."""
    who = "" if page.out else page.who or state.who.partition("@")[0]
    tab = context(browser, at, who).new_page()
    if state.held:
        tab.route("**/figures/**", lambda route: None)
    odd = arrive(tab, page, at.served.address, state)
    for look, (width, scheme) in LOOKS.items():
        tab.set_viewport_size({"width": width, "height": 900})
        tab.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        yield _shoot(tab, state.name, page.name, look, folder, odd)
    if state is states.AS_USUAL and page.name in LOOKED_AT_OTHERWISE:
        yield from _otherwise(browser, at, tab, page, folder)
    tab.close()


def context(browser: Browser, at: Standing, who: str) -> BrowserContext:
    if who not in at.contexts:
        context = at.contexts[who] = browser.new_context(viewport={"width": 1440, "height": 900})
        if who:
            tab = context.new_page()
            tab.goto(at.served.address + at.links[who][0])
            tab.get_by_role("button", name="Sign in").click()
            tab.wait_for_url(lambda url: "/sign-in/" not in url)
            tab.close()
    return at.contexts[who]


def arrive(tab: Page, page: pages.Page, address: str, state: State) -> str:
    """Go there and wait for what is still to come; what was odd."""
    said: list[str] = []
    tab.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    try:
        page.arrive(tab, address)
        if not state.held:
            expect(tab.locator(".waiting:not(.still)")).to_have_count(0, timeout=30_000)
    except (Error, AssertionError) as error:
        return f"not reached: {str(error).splitlines()[0]}"
    return "; ".join(line for line in said if not re.search("status of 4", line))


def _shoot(tab: Page, state: str, page: str, look: str, folder: Path, odd: str = "", *, whole: bool = True) -> Shot:
    file = f"{state}/{page}.{look}.jpg"
    wide = tab.evaluate(SETTLES)
    tab.screenshot(path=folder / file, full_page=whole, type="jpeg", quality=70, animations="disabled")
    return Shot(state, page, look, file, "; ".join(filter(None, [odd, f"{wide} px too wide" if wide > 0 else ""])))


def _otherwise(browser: Browser, at: Standing, tab: Page, page: pages.Page, folder: Path) -> Iterator[Shot]:
    """On paper, with the keyboard, at twice the size, without motion, and with everything unfolded."""
    name = states.AS_USUAL.name
    tab.set_viewport_size({"width": 794, "height": 1123})
    tab.emulate_media(color_scheme="light", media="print")
    yield _shoot(tab, name, page.name, "print", folder)
    tab.emulate_media(color_scheme="light", media="screen", reduced_motion="reduce")
    tab.set_viewport_size({"width": 1440, "height": 900})
    yield _shoot(tab, name, page.name, "reduced-motion", folder)
    tab.locator("main :is(a, button, select, summary, input:not([type=hidden]))").first.focus()
    tab.keyboard.press("Tab")
    yield _shoot(tab, name, page.name, "keyboard", folder, whole=False)
    tab.evaluate(UNFOLD)
    yield _shoot(tab, name, page.name, "unfolded", folder)
    tab.set_viewport_size({"width": 390, "height": 900})
    yield _shoot(tab, name, page.name, "unfolded-phone", folder)
    with _twice(browser, at) as zoomed:
        arrive(zoomed, page, at.served.address, states.AS_USUAL)
        yield _shoot(zoomed, name, page.name, "zoom", folder)


@contextmanager
def _twice(browser: Browser, at: Standing) -> Iterator[Page]:
    """A window of 1440 × 900 at 200 %, with Ada's session."""
    kept = at.contexts["ada"].storage_state()
    context = browser.new_context(viewport={"width": 720, "height": 450}, device_scale_factor=2, storage_state=kept)
    yield context.new_page()
    context.close()


def timed(state: State, folder: Path, only: tuple[str, ...] = ()) -> tuple[list[Shot], float]:
    began = time.monotonic()
    return of(state, folder, only), time.monotonic() - began
