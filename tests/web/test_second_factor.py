"""Second factors: added, asked for at sign-in and before what matters, lost and found again; their secrets sealed."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from urllib.parse import unquote

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings as DjangoSettings

from tests.web import company
from tests.web.authenticator import Passkey, totp
from tests.web.conftest import SignedIn
from uptake.actions import accounts, master_key, second_factors
from uptake.config import Settings
from uptake.domain.access import OPERATOR
from uptake.domain.problems import Problem
from uptake.records import factors
from uptake.records.masters import Sealed
from uptake.records.models import Account, AuditEntry, WebSession

ADA, EMIL = "ada@acme.example", "emil@acme.example"
APP, PASSKEY, REMOVE, CODES = (f"/account/second-factor/{name}/" for name in ("app", "passkey", "remove", "codes"))
LOGIN, STEP, ALONE, CONFIRM = "/accounts/login/", "/accounts/second-factor/", "/accounts/passkey/", "/account/confirm/"


@pytest.fixture(autouse=True)
def calm(db: None, home: Settings) -> None:
    cache.clear()


def visitor() -> Client:
    return Client(headers={"host": "localhost"})


def browser(email: str = ADA) -> Client:
    """After the password."""
    client = visitor()
    client.post(LOGIN, {"login": email, "password": company.PASSWORD})
    return client


def inside(client: Client) -> bool:
    return client.get("/what-we-read/").status_code == 200


def shown(page: str) -> str:
    return re.findall(r'<code class="spelled">([A-Z2-7 ]+)</code>', page)[0].replace(" ", "")


def with_app(email: str = ADA) -> tuple[str, list[str]]:
    """Somebody with a password adds an app: its secret, and the recovery codes."""
    company.account(email, company.PASSWORD)
    client = browser(email)
    secret = shown(client.get(APP).content.decode())
    return secret, codes_of(client.post(APP, {"code": totp(secret, time.time() - 30)}).content.decode())


def codes_of(page: str) -> list[str]:
    return re.findall(r"\b\d{4} \d{4}\b", page)


def options_of(client: Client, address: str) -> dict[str, object]:
    page = client.get(address).content.decode()
    return dict(json.loads(unescape(re.findall(r'data-options="([^"]+)"', page)[0])))


def with_passkey(client: Client, key: Passkey) -> list[str]:
    answer = client.post(PASSKEY, {"name": "Laptop", "credential": json.dumps(key.create(options_of(client, PASSKEY)))})
    assert answer.status_code in {200, 302}, answer.content.decode()
    return codes_of(answer.content.decode())


def told(action: str = "account.sign_in") -> list[tuple[str, object]]:
    rows = AuditEntry.objects.filter(action=action).order_by("pk")
    return [(row.outcome, row.details.get("by", row.details.get("kind"))) for row in rows]


def test_a_code_of_the_app_is_asked_for_after_the_password() -> None:
    secret, codes = with_app()
    assert len(set(codes)) == 10
    client = visitor()
    first = client.post(LOGIN, {"login": ADA, "password": company.PASSWORD})
    assert first.headers["Location"] == STEP
    assert not inside(client)
    assert b'name="code"' in client.get(STEP).content
    assert client.post(STEP, {"code": "000000"}).status_code == 200
    assert not inside(client)
    assert client.post(STEP, {"code": totp(secret, time.time())}).headers["Location"] == "/"
    assert inside(client)
    assert told()[1:] == [
        ("second factor asked", "password"), ("refused", "second factor"), ("done", "password, authenticator app"),
    ]  # fmt: skip
    assert told("second_factor.add") == [("done", "authenticator app")]


def test_its_secret_is_nowhere_in_clear() -> None:
    company.account(ADA, company.PASSWORD)
    client = browser()
    secret = shown(client.get(APP).content.decode())
    assert secret not in str(dict(client.session.items()))
    codes = codes_of(client.post(APP, {"code": totp(secret, time.time())}).content.decode())
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {table}")
            held = str(cursor.fetchall())
            assert secret not in held, table
            assert not [code for code in codes if code in held or code.replace(" ", "") in held], table
    assert "secret" in Authenticator.objects.get(type="totp").data
    assert secret not in client.get("/account/").content.decode()


def test_a_code_is_good_once_and_none_before_it(now: datetime) -> None:
    with_app()
    account = Account.objects.get()
    secret = factors.unseal(Authenticator.objects.get(type="totp").data["secret"])
    later = now + timedelta(minutes=5)
    code, before = totp(secret, later.timestamp()), totp(secret, later.timestamp() - 30)
    assert second_factors.accept(account, code, later)
    assert not second_factors.accept(account, code, later)
    assert not second_factors.accept(account, before, later)
    assert not second_factors.accept(account, code, later + timedelta(seconds=20))
    assert second_factors.accept(account, totp(secret, later.timestamp() + 30), later + timedelta(seconds=30))


def test_a_clock_may_be_one_period_off(now: datetime) -> None:
    with_app()
    secret = factors.unseal(Authenticator.objects.get(type="totp").data["secret"])
    for turn, (off, good) in enumerate(((-60, False), (-30, True), (0, True), (30, True), (60, False))):
        later = now + timedelta(minutes=5 + 5 * turn)
        code = totp(secret, later.timestamp() + off)
        assert bool(second_factors.accept(Account.objects.get(), code, later)) is good, off


def test_what_is_no_code_is_refused() -> None:
    with_app()
    client = browser()
    for code in ("", " ", "000000", "12345", "１２３４５６", "x" * 5000, "\0", "-1"):
        cache.clear()
        assert client.post(STEP, {"code": code}).status_code == 200
        assert not inside(client)


def test_guessing_is_slowed_down_for_the_right_code_too() -> None:
    secret, _ = with_app()
    client = browser()
    for guess in range(6):
        client.post(STEP, {"code": f"{guess:06}"})
    assert b"Too many" in client.post(STEP, {"code": totp(secret, time.time() + 30)}).content
    assert not inside(client)


def test_a_recovery_code_lets_in_once() -> None:
    _, codes = with_app()
    client = browser()
    assert client.post(STEP, {"code": codes[3]}).headers["Location"] == "/"
    assert b"9 of 10 left" in client.get("/account/").content
    again = browser()
    again.post(STEP, {"code": codes[3]})
    assert not inside(again)


def test_new_codes_take_the_place_of_those_before() -> None:
    _, old = with_app()
    client = browser()
    client.post(STEP, {"code": old[0]})
    new = codes_of(client.post(CODES).content.decode())
    assert len(new) == 10
    assert not set(new) & set(old)
    for code, good in ((old[1], False), (new[1], True)):
        other = browser()
        other.post(STEP, {"code": code})
        assert inside(other) is good
    assert told("second_factor.codes") == [("done", None)]


def test_a_link_is_followed_by_the_second_factor(now: datetime) -> None:
    secret, _ = with_app()
    client = visitor()
    assert client.post(accounts.create_sign_in_link(OPERATOR, email=ADA, now=now)).headers["Location"] == STEP
    assert not inside(client)
    client.post(STEP, {"code": totp(secret, time.time())})
    assert inside(client)
    assert told()[1:] == [("second factor asked", "link"), ("done", "link, authenticator app")]


def test_the_first_one_signs_out_everywhere_else() -> None:
    company.account(ADA, company.PASSWORD)
    other, here = browser(), browser()
    secret = shown(here.get(APP).content.decode())
    here.post(APP, {"code": totp(secret, time.time())})
    assert (inside(here), inside(other)) == (True, False)


def test_adding_one_asks_for_the_password_again() -> None:
    company.account(ADA, company.PASSWORD)
    client = browser()
    session = client.session
    session["confirmed_at"] = 0
    session.save()
    for address in (APP, PASSKEY):
        assert client.get(address).headers["Location"].startswith(CONFIRM)
    for address in (REMOVE, CODES):
        assert client.post(address).headers["Location"].startswith(CONFIRM)


def test_before_what_matters_a_second_factor_does_as_well_as_the_password() -> None:
    secret, codes = with_app()
    client = browser()
    client.post(STEP, {"code": codes[0]})
    for proof in ({"code": totp(secret, time.time())}, {"code": codes[1]}, {"password": company.PASSWORD}):
        session = client.session
        session["confirmed_at"] = 0
        session.save()
        assert client.get(APP).status_code == 302
        assert client.post(CONFIRM, {"code": "000000", "next": "/account/"}).status_code == 400
        assert client.post(CONFIRM, {"password": "", "next": "/account/"}).status_code == 400
        assert client.post(CONFIRM, {**proof, "next": "/account/"}).headers["Location"] == "/account/"
        assert client.get(PASSKEY).status_code == 200


def test_who_has_nothing_yet_adds_the_first_one_and_needs_no_password(signed_in: SignedIn) -> None:
    client = signed_in(EMIL, confirmed=False)
    key = Passkey()
    assert len(with_passkey(client, key)) == 10
    session = client.session
    session["confirmed_at"] = 0
    session.save()
    page = client.get(f"{CONFIRM}?next=/account/").content.decode()
    assert "Confirm with a passkey" in page
    assert "New password" not in page
    assert client.get(APP).status_code == 302
    assert client.post(CONFIRM, {"password": "", "next": APP}).status_code == 400
    assert client.post(CONFIRM, {"new": "x" * 20, "again": "x" * 20, "next": APP}).status_code == 400
    answer = json.dumps(key.get(options_of(client, CONFIRM)))
    assert client.post(CONFIRM, {"credential": answer, "next": APP}).headers["Location"] == APP
    assert client.get(APP).status_code == 200


def test_a_passkey_is_the_second_step_and_signs_in_alone() -> None:
    company.account(ADA, company.PASSWORD)
    key = Passkey()
    with_passkey(browser(), key)
    client = browser()
    answer = json.dumps(key.get(options_of(client, STEP)))
    assert client.post(STEP, {"credential": answer}).headers["Location"] == "/"
    assert inside(client)
    alone = visitor()
    asked = alone.get(ALONE, headers={"accept": "application/json"}).json()["request_options"]
    answer = json.dumps(key.get(asked))
    assert alone.post(ALONE, {"credential": answer}).headers["Location"] == "/"
    assert inside(alone)
    assert told()[-1] == ("done", "passkey")
    alone.post("/accounts/logout/")
    assert alone.post(ALONE, {"credential": answer}).headers["Location"] == LOGIN  # the same answer again
    assert not inside(alone)


def test_a_passkey_of_elsewhere_or_not_unlocked_signs_nobody_in() -> None:
    company.account(ADA, company.PASSWORD)
    good = Passkey()
    with_passkey(browser(), good)
    wrongs = ({"origin": "https://localhost.evil.example"}, {"origin": "http://evil.example"}, {"site": "evil.example"},
              {"verified": False})  # fmt: skip
    for wrong in wrongs:
        client = visitor()
        asked = client.get(ALONE, headers={"accept": "application/json"}).json()["request_options"]
        client.post(ALONE, {"credential": json.dumps(replace(good, **wrong).get(asked))})
        assert not inside(client), wrong


def test_a_passkey_of_somebody_else_is_none_of_ours() -> None:
    for email in (ADA, EMIL):
        company.account(email, company.PASSWORD)
    with_passkey(browser(), Passkey())
    theirs = Passkey()
    with_passkey(browser(EMIL), theirs)
    client = browser()
    client.post(STEP, {"credential": json.dumps(theirs.get(options_of(client, STEP)))})
    assert not inside(client)
    ada = str(Account.objects.get(email=ADA).pk).encode()
    alone = visitor()
    asked = alone.get(ALONE, headers={"accept": "application/json"}).json()["request_options"]
    theirs.handle = ada
    alone.post(ALONE, {"credential": json.dumps(theirs.get(asked))})
    assert not inside(alone)


def oddities() -> list[str]:
    good = Passkey(handle=b"1").get({"publicKey": {"challenge": "AAAA"}})
    return [
        "", "null", "[]", "1", '"x"', "{}", "{", json.dumps({**good, "rawId": "AAAA"}), json.dumps({**good, "id": 7}),
        json.dumps({**good, "response": None}), json.dumps({**good, "response": {"userHandle": "MQ"}}),
        json.dumps({**good, "response": {**good["response"], "authenticatorData": "AAAA"}}),
        json.dumps({**good, "response": {**good["response"], "clientDataJSON": "AAAA"}}),
        json.dumps({**good, "response": {**good["response"], "userHandle": "_-"}}),
        json.dumps({**good, "response": {**good["response"], "attestationObject": "_____w"}}),
        json.dumps(good),
    ]  # fmt: skip


def test_whatever_a_browser_sends_as_passkey_is_refused() -> None:
    company.account(ADA, company.PASSWORD)
    client = browser()
    with_passkey(client, Passkey())
    second, alone = browser(), visitor()
    for credential in oddities():
        cache.clear()  # how often is another test
        client.get(PASSKEY)
        assert client.post(PASSKEY, {"name": "x", "credential": credential}).status_code == 400, credential
        client.get(CONFIRM)
        assert client.post(CONFIRM, {"credential": credential, "next": "/"}).status_code == 400, credential
        second.get(STEP)
        assert second.post(STEP, {"credential": credential}).status_code == 200, credential
        alone.get(ALONE, headers={"accept": "application/json"})
        assert alone.post(ALONE, {"credential": credential}).headers["Location"] == LOGIN, credential
    assert not inside(second)
    assert not inside(alone)
    assert Authenticator.objects.filter(type="webauthn").count() == 1


def test_a_made_passkey_must_be_unlocked_and_for_what_was_asked() -> None:
    company.account(ADA, company.PASSWORD)
    client = browser()
    asked = options_of(client, PASSKEY)
    locked = json.dumps(Passkey(verified=False).create(asked))
    assert client.post(PASSKEY, {"name": "x", "credential": locked}).status_code == 400
    late = json.dumps(Passkey().create(asked))  # what was asked holds for one answer
    client.session.save()
    client.get("/account/")
    other = browser()
    assert other.post(PASSKEY, {"name": "x", "credential": late}).status_code == 400
    assert not Authenticator.objects.exists()


def test_an_admin_adds_one_first_where_the_installation_wants_it(
    signed_in: SignedIn, settings: DjangoSettings, home: Settings
) -> None:
    settings.UPTAKE = replace(home, admins_need_second_factor=True)
    for email in ("ada@acme.example", "hana@acme.example", "ivan@acme.example"):
        client = signed_in(email, confirmed=False)
        assert client.get("/what-we-read/").headers["Location"] == "/account/#second-factors"
        assert client.get("/", headers={"hx-request": "true"}).headers["HX-Redirect"] == "/account/#second-factors"
        assert b"Add a second factor first" in client.get("/account/").content
        with_passkey(client, Passkey())
        assert inside(client)
        factor = Authenticator.objects.get(user__email=email, type="webauthn").pk
        assert b"keeps a second factor" in client.post(REMOVE, {"factor": factor}).content
        assert Authenticator.objects.filter(pk=factor).exists()
    for email in (EMIL, "otto@acme.example", "mina@acme.example"):
        assert inside(signed_in(email))
    with_passkey(other := signed_in_again(EMIL), Passkey())
    factor = Authenticator.objects.get(user__email=EMIL, type="webauthn").pk
    assert other.post(REMOVE, {"factor": factor}).status_code == 302
    assert not Authenticator.objects.filter(user__email=EMIL).exists()  # recovery codes went with it


def signed_in_again(email: str) -> Client:
    client = visitor()
    client.force_login(Account.objects.get(email=email), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_behind_single_sign_on_it_is_the_providers_concern(
    signed_in: SignedIn, settings: DjangoSettings, home: Settings
) -> None:
    settings.UPTAKE = replace(home, admins_need_second_factor=True)
    client = signed_in(ADA)
    session = client.session
    session["account_authentication_methods"] = [{"method": "socialaccount", "at": time.time(), "provider": "acme"}]
    session["account_authentication_methods_user"] = str(Account.objects.get().pk)
    session.save()
    assert inside(client)


def test_nobody_removes_the_factor_of_somebody_else(signed_in: SignedIn) -> None:
    with_app()
    factor = Authenticator.objects.get(type="totp").pk
    emil = signed_in(EMIL)
    for odd in (factor, "", "x", "9" * 30, "-1"):
        assert emil.post(REMOVE, {"factor": odd}).status_code == 400
    assert Authenticator.objects.filter(pk=factor).exists()


def test_codes_outlive_a_rotation_of_the_master_key_and_nothing_opens_without_it(home: Settings, now: datetime) -> None:
    secret, _ = with_app()
    master_key.rotate(OPERATOR, home, now=now)
    later = now + timedelta(minutes=2)
    account = Account.objects.get()
    assert second_factors.accept(account, totp(secret, later.timestamp()), later)
    away = home.master_key_file.rename(home.home / "elsewhere")
    with pytest.raises(Sealed):
        second_factors.accept(account, totp(secret, later.timestamp() + 60), later + timedelta(minutes=1))
    client = browser()
    answer = client.post(STEP, {"code": totp(secret, time.time() + 30)})
    assert b"does not open" in answer.content or b"master key" in answer.content
    assert not inside(client)
    away.rename(home.master_key_file)


def test_ones_own_data_name_them_and_never_their_secret(signed_in: SignedIn) -> None:
    client = signed_in(EMIL, confirmed=False)
    with_passkey(client, Passkey())
    rows = json.loads(client.post("/my-data/download/", {"format": "json"}).content)["held"][0]["rows"]
    assert [row["second_factor"] for row in rows if "second_factor" in row] == ["Laptop", "Recovery codes"]
    assert "seed" not in str(rows)


def test_a_wrong_code_adds_nothing_and_shows_the_same_secret() -> None:
    company.account(ADA, company.PASSWORD)
    client = browser()
    secret = shown(client.get(APP).content.decode())
    again = client.post(APP, {"code": "000000"})
    assert again.status_code == 400
    assert shown(again.content.decode()) == secret
    assert not Authenticator.objects.exists()
    assert visitor().get(APP).status_code == 302


def test_one_app_an_account(now: datetime) -> None:
    with_app()
    viewer = Account.objects.get().viewer
    started = second_factors.start_app(viewer)
    code = totp(started.secret.expose(), now.timestamp())
    with pytest.raises(Problem, match="already"):
        second_factors.add_app(viewer, sealed=started.sealed, code=code, here=None, now=now)
    assert WebSession.objects.count() == 1


def test_a_bare_address_is_told_that_passkeys_need_a_name() -> None:
    company.account(ADA, company.PASSWORD)
    client = Client(headers={"host": "127.0.0.1:8321"})
    client.post(LOGIN, {"login": ADA, "password": company.PASSWORD})
    assert b'href="http://localhost:8321/account/second-factor/passkey/"' in client.get(PASSKEY).content
    assert b"data-options" not in client.get(PASSKEY).content
    assert b'href="http://localhost:8321/account/"' in client.get("/account/").content


def test_who_is_not_signed_in_at_a_bare_address_is_sent_to_the_name(settings: DjangoSettings) -> None:
    """There may be a session there: by the link that was printed."""
    for host, to in (
        ("127.0.0.1:8321", "http://localhost:8321"),
        ("[::1]", "http://localhost"),
        ("localhost:8321", ""),
    ):
        client = Client(headers={"host": host})
        assert unquote(client.get("/teams/?kind=tree").headers["Location"]) == f"{to}{LOGIN}?next=/teams/?kind=tree"
        assert client.post("/teams/").headers["Location"].startswith(LOGIN)
        assert client.get(LOGIN).status_code == 200
    settings.UPTAKE = replace(settings.UPTAKE, public_url="https://uptake.example.com")
    assert Client(headers={"host": "127.0.0.1"}).get("/teams/").headers["Location"].startswith(LOGIN)
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    settings.UPTAKE = replace(settings.UPTAKE, public_url="")
    assert Client(headers={"host": "127.0.0.1"}).get("/teams/").headers["Location"].startswith(LOGIN)
