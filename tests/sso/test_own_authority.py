"""A provider inside the company, its certificate by the company's own authority: believed by `ca_file` and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from faults import tls
from house import House
from sso.conftest import Oidc, browser, come, entry, linked
from sso.idp import CLIENT, SECRET, Idp
from uptake.domain.problems import Problem
from uptake.records.models import Account
from uptake.site import sso_file

CA = 'ca_file = "company.pem"'


@pytest.fixture
def company(tmp_path: Path) -> tls.Authority:
    """The company's own authority, which this machine does not know."""
    folder = tmp_path / "authority"
    folder.mkdir()
    made = tls.Authority(folder)
    file = tmp_path / "company.pem"
    file.write_bytes(made.file.read_bytes())
    file.chmod(0o600)
    return made


@pytest.fixture
def inside(company: tls.Authority) -> Iterator[Idp]:
    """A provider behind TLS by that authority."""
    with Idp() as provider, tls.Line(company, "good", provider.url) as line:
        provider.url = line.url
        yield provider


def test_it_signs_in_by_its_own_authority_alone(oidc: Oidc, inside: Idp, company: tls.Authority, ada: Account) -> None:
    oidc.idp = inside
    linked(ada, inside.url)
    oidc.set_up()
    refused = browser().post("/single-sign-on/acme/")
    assert (refused.status_code, entry("account.sign_in").details["why"]) == (400, "certificate")
    assert b"does not believe the certificate of Acme ID" in refused.content
    assert inside.asked == []
    oidc.set_up(CA)
    client, page = come(oidc)
    assert (page.headers["Location"], client.session["_auth_user_id"]) == ("/", str(ada.pk))
    assert [one.split("?")[0] for one in inside.asked] == [
        "GET /.well-known/openid-configuration", "GET /authorize", "GET /.well-known/openid-configuration",
        "POST /token", "GET /jwks",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["expired", "wrong-host", "self-signed"])
def test_its_word_is_not_enough_for_what_is_wrong_otherwise(
    oidc: Oidc, company: tls.Authority, kind: str, idp: Idp
) -> None:
    with tls.Line(company, kind, idp.url) as line:
        oidc.set_up(CA, issuer=line.url)
        refused = browser().post("/single-sign-on/acme/")
    assert (refused.status_code, entry("account.sign_in").details["why"]) == (400, "certificate")


def test_between_the_steps_the_authority_is_gone(oidc: Oidc, inside: Idp, tmp_path: Path, ada: Account) -> None:
    oidc.idp = inside
    linked(ada, inside.url)
    oidc.set_up(CA)
    client = browser()
    back = oidc.walk(client)
    (tmp_path / "company.pem").unlink()
    refused = client.get(back)
    assert (refused.status_code, entry("account.sign_in").details["why"]) == (400, "certificate")


def test_a_file_without_an_authority_stops_the_start(oidc: Oidc, company: tls.Authority, tmp_path: Path) -> None:
    file = tmp_path / "company.pem"
    for text in ("", "nothing", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        file.write_text(text)
        with pytest.raises(Problem, match=r"company\.pem holds no PEM certificate"):
            oidc.set_up(CA, issuer="https://login.acme.example")
    file.unlink()
    with pytest.raises(Problem, match=r"company\.pem cannot be read"):
        oidc.set_up(CA, issuer="https://login.acme.example")
    with pytest.raises(Problem, match=r"line \d+: authorities are for https"):
        oidc.set_up(CA)


def test_the_command_names_the_reason(inside: Idp, company: tls.Authority, tmp_path: Path) -> None:
    secret, file = tmp_path / "acme.secret", tmp_path / "sso.toml"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    text = [
        'public_address = "https://uptake.acme.example"', "[[provider]]", 'kind = "oidc"', 'id = "acme"',
        'button = "Acme ID"', f'issuer = "{inside.url}"', f'client_id = "{CLIENT}"', 'client_secret_file = "acme.secret"',
    ]  # fmt: skip
    house = House(tmp_path / "home", "http://127.0.0.1:9", {"UPTAKE_SSO_FILE": str(file)})
    file.write_text("\n".join(text))
    file.chmod(0o600)
    done = house.run("sso", "check")
    assert done.returncode == 3
    assert "certificate is not believed: " in done.stderr and "ca_file" in done.stderr
    file.write_text("\n".join([*text, CA]))
    assert sso_file.load(file).authorities == {"acme": str(tmp_path / "company.pem")}
    good = house.run("sso", "check")
    assert good.returncode == 0, good.stderr
