"""Forged, stolen and replayed SAML responses: one row each, all refused, nothing changed, a calm page.

XSW1 to XSW8 are the classic signature wrappings (Somorovsky and others, 2012): a signed assertion is moved aside, an evil
one is read in its place. The control row is not refused.
"""

from __future__ import annotations

import base64
from typing import Any

import pytest
import xmlsec
from django.test import Client

from sso.conftest import Saml, browser, everything, linked, told
from sso.forging import (
    EVIL,
    Forge,
    another_response,
    beside,
    bomb,
    but,
    changed,
    empty_reference,
    encrypted,
    entity_in_name,
    no_status,
    raw,
    response_only,
    signature_changed,
    status_in,
    then,
    twice,
    two_assertions,
    utf16,
    without,
    xsw1,
    xsw2,
    xsw3,
    xsw4,
    xsw5,
    xsw6,
    xsw7,
    xsw8,
)
from sso.idp import certificate_of, rsa_key
from sso.saml_idp import ACS, CERTIFICATE, ISSUER, Said, encoded, response, sign, signed
from uptake.records.models import Account

OTHER = rsa_key()


ROWS: dict[str, tuple[Forge, str]] = {
    "not signed": (response, "not signed"),
    "only the response signed": (response_only, "not signed"),
    "signed by another certificate": (lambda said: signed(said, key=OTHER), "response"),
    "changed after signing": (changed, "response"),
    "XSW1": (xsw1, "shape"),
    "XSW2": (xsw2, "shape"),
    "XSW3": (xsw3, "shape"),
    "XSW4": (xsw4, "shape"),
    "XSW5": (xsw5, "shape"),
    "XSW6": (xsw6, "shape"),
    "XSW7": (xsw7, "shape"),
    "XSW8": (xsw8, "shape"),
    "the signature beside the assertion": (beside, "not signed"),
    "a signature without a target": (empty_reference, "reference"),
    "two signatures": (twice, "not signed"),
    "two signed assertions": (two_assertions, "shape"),
    "SHA-1 signature": (lambda said: signed(said, method=xmlsec.Transform.RSA_SHA1), "algorithm"),
    "SHA-1 digest": (lambda said: signed(said, digest=xmlsec.Transform.SHA1), "algorithm"),
    "HMAC with the certificate as its secret": (
        lambda said: signed(said, method=xmlsec.Transform.HMAC_SHA256, secret=CERTIFICATE.encode()),
        "algorithm",
    ),
    "canonical form with comments": (
        signature_changed(CanonicalizationMethod="http://www.w3.org/2001/10/xml-exc-c14n#WithComments"),
        "algorithm",
    ),
    "an XSLT transform": (signature_changed(Transform="http://www.w3.org/TR/1999/REC-xslt-19991116"), "algorithm"),
    "an XPath transform": (signature_changed(Transform="http://www.w3.org/TR/1999/REC-xpath-19991116"), "algorithm"),
    "a garbled encryption": (encrypted, "shape"),
    "another issuer": (but(issuer="https://evil.example", response_issuer="https://evil.example"), "response"),
    "another issuer of the assertion": (but(issuer="https://evil.example"), "response"),
    "another issuer of the response": (but(response_issuer="https://evil.example"), "response"),
    "another audience": (but(audience="https://another.example/"), "response"),
    "an audience that begins alike": (but(audience="http://localhost/single-sign-on/acme/x"), "response"),
    "no audience": (but(audience=""), "audience"),
    "another recipient": (but(recipient="https://evil.example/acs"), "response"),
    "a recipient that only holds ours": (but(recipient=f"https://evil.example/?{ACS}"), "recipient"),
    "no recipient": (but(recipient=""), "recipient"),
    "another destination": (another_response, "response"),
    "a destination that begins alike": (but(destination=f"{ACS}.evil.example"), "destination"),
    "no destination": (but(destination=""), "destination"),
    "expired": (but(until=then(minutes=-10), not_before=then(minutes=-20)), "response"),
    "expired two minutes ago": (but(until=then(minutes=-2), confirmed_until=then(minutes=5)), "expired"),
    "the confirmation expired": (but(confirmed_until=then(minutes=-10)), "response"),
    "no end": (but(until="", confirmed_until=then(minutes=5)), "time"),
    "no end of the confirmation": (but(confirmed_until=""), "time"),
    "not yet": (but(not_before=then(minutes=10), until=then(minutes=20)), "response"),
    "not for three minutes yet": (but(not_before=then(minutes=3)), "not yet"),
    "issued an hour ago": (but(issued=then(hours=-1)), "too old"),
    "issued tomorrow": (but(issued=then(days=1)), "too old"),
    "the session there has ended": (but(session_until=then(minutes=-5)), "response"),
    "signed in there tomorrow": (but(authenticated=then(days=1)), "expired"),
    "another request": (but(answers="ONELOGIN_another"), "in response to"),
    "no request": (but(answers=""), "in response to"),
    "two requests": (but(confirmed_answers="ONELOGIN_another"), "response"),
    "the confirmation names no request": (but(confirmed_answers=" "), "response"),
    "another confirmation": (but(method="urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"), "response"),
    "sender vouches": (but(method="urn:oasis:names:tc:SAML:2.0:cm:sender-vouches"), "response"),
    "status failed": (status_in, "response"),
    "no status": (no_status, "response"),
    "SAML 1.1": (but(version="1.1"), "response"),
    "no conditions": (without("Conditions"), "response"),
    "no subject": (without("Subject"), "response"),
    "no name": (without("NameID"), "response"),
    "no statement of how": (without("AuthnStatement"), "response"),
    "a transient name": (but(format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient"), "subject"),
    "an address for a name": (
        but(format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress", subject="ada@acme.example"),
        "subject",
    ),
    "an attribute twice": (
        but(extra='<a:Attribute Name="email"><a:AttributeValue>boss@acme.example</a:AttributeValue></a:Attribute>'),
        "response",
    ),
    "elements in the name": (but(subject="p-00u1ada<a:X>.evil</a:X>"), "response"),
    "a comment in the name": (
        raw(lambda text: text.replace(b"p-00u1ada", b"p-00u1ada<!-- -->.evil.example")),
        "markup",
    ),
    "a comment anywhere": (raw(lambda text: text + b"<!-- x -->"), "markup"),
    "CDATA in the name": (raw(lambda text: text.replace(b"p-00u1ada", b"<![CDATA[p-00u1ada]]>")), "markup"),
    "an instruction": (raw(lambda text: text.replace(b"p-00u1ada", b"p-00<?x y?>u1ada")), "markup"),
    "an external entity": (raw(entity_in_name), "markup"),
    "an external DTD": (raw(lambda text: b'<!DOCTYPE x SYSTEM "http://evil.example/x.dtd">' + text), "markup"),
    "a parameter entity": (
        raw(lambda text: b'<!DOCTYPE x [<!ENTITY % e SYSTEM "http://evil.example/x"> %e;]>' + text),
        "markup",
    ),
    "a billion laughs": (raw(bomb), "markup"),
    "UTF-16 to hide a DOCTYPE": (raw(utf16), "encoding"),
    "UTF-7 to hide a DOCTYPE": (
        raw(lambda text: b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE x>' + text),
        "markup",
    ),
    "an undeclared entity": (raw(lambda text: text.replace(b"p-00u1ada", b"&boss;")), "markup"),
    "half a document": (raw(lambda text: text[:-40]), "markup"),
    "not XML": (raw(lambda text: b"hello"), "markup"),
    "another root": (
        raw(lambda text: text.replace(b"p:Response", b"p:ArtifactResponse")),
        "shape",
    ),
    "larger than any response": (raw(lambda text: text + b" " * 400_000), "size"),
}  # fmt: skip


def post(client: Client, root: Any) -> Any:
    """As the provider's page posts it: from elsewhere, so without our cookies; then the browser goes where it is sent."""
    from_elsewhere = browser()
    answer = from_elsewhere.post("/single-sign-on/acme/acs/", {"SAMLResponse": encoded(root)})
    if answer.status_code != 302:
        return answer
    client.cookies["uptake_saml"] = answer.cookies["uptake_saml"].value
    return client.get(answer.headers["Location"])


def expect_refused(page: Any, why: str, before: dict[str, object]) -> None:
    assert told() == ("refused", why)
    assert page.status_code == 400
    assert "could not be accepted. Nobody was signed in and nothing was changed." in page.content.decode()
    assert everything() == before


@pytest.mark.parametrize("row", ROWS)
def test_what_is_forged_is_refused(row: str, saml: Saml, ada: Account) -> None:
    for subject in ("p-00u1ada", EVIL, "ada@acme.example"):
        linked(ada, ISSUER, subject, "saml")
    client, before = browser(), everything()
    forge, why = ROWS[row]
    said = Said(answers=saml.begin(client))
    expect_refused(post(client, forge(said)), why, before)
    assert client.get("/what-we-read/").status_code == 302


def test_the_control_is_not_refused(saml: Saml, ada: Account) -> None:
    linked(ada, ISSUER, "p-00u1ada", "saml")
    client = browser()
    assert post(client, signed(Said(answers=saml.begin(client)))).headers["Location"] == "/"
    assert client.get("/what-we-read/").status_code == 200
    assert told() == ("done", "")


def test_both_signed_is_as_good(saml: Saml, ada: Account) -> None:
    linked(ada, ISSUER, "p-00u1ada", "saml")
    client = browser()
    root = signed(Said(answers=saml.begin(client)))
    sign(root)
    assert post(client, root).headers["Location"] == "/"


@pytest.mark.parametrize("rubbish", ["", "%%%", "AAAA", base64.b64encode(b"\xff\xfe").decode(), "é"])
def test_rubbish_is_refused(rubbish: str, saml: Saml) -> None:
    page = browser().post("/single-sign-on/acme/acs/", {"SAMLResponse": rubbish})
    assert page.status_code == 400
    assert told()[0] == "refused"


def test_a_response_works_once(saml: Saml, ada: Account) -> None:
    linked(ada, ISSUER, "p-00u1ada", "saml")
    client = browser()
    root = signed(Said(answers=saml.begin(client)))
    assert post(client, root).status_code == 302
    client.post("/accounts/logout/")
    expect_refused(post(client, root), "in response to", everything())


def test_a_response_is_for_the_browser_that_began(saml: Saml, ada: Account) -> None:
    """Sign-in forgery: the attacker's own response, brought into the browser of somebody else."""
    linked(ada, ISSUER, "p-00u1ada", "saml")
    theirs, mine = browser(), browser()
    root = signed(Said(answers=saml.begin(theirs)))
    saml.begin(mine)
    expect_refused(post(mine, root), "in response to", everything())


def test_unasked_responses_are_refused_unless_switched_on_and_then_work_once(saml: Saml, ada: Account) -> None:
    linked(ada, ISSUER, "p-00u1ada", "saml")
    root = signed(Said())
    expect_refused(post(browser(), root), "in response to", everything())
    saml.set_up("idp_initiated = true")
    client = browser()
    assert post(client, root).headers["Location"] == "/"
    assert client.get("/what-we-read/").status_code == 200
    client.post("/accounts/logout/")
    expect_refused(post(browser(), root), "replay", everything())


@pytest.mark.parametrize("change", ["", "x", "made:up:token"])
def test_what_the_browser_carries_is_sealed(change: str, saml: Saml, ada: Account) -> None:
    linked(ada, ISSUER, "p-00u1ada", "saml")
    client = browser()
    answer = browser().post(
        "/single-sign-on/acme/acs/", {"SAMLResponse": encoded(signed(Said(answers=saml.begin(client))))}
    )
    value = answer.cookies["uptake_saml"].value
    client.cookies["uptake_saml"] = change if len(change) != 1 else value[:-1] + ("A" if value[-1] != "A" else "B")
    expect_refused(client.get("/single-sign-on/acme/finish/"), "carried", everything())
    cookie = answer.cookies["uptake_saml"]
    assert cookie["httponly"]
    assert cookie["path"] == "/single-sign-on/acme/finish/"


def test_a_second_certificate_is_as_good_as_the_first(saml: Saml, ada: Account) -> None:
    linked(ada, ISSUER, "p-00u1ada", "saml")
    saml.set_up(certificates=certificate_of(OTHER) + CERTIFICATE)
    client = browser()
    assert post(client, signed(Said(answers=saml.begin(client)))).headers["Location"] == "/"
