"""Whoever has the token may send anything: a refusal in SCIM's shape comes back, nothing breaks, nothing is doubled."""

from __future__ import annotations

import json
import logging
import time
from datetime import datetime

import pytest

from tests.scim.conftest import Program, bearing
from tests.web.conftest import SignedIn
from uptake.actions import tokens
from uptake.api import scim_door
from uptake.domain.access import OPERATOR
from uptake.people.scim.kept import ENTERPRISE
from uptake.records.models import ScimGroup, ScimMembership, ScimUser

ERROR = ["urn:ietf:params:scim:api:messages:2.0:Error"]
db = pytest.mark.django_db

BODIES: list[bytes] = [
    b"", b"{", b"[]", b"null", b"\xff", b'{"userName": 1e999}', b"[" * 50_000, b'{"a":' * 50_000,
    json.dumps({"userName": "a\u0000b", "name": "x"}).encode(), b'{"userName": {"value": {"value": "x"}}}',
    b'{"userName": "x", "emails": [{"value": ["y"]}]}', b'{"userName": "x", "active": 7}',
    json.dumps({"userName": "x", ENTERPRISE: "y"}).encode(), b'{"userName": "\\ud800"}',
    b'{"Operations": [{"op": "add", "path": "' + b"a" * 5000 + b'", "value": 1}]}',
    b'{"Operations": [{"op": "add", "path": "emails[' + b"(" * 900 + b'].value", "value": 1}]}',
    b'{"Operations": [' + b",".join([b'{"op":"add","path":"title","value":"x"}'] * 1_001) + b"]}",
]  # fmt: skip


@db
def test_every_body_by_every_method_is_refused_in_words(program: Program) -> None:
    one = program.made("Users", {"userName": "emil"})
    group = program.made("Groups", {"displayName": "g"})
    for body in BODIES:
        for method, path in (
            ("POST", "Users"), ("PUT", f"Users/{one}"), ("PATCH", f"Users/{one}"), ("POST", "Groups"),
            ("PUT", f"Groups/{group}"), ("PATCH", f"Groups/{group}"), ("POST", "Users/.search"), ("POST", "Groups/.search"),
        ):  # fmt: skip
            status, answer = program.ask(method, path, body)
            if path.endswith(".search") and status == 200:
                continue  # a search for nothing in particular
            if path.startswith("Groups") and status == 204 and b"emails" in body:
                continue  # a path that leads to nothing kept is passed over
            assert (status, answer["schemas"]) == (400, ERROR), (method, path, body[:60])
            assert answer["status"] == "400"
            assert answer["detail"]
    assert (ScimUser.objects.count(), ScimGroup.objects.count()) == (1, 1)


@db
@pytest.mark.parametrize(
    "text", ["'; DROP TABLE", 'userName eq "x" or 1=1', "(((", 'password eq "x"', "\x00", "é" * 50, "a" * 3000]
)
def test_a_filter_is_no_way_in(program: Program, text: str) -> None:
    for what in ("Users", "Groups"):
        status, answer = program.ask("POST", f"{what}/.search", {"filter": text})
        assert (status, answer["scimType"]) == (400, "invalidFilter")


@db
def test_hostile_names_are_kept_clean_and_shown_inert(program: Program) -> None:
    name = "<script>alert(1)</script>\u202e=HYPERLINK(1)\u0000"
    one = program.made("Users", {"userName": name, "displayName": name, ENTERPRISE: {"department": name}})
    answer = program.ask("GET", f"Users/{one}")[1]
    assert answer["displayName"] == "<script>alert(1)</script>=HYPERLINK(1)"
    for path in ("Users/%2e%2e%2f%2e%2e", "Users/" + "x" * 3000, "Users/%00", "Users/a/b", "Nothing", "Users/"):
        status, answer = program.ask("GET", path)
        assert (status, answer["schemas"]) == (404, ERROR)
    assert program.ask("POST", "Users/.search", {"filter": 'userName eq "a\\u0000"'})[1]["totalResults"] == 0
    for path in ("Me", "Bulk", ".search"):
        assert program.ask("POST", path, {})[0] == 501
    assert program.ask("PUT", "Users", {"userName": "x"})[0] == 405
    assert program.ask("TRACE", f"Users/{one}")[0] == 405


@db
def test_a_body_is_at_most_a_megabyte(program: Program) -> None:
    body = b'{"userName": "x", "note": "' + b"a" * scim_door.LARGEST + b'"}'
    status, answer = program.ask("POST", "Users", body)
    assert (status, answer["status"]) == (413, "413")
    assert not ScimUser.objects.exists()


@db
def test_too_many_requests_are_put_off(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scim_door, "_RATE", scim_door._Rate(3))
    assert [program.ask("GET", "Users?count=0")[0] for _ in range(5)] == [200, 200, 200, 429, 429]


@db
def test_a_group_of_ten_thousand(program: Program, now: datetime) -> None:
    rows = [
        ScimUser(user_key=f"u{n}", kept={"userName": f"u{n}"}, created_at=now, changed_at=now) for n in range(10_000)
    ]
    ScimUser.objects.bulk_create(rows)
    members = [{"value": row.pk, "display": f"somebody{n}@acme.example"} for n, row in enumerate(rows)]
    started = time.monotonic()
    group = program.made("Groups", {"displayName": "Everybody", "members": members})
    assert len(program.ask("GET", f"Groups/{group}")[1]["members"]) == 10_000
    gone = {"op": "remove", "path": f'members[value eq "{rows[7].pk}"]'}
    assert program.patch(f"Groups/{group}", gone) == (204, None)
    assert program.patch(f"Groups/{group}", {"op": "replace", "path": "members", "value": members[:9_000]}) == (
        204,
        None,
    )
    assert ScimMembership.objects.count() == 9_000
    assert program.ask("PUT", f"Groups/{group}", {"displayName": "Everybody", "members": members})[0] == 200
    assert ScimMembership.objects.count() == 10_000
    status, _ = program.patch(f"Groups/{group}", {"op": "add", "path": "members", "value": [{"value": "nobody"}]})
    assert (status, ScimMembership.objects.count()) == (400, 10_000)
    assert time.monotonic() - started < 20


@db
def test_only_the_token_made_for_it_opens_the_door(program: Program, signed_in: SignedIn, now: datetime) -> None:
    browser = signed_in("ada@acme.example")
    rest = bearing(tokens.create(OPERATOR, email="ada@acme.example", now=now).expose())
    for client in (browser, rest, bearing("uptake_scim_" + "x" * 49), bearing("")):
        answer = client.get("/scim/v2/Users")
        assert (answer.status_code, json.loads(answer.content)["schemas"]) == (401, ERROR)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert client.post("/scim/v2/Users", b"{}", "application/scim+json").status_code == 401
    assert not ScimUser.objects.exists()
    assert program.client.get("/api/v1/measures").status_code == 401
    assert program.client.get("/people/").status_code == 302


@db
def test_what_breaks_inside_shows_nothing(
    program: Program, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("tulip in the works")

    monkeypatch.setattr("uptake.actions.scim_lists.users", broken)
    with caplog.at_level(logging.DEBUG):
        status, answer = program.ask("GET", "Users")
    assert (status, answer["schemas"]) == (500, ERROR)
    assert "tulip" not in answer["detail"]


@db
def test_bodies_are_in_no_log(program: Program, caplog: pytest.LogCaptureFixture, token: str) -> None:
    with caplog.at_level(logging.DEBUG):
        program.ask("POST", "Users", {"userName": "emil", "password": "tulip"})
        program.ask("POST", "Users", {"userName": "emil", "password": "tulip"})
        program.ask("POST", "Users", b'{"userName": "tulip", "password": "tulip"')
    assert "tulip" not in caplog.text
    assert token not in caplog.text
