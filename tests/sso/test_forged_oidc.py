"""Forged, stolen and replayed answers by OpenID Connect: one row each, all refused, nothing changed, a calm page.

The rows are signed by a real provider's key wherever that is what an attacker could have; the control row is not refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from sso.conftest import Oidc, browser, everything, linked, told
from sso.idp import Idp, Person, jwk_of, sign
from sso.twisting import (
    EC,
    HOUR,
    NOW,
    OTHER,
    Row,
    answer,
    back,
    both,
    by_hmac,
    claims,
    header,
    keys,
    metadata,
    public,
    raw_answer,
    redirected,
    small,
    tampered,
    token,
    unsigned,
)
from uptake.records.models import Account

TOKENS: dict[str, Row] = {
    "alg none": (token(lambda old, new, idp: unsigned(old, new)), "algorithm"),
    "alg None with a signature": (header(alg="None"), "algorithm"),
    "HS256 with the public key as its secret": (
        token(lambda old, new, idp: by_hmac(old, new, public(idp.key))),
        "algorithm",
    ),
    "HS256 with the client secret": (
        token(lambda old, new, idp: by_hmac(old, new, b"a client secret of the tests")),
        "algorithm",
    ),
    "another algorithm than the file allows": (
        token(lambda old, new, idp: sign(new, idp.key, old, "RS512")),
        "algorithm",
    ),
    "signed by another key": (token(lambda old, new, idp: sign(new, OTHER, old)), "signature"),
    "signed by another key that the token brings along": (
        token(lambda old, new, idp: sign(new, OTHER, old | {"jwk": jwk_of(OTHER, "first")})),
        "signature",
    ),
    "a key at an address of the token's": (
        token(lambda old, new, idp: sign(new, OTHER, old | {"jku": f"{idp.url}/evil", "kid": "evil"})),
        "key",
    ),
    "another kid": (header(kid="second"), "key"),
    "two keys of the same kid": (lambda idp: keys(jwk_of(idp.key, "first"), jwk_of(OTHER, "first"))(idp), "key"),
    "no kid among two keys": (
        lambda idp: both(
            keys(jwk_of(idp.key, "first"), jwk_of(OTHER, "second")),
            token(lambda old, new, idp: sign(new, idp.key)),
        )(idp),
        "key",
    ),
    "a key that is for encryption": (lambda idp: keys(jwk_of(idp.key, "first") | {"use": "enc"})(idp), "key"),
    "a key of another algorithm": (lambda idp: keys(jwk_of(idp.key, "first", alg="RS512"))(idp), "key"),
    "an EC key for an RSA token": (keys(jwk_of(EC, "first")), "key"),
    "a key of 1024 bits": (small(), "key"),
    "no keys at all": (lambda idp: setattr(idp, "jwks", dict), "key"),
    "a critical header that nobody knows": (header(crit=["exp"], exp=1), "token"),
    "an access token in the place of the ID token": (header(typ="at+jwt"), "header"),
    "a logout token": (header(typ="logout+jwt"), "header"),
    "another issuer": (claims(iss="https://evil.example"), "issuer"),
    "issuer with a slash more": (lambda idp: claims(iss=f"{idp.url}/")(idp), "issuer"),
    "no issuer": (claims(iss=None), "claim missing"),
    "the ID token of another client": (claims(aud="another-client"), "audience"),
    "no audience": (claims(aud=None), "claim missing"),
    "ours among the audiences, for another party": (claims(aud=["uptake-client", "x"], azp="x"), "authorised party"),
    "several audiences, no party": (claims(aud=["uptake-client", "x"]), "authorised party"),
    "one audience, another party": (claims(azp="x"), "authorised party"),
    "another nonce": (claims(nonce="stolen from another sign-in"), "nonce"),
    "no nonce": (claims(nonce=None), "claim missing"),
    "an empty nonce": (claims(nonce=""), "nonce"),
    "expired": (claims(exp=NOW - HOUR, iat=NOW - 2 * HOUR), "expired"),
    "no expiry": (claims(exp=None), "claim missing"),
    "issued tomorrow": (claims(iat=NOW + 24 * HOUR, exp=NOW + 25 * HOUR), "not yet"),
    "issued an hour ago": (claims(iat=NOW - HOUR, exp=NOW + HOUR), "too old"),
    "no time of issue": (claims(iat=None), "claim missing"),
    "not before tomorrow": (claims(nbf=NOW + 24 * HOUR), "not yet"),
    "no subject": (claims(sub=None), "claim missing"),
    "an empty subject": (claims(sub=""), "subject"),
    "a subject of 256 letters": (claims(sub="x" * 256), "subject"),
    "a subject with a control character": (claims(sub="00u1ada\x00"), "subject"),
    "a subject that is a number": (claims(sub=7), "token"),
    "the access token of somebody else": (answer(access_token="stolen"), "access token"),
    "claims changed after signing": (token(tampered), "signature"),
    "no ID token": (answer(id_token=None), "no token"),
    "an ID token that is a list": (answer(id_token=["x"]), "no token"),
    "rubbish for an ID token": (answer(id_token="a.b.c"), "token"),
    "an ID token of a megabyte": (answer(id_token="a" * 300_000), "no token"),
    "no access token": (answer(access_token=None), "answer"),
    "another kind of token": (answer(token_type="mac"), "answer"),
    "an answer that is no JSON": (raw_answer(b"access_token=x&id_token=y"), "answer"),
    "an answer that is a list": (raw_answer(b"[]"), "answer"),
    "an answer nested 100,000 deep": (raw_answer(b"[" * 100_000), "answer"),
    "an answer of a megabyte": (raw_answer(b'{"x": "' + b"a" * 1024 * 1024 + b'"}'), "exchange"),
    "the token endpoint sends us on": (redirected, "exchange"),
    "a code that the provider does not know": (back(code="made-up"), "answer"),
    "no code": (back(code=None), "cancelled"),
    "the person said no": (back(code=None, error="access_denied"), "cancelled"),
    "an error beside a code": (back(error="server_error"), "cancelled"),
    "no state": (back(state=None), "state"),
    "a made-up state": (back(state="a" * 16), "state"),
    "another issuer on the way back": (back(iss="https://evil.example"), "issuer"),
    "an issuer that was promised and does not come": (
        metadata(authorization_response_iss_parameter_supported=True),
        "issuer",
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", TOKENS)
def test_what_is_forged_is_refused(row: str, oidc: Oidc, ada: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    linked(ada, oidc.idp.url)
    monkeypatch.setattr(oidc.idp, "jwks", oidc.idp.jwks)  # put back afterwards, whatever the row made of it
    client, before = browser(), everything()
    twist, why = TOKENS[row]
    twist(oidc.idp)
    expect_refused(client, oidc.walk(client), why, before)


def expect_refused(client: Any, address: str, why: str, before: dict[str, object]) -> None:
    page = client.get(address)
    assert told() == ("refused", why)
    assert page.status_code == 400
    assert "could not be accepted. Nobody was signed in and nothing was changed." in page.content.decode()
    assert everything() == before
    assert client.get("/what-we-read/").status_code == 302


def test_the_control_is_not_refused(oidc: Oidc, ada: Account) -> None:
    linked(ada, oidc.idp.url)
    client = browser()
    assert client.get(oidc.walk(client)).headers["Location"] == "/"
    assert client.get("/what-we-read/").status_code == 200
    assert told() == ("done", "")


ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
DISCOVERY: dict[str, Callable[[Idp], None]] = {
    "another issuer": metadata(issuer="https://evil.example"),
    "no issuer": metadata(issuer=None),
    **{f"{name} elsewhere": metadata(**{name: "https://evil.example/x"}) for name in ENDPOINTS},
    **{f"{name} on another port": metadata(**{name: "http://127.0.0.1:9/x"}) for name in ENDPOINTS},
    "jwks in a file": metadata(jwks_uri="file:///etc/passwd"),
    "an address that is a number": metadata(token_endpoint=7),
    "a name before the host": metadata(authorization_endpoint="http://127.0.0.1@evil.example/x"),
}


@pytest.mark.parametrize("row", DISCOVERY)
def test_a_provider_that_points_elsewhere_is_not_gone_to(row: str, oidc: Oidc, ada: Account) -> None:
    DISCOVERY[row](oidc.idp)
    before = everything()
    page = browser().post("/single-sign-on/acme/")
    assert page.status_code == 400
    assert told()[0] == "refused"
    assert everything() == before
    assert "POST /token" not in oidc.idp.asked[-1:]


def test_an_answer_works_once(oidc: Oidc, ada: Account) -> None:
    linked(ada, oidc.idp.url)
    client = browser()
    address = oidc.walk(client)
    assert client.get(address).status_code == 302
    client.post("/accounts/logout/")
    expect_refused(client, address, "state", everything())


def test_an_answer_is_for_the_browser_that_began(oidc: Oidc, ada: Account) -> None:
    linked(ada, oidc.idp.url)
    theirs, mine = browser(), browser()
    address = oidc.walk(theirs)
    oidc.begin(mine)
    expect_refused(mine, address, "state", everything())


def test_the_nonce_holds_even_where_a_state_is_played_again(oidc: Oidc, ada: Account) -> None:
    """Two answers at once could both find the state; the nonce is used up in the database."""
    linked(ada, oidc.idp.url)
    client = browser()
    address = oidc.walk(client)
    states = dict(client.session["socialaccount_states"])
    assert client.get(address).status_code == 302
    other = browser()
    other.get("/accounts/login/")
    session = other.session
    session["socialaccount_states"] = states
    session.save()
    code = parse_qs(urlsplit(address).query)["code"][0]
    oidc.idp.granted[code].used = False
    expect_refused(other, address, "replay", everything())


def test_the_code_of_one_provider_is_not_taken_to_another(oidc: Oidc, ada: Account) -> None:
    """Mix-up: the answer of the honest provider, brought to the address of a second one that an attacker runs."""
    linked(ada, oidc.idp.url)
    with Idp() as evil:
        text = (
            oidc.path.read_text()
            + "\n"
            + oidc.path.read_text()
            .partition("[[provider]]")[2]
            .join(("[[provider]]", ""))
            .replace('"acme"', '"evil"')
            .replace(oidc.idp.url, evil.url)
        )
        oidc.path.write_text(text)
        from uptake.site import sso_file

        oidc.settings.UPTAKE_SSO = sso_file.load(oidc.path)
        client = browser()
        address = oidc.walk(client).replace("/acme/", "/evil/")
        expect_refused(client, address, "state", everything())
        assert evil.asked == []


def test_without_the_verifier_a_stolen_code_is_worth_nothing(oidc: Oidc, ada: Account) -> None:
    """PKCE and nonce: the code of the victim's sign-in, injected into the attacker's own."""
    linked(ada, oidc.idp.url)
    victim, attacker = browser(), browser()
    stolen = parse_qs(urlsplit(oidc.walk(victim)).query)["code"][0]
    own = {name: values[0] for name, values in parse_qs(urlsplit(oidc.walk(attacker)).query).items()}
    address = f"/single-sign-on/acme/callback/?{urlencode(own | {'code': stolen})}"
    expect_refused(attacker, address, "answer", everything())


def test_userinfo_of_somebody_else_is_refused(oidc: Oidc, ada: Account) -> None:
    oidc.set_up("userinfo = true")
    linked(ada, oidc.idp.url)
    client = browser()
    assert client.get(oidc.walk(client)).status_code == 302
    oidc.idp.twist_userinfo = lambda old: old | {"sub": "00u2boss"}
    client = browser()
    expect_refused(client, oidc.walk(client), "subject", everything())


PEOPLE: dict[str, Person] = {
    "an address that is not verified": Person(sub="new", email_verified=False),
    "verified by a word": Person(sub="new", email_verified="true"),
    "an address of another domain": Person(sub="new", email="ada@evil.example"),
    "a domain that only ends alike": Person(sub="new", email="ada@acme.example.evil.example"),
    "two signs": Person(sub="new", email="ada@evil.example@acme.example"),
    "no address": Person(sub="new", email=""),
}


@pytest.mark.parametrize("row", PEOPLE)
def test_an_address_opens_nothing_by_itself(row: str, oidc: Oidc, ada: Account) -> None:
    oidc.set_up("link_by_email = true")
    oidc.idp.person = PEOPLE[row]
    client, before = browser(), everything()
    page = client.get(oidc.walk(client))
    assert page.status_code == 400
    assert told() == ("refused", "account")
    assert everything() == before


AWAY = ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "http:evil.example"]


@pytest.mark.parametrize("away", AWAY)
def test_signing_in_never_leads_elsewhere(away: str, oidc: Oidc, ada: Account) -> None:
    linked(ada, oidc.idp.url)
    client = browser()
    assert client.get(oidc.walk(client, next=away)).headers["Location"] == "/"


def test_nothing_of_the_request_reaches_the_provider(oidc: Oidc) -> None:
    """allauth takes scope and further parameters from the address; here they are ours alone."""
    page = browser().post("/single-sign-on/acme/?scope=offline_access&auth_params=login_hint%3Dboss&process=connect")
    query = parse_qs(urlsplit(page.headers["Refresh"]).query)
    assert set(query["scope"][0].split()) == {"openid", "email", "profile"}
    assert query["code_challenge_method"] == ["S256"]
    assert set(query) == {
        "client_id", "redirect_uri", "scope", "response_type", "state", "nonce", "code_challenge", "code_challenge_method"
    }  # fmt: skip


def test_a_link_does_not_begin_a_sign_in(oidc: Oidc) -> None:
    assert browser().get("/single-sign-on/acme/").status_code == 405
