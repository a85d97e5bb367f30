"""A provider on loopback, uptake set up by a real file to trust it, and a browser that walks between the two."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings as DjangoSettings

from sso import saml_idp
from sso.idp import CLIENT, SECRET, Idp, Person
from tests.web import company
from tests.web.conftest import home, now, signed_in
from uptake.config import Settings
from uptake.records.models import Account, AuditEntry, ExpectedIdentity, SignInIdentity, WebSession
from uptake.site import sso_file

__all__ = ["home", "now", "signed_in"]

HERE = "http://localhost"
_WEB = httpx2.Client(verify=False)  # one for all: a list of authorities takes its time to read


@pytest.fixture(scope="session")
def idp() -> Iterator[Idp]:
    with Idp() as provider:
        yield provider


def browser() -> Client:
    return Client(headers={"host": "localhost", "user-agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"})


@dataclass
class Oidc:
    """uptake with one OIDC provider, `acme`."""

    idp: Idp
    path: Path
    settings: DjangoSettings

    def set_up(self, *lines: str, issuer: str = "") -> None:
        """The file with these lines added to the provider, read as at a start."""
        secret = self.path.parent / "acme.secret"
        secret.write_text(SECRET)
        secret.chmod(0o600)
        text = [
            f'public_address = "{HERE}"', "[[provider]]", 'kind = "oidc"', 'id = "acme"', 'button = "Acme ID"',
            f'issuer = "{issuer or self.idp.url}"', f'client_id = "{CLIENT}"', 'client_secret_file = "acme.secret"',
            'email_domains = ["acme.example"]', *lines,
        ]  # fmt: skip
        self.path.write_text("\n".join(text))
        self.path.chmod(0o600)
        self.settings.UPTAKE_SSO = sso_file.load(self.path)

    def begin(self, client: Client, **form: str) -> str:
        """The provider's address that the button leads to."""
        return leads_to(client.post("/single-sign-on/acme/", form))

    def walk(self, client: Client, **form: str) -> str:
        """Through the provider; the address the browser brings back, which is not opened yet."""
        return self.agree(self.begin(client, **form))

    def agree(self, address: str) -> str:
        sent = _WEB.get(address)
        assert sent.status_code == 302, sent.text
        parts = urlsplit(sent.headers["Location"])
        assert f"{parts.scheme}://{parts.netloc}" == HERE
        return f"{parts.path}?{parts.query}"


def leads_to(page: object) -> str:
    """Where a page of ours takes the browser: by its header, and by the link for whoever has that switched off."""
    assert page.status_code == 200, page.content  # type: ignore[attr-defined]
    address = str(page.headers["Refresh"]).removeprefix("0; url=")  # type: ignore[attr-defined]
    link = re.search(r'class="button primary" href="([^"]+)"', page.content.decode())  # type: ignore[attr-defined]
    assert link
    assert unescape(link.group(1)) == address
    return address


@pytest.fixture
def oidc(db: None, home: Settings, idp: Idp, settings: DjangoSettings, tmp_path: Path) -> Oidc:
    cache.clear()
    idp.plain()
    found = Oidc(idp, tmp_path / "sso.toml", settings)
    found.set_up()
    return found


@pytest.fixture
def ada(db: None, home: Settings, now: datetime) -> Account:
    return company.account("ada@acme.example")


def linked(account: Account, issuer: str, subject: str = "00u1ada", kind: str = "oidc") -> None:
    SignInIdentity.objects.create(
        account=account, kind=kind, issuer=issuer, subject=subject, provider="acme",
        linked_at=account.created_at, linked_by="the tests",
    )  # fmt: skip


def everything() -> dict[str, object]:
    """What a refused response must leave as it was; the audit is not among it."""
    return {
        "accounts": list(Account.objects.order_by("pk").values()),
        "identities": list(SignInIdentity.objects.order_by("pk").values()),
        "expected": list(ExpectedIdentity.objects.order_by("pk").values()),
        "signed in": list(WebSession.objects.exclude(account=None).values_list("pk")),
    }


def told() -> tuple[str, str]:
    """Outcome of the newest entry of the audit, and which check it was."""
    entry = AuditEntry.objects.order_by("-pk").first()
    assert entry is not None
    assert entry.action == "account.sign_in"
    return entry.outcome, entry.details.get("why", "")


@dataclass
class Saml:
    """uptake with one SAML provider, `acme`."""

    path: Path
    settings: DjangoSettings

    def set_up(self, *lines: str, certificates: str = saml_idp.CERTIFICATE) -> None:
        (self.path.parent / "acme.pem").write_text(certificates)
        (self.path.parent / "acme.pem").chmod(0o600)
        text = [
            f'public_address = "{HERE}"', "[[provider]]", 'kind = "saml"', 'id = "acme"', 'button = "Acme ID"',
            f'issuer = "{saml_idp.ISSUER}"', f'sign_in_url = "{saml_idp.SIGN_IN}"', 'certificate_file = "acme.pem"',
            'email_domains = ["acme.example"]', *lines,
        ]  # fmt: skip
        self.path.write_text("\n".join(text))
        self.path.chmod(0o600)
        self.settings.UPTAKE_SSO = sso_file.load(self.path)

    def begin(self, client: Client, **form: str) -> str:
        """The id of the request that the button made."""
        address = leads_to(client.post("/single-sign-on/acme/", form))
        assert address.startswith(saml_idp.SIGN_IN)
        return str(saml_idp.request_of(address).get("ID"))


@pytest.fixture
def saml(db: None, home: Settings, settings: DjangoSettings, tmp_path: Path) -> Saml:
    cache.clear()
    found = Saml(tmp_path / "sso.toml", settings)
    found.set_up()
    return found


def entry(action: str) -> AuditEntry:
    found = AuditEntry.objects.filter(action=action).order_by("-pk").first()
    assert found is not None
    return found


def come(oidc: Oidc, **person: Any) -> tuple[Client, Any]:
    """Somebody comes by the provider with a browser of their own: the browser, and the page they get."""
    oidc.idp.person = Person(**person)
    client = browser()
    return client, client.get(oidc.walk(client))
