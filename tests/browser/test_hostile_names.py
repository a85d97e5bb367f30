"""Whoever names people, teams, keys and connections cannot make a page do anything: every page is walked, link by link."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import Open, Served, Watched
from tests.browser.hostile import AGENT, NAMES

WATCH = """
window.done = [];
window.pwn = what => window.done.push(what);
window.alert = window.prompt = window.confirm = window.pwn;
document.addEventListener('securitypolicyviolation', report => window.done.push('CSP ' + report.violatedDirective));
"""
LEFT_ALONE = re.compile(r"/logout/|\.(csv|svg|png|xlsx|parquet|json)$|/api/|/static/")
CAST = {"ada": 60, "hana": 25, "ivan": 20, "mina": 12, "emil": 8, "otto": 10}
"""Who walks, and over how many pages at most."""


def found(watched: Watched) -> list[str]:
    """What ran, was refused or was drawn that a name asked for."""
    page = watched.page
    ran: list[str] = page.evaluate("window.done")
    drawn = page.locator("[data-pwned], img[src='x'], [onerror], [onload]").count()
    text = page.evaluate("document.documentElement.innerText")
    told = [what for what in ("\u202e", "\x1b", "\x00") if what in text]
    links = page.evaluate("[...document.links].map(a => a.protocol).filter(p => !p.startsWith('http'))")
    return [*ran, *watched.complaints, *told, *links, *([f"{drawn} elements"] if drawn else [])]


def shape(address: str) -> str:
    """A page's kind: pages that differ only in whom they are about are walked a few times, not all."""
    parts = urlsplit(address)
    names = sorted(pair.partition("=")[0] for pair in parts.query.split("&"))
    return re.sub(r"/[^/]*(%|[0-9]{2})[^/]*", "/*", parts.path) + "?" + "&".join(names)


def walk(served: Served, watched: Watched, most: int) -> Iterator[str]:
    """The pages that can be reached by links, breadth first, at most two of a kind."""
    seen, kinds, left = set[str](), dict[str, int](), deque([watched.page.url])
    while left and most:
        address = left.popleft().partition("#")[0]
        kind = shape(address)
        if address in seen or not address.startswith(served.address):
            continue
        if LEFT_ALONE.search(urlsplit(address).path) or kinds.get(kind, 0) >= 2:
            continue
        seen.add(address)
        kinds[kind] = kinds.get(kind, 0) + 1
        most -= 1
        watched.complaints.clear()
        watched.open(address)
        yield address
        left.extend(watched.page.evaluate("[...document.links].map(a => a.href)"))


def test_the_look_finds_what_a_name_does(browse: Open) -> None:
    """The control: in a page that escapes nothing the names run, are drawn and are found."""
    watched = browse()
    watched.page.add_init_script(WATCH)
    for name in NAMES.values():
        watched.page.goto("about:blank")
        watched.page.set_content(f"<title>x</title><p>{name}</p><a href='{name}'>x</a>")
        watched.page.wait_for_timeout(20)
        assert found(watched) or name.startswith(("=", "{")), name


@pytest.mark.parametrize("who", CAST)
def test_no_name_does_anything_on_any_page(hostile: Served, browse: Open, who: str) -> None:
    watched = browse(user_agent=AGENT)
    watched.page.add_init_script(WATCH)
    watched.sign_in(hostile, f"{who}@acme.example")
    wrong, pages, shown = {}, 0, set()
    for address in walk(hostile, watched, CAST[who]):
        pages += 1
        if trouble := found(watched):
            wrong[address] = trouble
        text = watched.page.content()
        shown |= {what for what in NAMES if f"hostile-{what}" in text}
    assert wrong == {}
    assert pages >= CAST[who] // 3
    assert shown or who in {"ivan", "otto"}
    print(who, pages, sorted(shown))
