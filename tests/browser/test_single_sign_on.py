"""Signing in by a provider in a real browser, OpenID Connect and SAML: another site, real cookies, the content policy."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from house import House, end
from sso import saml_idp
from sso.idp import CLIENT, SECRET, Idp
from tests.browser.conftest import SHAPES, Open, Served, seed

FILE = """public_address = "{here}"

[[provider]]
kind = "oidc"
id = "acme"
button = "Acme ID"
issuer = "{idp}"
client_id = "{client}"
client_secret_file = "acme.secret"
email_domains = ["acme.example"]
link_by_email = true

[[provider]]
kind = "saml"
id = "entra"
button = "Entra ID"
issuer = "{saml}"
sign_in_url = "{idp}/saml"
certificate_file = "entra.pem"
email_domains = ["acme.example"]
link_by_email = true
"""
FORM = (
    '<!doctype html><title>Provider</title><form method="post" action="{acs}">'
    '<input type="hidden" name="SAMLResponse" value="{response}"><button>Agree</button></form>'
)


@pytest.fixture(scope="module")
def provider() -> Iterator[Idp]:
    with Idp(press=True) as idp:
        yield idp


@pytest.fixture(scope="module")
def trusting(provider: Idp, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An installation that knows the provider. It is `localhost`, the provider an address: two sites to a browser."""
    folder = tmp_path_factory.mktemp("trusting")
    here = f"http://localhost:{free_port()}"
    text = FILE.format(here=here, idp=provider.url, client=CLIENT, saml=saml_idp.ISSUER)
    for name, content in (("sso.toml", text), ("acme.secret", SECRET), ("entra.pem", saml_idp.CERTIFICATE)):
        (folder / name).write_text(content)
        (folder / name).chmod(0o600)
    provider.saml_page = lambda path: agreed(path, f"{here}/single-sign-on/entra/")
    house = House(folder / "home", "http://127.0.0.1:9", {"UPTAKE_SSO_FILE": str(folder / "sso.toml")})
    seed(house, "scene.empty()")
    yield from served(house, here, folder)


def served(house: House, here: str, folder: Path) -> Iterator[Served]:
    port = here.rpartition(":")[2]
    with (folder / "log").open("w") as log:
        process = house.start("serve", "--port", port, "--no-schedule", stderr=log)
        assert process.stdout
        process.stdout.readline()
        yield Served(house, here)
        end(process)
    assert "code=" not in (folder / "log").read_text()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def agreed(path: str, entity: str) -> str:
    """The provider's page: a form that posts its response to uptake."""
    asked = saml_idp.request_of(path).get("ID")
    said = saml_idp.Said(answers=asked, email="hana@acme.example", subject="p-hana")
    acs = f"{entity}acs/"
    said = replace(said, destination=acs, recipient=acs, audience=entity)
    return FORM.format(acs=acs, response=saml_idp.encoded(saml_idp.signed(said)))


def signed_in(page: Page, served: Served, email: str) -> None:
    page.wait_for_url(lambda url: url.startswith(served.address) and "single-sign-on" not in url)
    page.goto(served.address + "/account/")
    expect(page.locator(".masthead")).to_contain_text(email)


@pytest.mark.parametrize(("width", "scheme"), SHAPES)
def test_the_whole_way_by_openid_connect(trusting: Served, width: int, scheme: str, browse: Open) -> None:
    watched = browse(width, scheme)
    page = watched.page
    watched.open(trusting.address + "/accounts/login/")
    watched.expect_sound()
    page.get_by_role("button", name="Sign in with Acme ID").click()
    page.get_by_role("link", name="Agree").click()
    signed_in(page, trusting, "ada@acme.example")
    expect(page.get_by_role("row", name="Acme ID")).to_contain_text("00u1ada")
    watched.expect_sound()


def test_the_whole_way_by_saml(trusting: Served, browse: Open) -> None:
    """The form comes from another site: without our cookies at first, and yet only the browser that began is signed in."""
    watched = browse()
    page = watched.page
    watched.open(trusting.address + "/accounts/login/")
    page.get_by_role("button", name="Sign in with Entra ID").click()
    page.get_by_role("button", name="Agree").click()
    signed_in(page, trusting, "hana@acme.example")
    assert "uptake_saml" not in {cookie["name"] for cookie in page.context.cookies()}
    watched.expect_sound()


def test_who_said_no_comes_to_a_calm_page(trusting: Served, provider: Idp, browse: Open) -> None:
    provider.twist_back = lambda old: {"error": "access_denied", "state": old["state"]}
    watched = browse()
    page = watched.page
    watched.open(trusting.address + "/accounts/login/")
    page.get_by_role("button", name="Sign in with Acme ID").click()
    page.get_by_role("link", name="Agree").click()
    expect(page.get_by_role("heading", name="The answer of Acme ID could not be accepted.")).to_be_visible()
    provider.plain()
    watched.expect_sound("400")
