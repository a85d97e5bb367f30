"""Every page there is, from the table of routes: what has an address of its own is asked for there, the rest is gone to."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page as Tab

from tests.web.matrix import ROUTES

Arrive = Callable[[Tab, str], None]
"""Goes to the page in a signed-in tab; the address of the installation is given."""

PASSWORD = "a long enough pass phrase"
NO_PAGES = {
    "integration_progress": "a fragment of Integrations",
    "integration_troubles": "a fragment of Integrations",
    "people_progress": "a fragment of an import",
    "saved_view": "leads to the page it was saved of",
    "report_file": "the report as a file",
    "mfa_login_webauthn": "JSON for the browser's passkeys",
    "livez": "for programs",
    "readyz": "for programs",
    "metrics": "for programs",
}
_FILE = re.compile(r"\.(csv|svg|png|xlsx|json|ics|pdf)$")
_MADE_UP = re.compile(r"\{|nothing|nobody|not-a-real|999999|/1/")


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `who` is a role that only some pages are looked at as; `out` means signed out."""

    name: str
    arrive: Arrive
    who: str = ""
    out: bool = False


def at(path: str) -> Arrive:
    return lambda tab, address: _go(tab, address + path)


def following(path: str, link: str) -> Arrive:
    """The page behind the first such link of another page."""

    def arrive(tab: Tab, address: str) -> None:
        tab.goto(address + path)
        found = tab.locator(f"main {link}").first.get_attribute("href", timeout=4_000)
        _go(tab, address + str(found))

    return arrive


def _go(tab: Tab, address: str) -> None:
    tab.goto(address)


def _asked_seat(tab: Tab, address: str) -> None:
    tab.goto(f"{address}/seats/list/")
    tab.locator("main form[action$='/seats/ask/'] button").first.click(timeout=4_000)


def _import(tab: Tab, address: str) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "people.csv"
        with file.open("w", newline="") as out:
            lines = csv.writer(out)
            lines.writerow(("Employee ID", "Name", "E-mail", "Reports to", "Department", "Start date"))
            lines.writerows((n, f"Person {n}", f"p{n}@example.com", "" if n == 1 else 1, "Sales", "soon" if n == 9 else "")
                            for n in range(1, 40))  # fmt: skip
        tab.goto(f"{address}/people/")
        tab.set_input_files("#file", file)
        tab.get_by_role("button", name="Look at the file").click()
        tab.wait_for_url("**/people/import/**")


def _handed(tab: Tab, address: str) -> None:
    tab.goto(f"{address}/integrations/hand-over/?slot=admin&name=Acme")
    tab.get_by_role("button", name="Make hand-over link").click()
    _go(tab, tab.get_by_label("Hand-over link").input_value())


def _second_step(tab: Tab, address: str) -> None:
    tab.goto(f"{address}/accounts/login/")
    tab.get_by_label("E-mail").fill("otto@acme.example")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in", exact=True).click()
    tab.wait_for_url("**/accounts/second-factor/**")


def _hand_over_made(tab: Tab, address: str) -> None:
    tab.goto(f"{address}/integrations/hand-over/?slot=admin&name=Acme")
    tab.get_by_role("button", name="Make hand-over link").click()


OUT = {
    "account_login",
    "account_inactive",
    "sign_in_link",
    "unsubscribe",
    "single_sign_on_callback",
    "single_sign_on_finish",
}
OWN_WAY: dict[str, Arrive] = {
    "figure": at("/figures/messages/"),
    "team": following("/teams/", "a[href*='/teams/one/']"),
    "seats_asked": _asked_seat,
    "hand_over": _hand_over_made,
    "handed": _handed,
    "integration_keys": following("/integrations/", "a[href$='/keys/']"),
    "integration_disconnect": following("/integrations/", "a[href$='/disconnect/']"),
    "people_import": _import,
    "person": following("/people/", "a[href*='/people/person/']"),
    "account_one": following("/accounts/", "table a[href*='/accounts/']"),
    "mfa_authenticate": _second_step,
    "unsubscribe": at("/unsubscribe/not-a-real-token/"),
    "sign_in_link": at("/sign-in/not-a-real-token/"),
    "single_sign_on_callback": at("/single-sign-on/nobody/callback/"),
    "single_sign_on_finish": at("/single-sign-on/nobody/finish/"),
}
"""Pages whose address must be found out, or that show something only after a step."""


def _refused(tab: Tab, address: str) -> None:
    tab.goto(f"{address}/integrations/connect/")
    tab.get_by_label("Name of the connection").fill("Acme Robotics")
    tab.get_by_label("1 · Admin key").fill("sk-ant-api01-" + "A" * 60)
    tab.get_by_label("2 · Analytics key").fill("sk-ant-api01-" + "A" * 60)
    tab.get_by_role("button", name="Connect Claude").click()
    tab.get_by_role("alert").wait_for()


FURTHER = {
    "teams-of-a-manager": Page("teams-of-a-manager", at("/teams/"), "manager"),
    "my-data-of-an-employee": Page("my-data-of-an-employee", at("/my-data/"), "employee"),
    "nothing-here": Page("nothing-here", at("/nothing/")),
    "key-refused": Page("key-refused", _refused),
    "overview-26-weeks": Page("overview-26-weeks", at("/?period=26w")),
    "surfaces-cowork": Page("surfaces-cowork", at("/surfaces/?surface=cowork")),
    "seats-found-nothing": Page("seats-found-nothing", at("/seats/list/?q=nobody+of+that+name")),
    "audit-found": Page("audit-found", at("/audit/?action=connection.connect")),
}
"""More states of pages than the table of routes knows."""


def without_a_way() -> list[str]:
    """Routes that open a page, and that nobody said how to get to."""
    return [name for name, (_, path, _) in _pages().items() if name not in OWN_WAY and _MADE_UP.search(path)]


def _pages() -> dict[str, tuple[str, str, str]]:
    return {
        name: row
        for name, row in ROUTES.items()
        if row[0] == "GET" and name not in NO_PAGES and not _FILE.search(row[1])
    }


PAGES: dict[str, Page] = {
    name: Page(name, OWN_WAY.get(name) or at(path), out=name in OUT or name == "mfa_authenticate")
    for name, (_, path, _) in _pages().items()
} | FURTHER
