"""What a page costs who opens it: the server's time once it is warm, what travels, and whether it moves while it is drawn."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import requests
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from tests.bench.report import Figure, Section, Table, figures
from tests.browser.served import ADA, CHROMIUM, Served, seed, served
from tests.gallery import pages as gallery
from tests.house import House
from tests.web.matrix import ROUTES

MOST_MS, MOST_KB, MOST_SHIFT = 150.0, 120.0, 0.01
FEW = ("overview", "help")
_SHIFT = """new Promise(tell => new PerformanceObserver(
  list => tell(list.getEntries().reduce((sum, one) => sum + one.value, 0))).observe({type: 'layout-shift', buffered: true})
  || setTimeout(() => tell(0), 300))"""


@dataclass(frozen=True, slots=True)
class Cost:
    """One page: milliseconds, kilobytes as they travelled without images, requests, those to other hosts, layout shift."""

    name: str
    ms: float
    kb: float
    asked: int
    elsewhere: int
    shift: float

    def row(self) -> tuple[str, ...]:
        return self.name, f"{self.ms:.0f}", f"{self.kb:.0f}", str(self.asked), str(self.elsewhere), f"{self.shift:.3f}"


def measure(members: int = 10_000, days: int = 56, rounds: int = 5, names: tuple[str, ...] = ()) -> Section:
    """Every page that has an address of its own, as a Company Admin; `names`: these alone."""
    with tempfile.TemporaryDirectory(prefix="uptake-bench-") as folder:
        house = House(Path(folder) / "home", "http://127.0.0.1:9")
        with served(house, "demo", "--members", str(members), "--days", str(days)) as one:
            seed(house, "scene.empty()")
            found = list(_costs(one, names or _addressed(), rounds))
    share = 100 * sum(cost.ms <= MOST_MS for cost in found) / len(found)
    reached = [
        Figure("server time of the slowest page, warm, median", max(cost.ms for cost in found), "ms", MOST_MS),
        Figure(f"pages within {MOST_MS:.0f} ms", share, "%", 100, at_least=True),
        Figure("the heaviest page, gzipped, without images", max(cost.kb for cost in found), "kB", MOST_KB),
        Figure("requests to other hosts, all pages", sum(cost.elsewhere for cost in found), "", 0),
        Figure("layout shift of the worst page", max(cost.shift for cost in found), "", MOST_SHIFT),
    ]
    head = ("page", "server ms", "kB", "requests", "to other hosts", "layout shift")
    note = (
        f"{members:,} members × {days} days, a made-up company with its directory, served by one process; wall time of a "
        f"request on loopback, median of {rounds} once the page was opened before, its figures included. kB and requests as "
        "Chromium counts them with an empty cache."
    )
    return Section(
        "pages", "What a page costs", (figures(reached), Table(head, tuple(c.row() for c in found))), (note,)
    )


def _addressed() -> tuple[str, ...]:
    """Pages at an address that is known beforehand, for who is signed in."""
    own = (*gallery.OWN_WAY, *gallery.OUT, "account_logout", "confirm")
    return tuple(name for name in gallery.PAGES if name in ROUTES and name not in own)


def _costs(one: Served, names: tuple[str, ...], rounds: int) -> Iterator[Cost]:
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        known = browser.new_context()
        _sign_in(known, one)
        session = requests.Session()
        for cookie in known.cookies():
            session.cookies.set(str(cookie["name"]), str(cookie["value"]))
        for name in names:
            address = one.address + ROUTES[name][1]
            context = browser.new_context(storage_state=known.storage_state(), viewport={"width": 1440, "height": 900})
            page = context.new_page()
            _settled(page, address)
            seen = _opened(context, address)
            ms = median(_milliseconds(session, address) for _ in range(rounds))
            yield Cost(name, ms, *seen)
            context.close()


def _sign_in(context: BrowserContext, one: Served) -> None:
    page = context.new_page()
    page.goto(one.link(ADA))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/sign-in/" not in url)


def _settled(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator(".waiting:not(.still)")).to_have_count(0, timeout=60_000)
    page.close()


def _opened(context: BrowserContext, address: str) -> tuple[float, int, int, float]:
    """What one opening with an empty cache moves: kilobytes, requests, those elsewhere, and the shift."""
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("Network.enable")
    tools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    kinds: dict[str, str] = {}
    sizes: dict[str, float] = {}
    hosts: list[str] = []
    tools.on("Network.requestWillBeSent", lambda told: hosts.append(urlsplit(told["request"]["url"]).netloc))
    tools.on("Network.responseReceived", lambda told: kinds.update({told["requestId"]: told["type"]}))
    tools.on("Network.loadingFinished", lambda told: sizes.update({told["requestId"]: told["encodedDataLength"]}))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    shift = float(page.evaluate(_SHIFT))
    weight = sum(size for request, size in sizes.items() if kinds.get(request) != "Image") / 1000
    page.close()
    return weight, len(hosts), sum(host != urlsplit(address).netloc for host in hosts), shift


def _milliseconds(session: requests.Session, address: str) -> float:
    began = time.perf_counter()
    session.get(address, timeout=60, allow_redirects=False).raise_for_status()
    return 1e3 * (time.perf_counter() - began)
