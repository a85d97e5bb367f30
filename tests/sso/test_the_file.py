"""The host's file of identity providers: what is wrong with it is said with its line, and nothing starts with it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from house import House
from sso import saml_idp
from sso.idp import CLIENT, SECRET, Idp, certificate_of, rsa_key
from uptake.domain.identity_providers import Oidc, SingleSignOn, parse
from uptake.domain.problems import Problem
from uptake.site import sso_file

TOP = 'public_address = "https://uptake.acme.example"'
OIDC = """[[provider]]
kind = "oidc"
id = "okta"
button = "Okta"
issuer = "https://acme.okta.example"
client_id = "0oa1"
client_secret_file = "okta.secret"
"""
SAML = """[[provider]]
kind = "saml"
id = "entra"
button = "Entra ID"
issuer = "https://sts.windows.example/1/"
sign_in_url = "https://login.windows.example/saml2"
certificate_file = "entra.pem"
"""
WHOLE = f"{TOP}\n\n{OIDC}\n{SAML}"


def test_a_file_with_one_of_each() -> None:
    file = parse(WHOLE, "sso.toml")
    okta, entra = file.provider
    assert isinstance(okta, Oidc)
    assert (okta.algorithms, okta.link_by_email, okta.unknown_people) == (("RS256", "ES256"), False, "refuse")
    assert (entra.kind, entra.otherwise, entra.roles) == ("saml", "refuse", ())


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        ((TOP, ""), 1, "public_address"),
        ((TOP, 'public_address = "http://uptake.acme.example"'), 1, "address people open"),
        ((TOP, 'public_address = "https://uptake.acme.example/sub"'), 1, "without a path"),
        ((TOP, f"{TOP}\npassword = 7"), 2, "unknown field"),
        ((TOP, "public_address = "), 1, "not TOML"),
        (('kind = "oidc"', 'kind = "oauth"'), 4, "oauth"),
        (('kind = "oidc"\n', ""), 3, "kind"),
        (('id = "okta"', 'id = "Okta!"'), 5, "regex"),
        (('id = "okta"', 'id = "entra"'), 13, "id already"),
        (('client_id = "0oa1"', "client_id = 7"), 8, "str"),
        (('client_id = "0oa1"\n', ""), 3, "client_id"),
        (('client_id = "0oa1"', 'client_id = "0oa1"\nsecret = "x"'), 9, "secret"),
        (('issuer = "https://acme.okta', 'issuer = "http://acme.okta'), 7, "https"),
        (('okta.example"', 'okta.example?x=1"'), 7, "query"),
        (('okta.example"', 'okta.example#x"'), 7, "query"),
        (('client_id = "0oa1"', 'client_id = "0oa1"\nalgorithms = ["HS256"]'), 9, "HS256"),
        (('client_id = "0oa1"', 'client_id = "0oa1"\nalgorithms = ["none"]'), 9, "none"),
        (('client_id = "0oa1"', 'client_id = "0oa1"\nalgorithms = []'), 9, "length"),
        (('client_id = "0oa1"', 'client_id = "0oa1"\nroles = [{ group = "x", role = "root" }]'), 9, "root"),
        (('client_id = "0oa1"', 'client_id = "0oa1"\nlink_by_email = true'), 3, "domains"),
        (('client_id = "0oa1"', 'client_id = "0oa1"\nunknown_people = "employee"'), 3, "domains"),
        (('client_id = "0oa1"', 'client_id = "0oa1"\nemail_domains = ["@acme"]'), 9, "regex"),
        (('sign_in_url = "https', 'sign_in_url = "http'), 16, "https"),
        (('certificate_file = "entra.pem"\n', ""), 16, "belong together"),
        (('certificate_file', 'metadata_file'), 17, "either"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(change: tuple[str, str], line: int, words: str) -> None:
    before, after = change
    assert before in WHOLE
    with pytest.raises(Problem) as found:
        parse(WHOLE.replace(before, after, 1), "sso.toml")
    assert re.match(rf"sso\.toml, line {line}: ", found.value.message), found.value.message
    assert words in found.value.message
    assert "nothing was started or changed" in found.value.message


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("sso.toml", WHOLE), ("okta.secret", f"{SECRET}\n"), ("entra.pem", saml_idp.CERTIFICATE)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o600)
    return tmp_path


def test_the_file_with_what_it_names(folder: Path) -> None:
    found = sso_file.load(folder / "sso.toml")
    assert found.secrets["okta"].expose() == SECRET
    assert found.saml["entra"].certificates == (saml_idp.CERTIFICATE,)
    assert SECRET not in repr(found)
    assert sso_file.load(None) == SingleSignOn()


@pytest.mark.parametrize(
    ("name", "mode", "words"),
    [
        ("sso.toml", 0o620, "written by others"),
        ("sso.toml", 0o602, "written by others"),
        ("okta.secret", 0o640, "read by others"),
        ("okta.secret", 0o604, "read by others"),
        ("entra.pem", 0o646, "written by others"),
    ],
)
def test_files_that_others_may_touch_are_refused(name: str, mode: int, words: str, folder: Path) -> None:
    (folder / name).chmod(mode)
    with pytest.raises(Problem, match=words):
        sso_file.load(folder / "sso.toml")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("okta.secret", ""),
        ("okta.secret", "two\nlines"),
        ("entra.pem", "no certificate"),
        ("entra.pem", certificate_of(rsa_key(1024))),
        ("sso.toml", "\udcff"),
    ],
)
def test_files_that_hold_something_else_are_refused(name: str, text: str, folder: Path) -> None:
    (folder / name).write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(Problem) as found:
        sso_file.load(folder / "sso.toml")
    assert "nothing was started or changed" in found.value.message
    assert SECRET not in str(found.value)


@pytest.mark.parametrize("name", ["sso.toml", "okta.secret", "entra.pem"])
def test_files_that_are_not_there_are_named(name: str, folder: Path) -> None:
    (folder / name).unlink()
    with pytest.raises(Problem, match=name):
        sso_file.load(folder / "sso.toml")


METADATA = """<?xml version="1.0"?><md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{issuer}">
<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="signing">
<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>{body}</ds:X509Certificate>
</ds:X509Data></ds:KeyInfo></md:KeyDescriptor><md:SingleSignOnService
Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://login.windows.example/saml2"/>
</md:IDPSSODescriptor></md:EntityDescriptor>"""


def test_metadata_in_the_place_of_address_and_certificate(folder: Path) -> None:
    text = WHOLE.replace('sign_in_url = "https://login.windows.example/saml2"\n', "")
    (folder / "sso.toml").write_text(text.replace('certificate_file = "entra.pem"', 'metadata_file = "entra.xml"'))
    body = "".join(saml_idp.CERTIFICATE.splitlines()[1:-1])
    (folder / "entra.xml").write_text(METADATA.format(issuer="https://sts.windows.example/1/", body=body))
    (folder / "entra.xml").chmod(0o600)
    side = sso_file.load(folder / "sso.toml").saml["entra"]
    assert side.sign_in_url == "https://login.windows.example/saml2"
    assert side.certificates == (saml_idp.CERTIFICATE,)
    for wrong in (METADATA.format(issuer="https://evil.example", body=body), "<x/>", "hello"):
        (folder / "entra.xml").write_text(wrong)
        with pytest.raises(Problem, match=r"entra\.xml"):
            sso_file.load(folder / "sso.toml")


def test_a_bad_file_stops_the_start_and_a_good_one_is_looked_at_by_command(folder: Path) -> None:
    house = House(folder / "home", "http://127.0.0.1:9", {"UPTAKE_SSO_FILE": str(folder / "sso.toml")})
    (folder / "sso.toml").write_text(WHOLE.replace("button", "knob", 1))
    for command in (("status",), ("sso", "check")):
        done = house.run(*command)
        assert done.returncode in {2, 3}  # 3 is what status says of whatever needs a look
        assert "sso.toml, line 6: " in done.stderr
        assert "Traceback" not in done.stderr
    with Idp() as idp:
        (folder / "sso.toml").write_text(WHOLE.replace("https://acme.okta.example", idp.url).replace("0oa1", CLIENT))
        good = house.run("sso", "check")
        assert good.returncode == 0, good.stderr
        assert "Redirect URI: https://uptake.acme.example/single-sign-on/okta/callback/" in good.stdout
        assert "https://uptake.acme.example/single-sign-on/entra/acs/" in good.stdout
    away = house.run("sso", "check")
    assert away.returncode == 3
    assert "does not answer" in away.stderr
    assert SECRET not in json.dumps([good.stdout, good.stderr, away.stdout, away.stderr])
    assert SECRET.encode() not in b"".join(path.read_bytes() for path in (folder / "home").rglob("*") if path.is_file())
