"""SCIM's rules as tables: what is kept, filters, patches as Entra and Okta write them, what the directory is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from uptake.people.scim import filters, patch, sieve
from uptake.people.scim.kept import ENTERPRISE, PERSON, TEAM, schemas
from uptake.people.scim.sieve import Wrong
from uptake.people.scim.told import Held, told

EMIL: dict[str, Any] = {
    "userName": "emil@acme.example",
    "externalId": "00u1",
    "name": {"givenName": "Emil", "familyName": "Engel"},
    "active": True,
    "emails": [
        {"value": "emil@acme.example", "type": "work", "primary": True},
        {"value": "e@home.example", "type": "home"},
    ],
    ENTERPRISE: {"department": "Sales", "manager": {"value": "m1"}},
}


def read(body: object) -> dict[str, Any]:
    return sieve.document(json.dumps(body).encode(), PERSON)


def patched(document: dict[str, Any], *operations: dict[str, Any], whole: Any = PERSON) -> dict[str, Any]:
    return patch.applied(document, sieve.operations(json.dumps({"Operations": operations}).encode()), whole)


def passes(text: str, document: dict[str, Any] = EMIL) -> bool:
    return filters.read(text, PERSON).test(document)


def test_only_what_is_listed_is_kept() -> None:
    body = EMIL | {
        "schemas": ["x"], "id": "mine", "password": "tulip", "phoneNumbers": [{"value": "1"}], "meta": {"created": "x"},
        "groups": [{"value": "g"}], "x509Certificates": [{"value": "x"}], "ssn": "tulip",
        "name": {"givenName": "Emil", "familyName": "Engel", "middleName": "tulip"},
        ENTERPRISE: {"department": "Sales", "costCenter": "tulip", "manager": {"value": "m1", "$ref": "x", "displayName": "y"}},
    }  # fmt: skip
    assert read(body) == EMIL


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ({"active": "False"}, {"active": False}),
        ({"active": "True"}, {"active": True}),
        ({"active": False}, {"active": False}),
        ({"active": [{"value": "False"}]}, {"active": False}),
        ({"active": None}, {}),
        ({"ACTIVE": "false"}, {"active": False}),
        ({"title": ""}, {}),
        ({"title": None}, {}),
        ({"title": " a\u202eb\u0000 "}, {"title": "ab"}),
        ({"emails": {"value": "A@Acme.example"}}, {"emails": [{"value": "a@acme.example"}]}),
        ({"emails": "A@acme.example"}, {"emails": [{"value": "a@acme.example"}]}),
        ({"emails": [{"type": "work", "value": ""}]}, {}),
        ({"emails": [None, {}]}, {}),
        ({ENTERPRISE: {"manager": "m1"}}, {ENTERPRISE: {"manager": {"value": "m1"}}}),
        ({ENTERPRISE: {"manager": {"value": None}}}, {}),
        ({ENTERPRISE: {"manager": {"$ref": "https://x/scim/v2/Users/m1"}}}, {ENTERPRISE: {"manager": {"value": "m1"}}}),
        ({ENTERPRISE: {"manager": {"$ref": None, "value": "m1"}}}, {ENTERPRISE: {"manager": {"value": "m1"}}}),
        ({ENTERPRISE: {"manager": [{"value": "m1"}]}}, {ENTERPRISE: {"manager": {"value": "m1"}}}),
        ({ENTERPRISE: {"employeeNumber": 4711}}, {ENTERPRISE: {"employeeNumber": "4711"}}),
        ({ENTERPRISE: {}}, {}),
    ],
)
def test_the_same_thing_in_several_ways(written: dict[str, Any], kept: dict[str, Any]) -> None:
    assert read({"userName": "emil"} | written) == {"userName": "emil"} | kept


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"1",
        b'"x"',
        b"{",
        b"\xff\xfe",
        b'{"userName": ""}',
        b'{"userName": "\\u200b"}',
        b'{"userName": {"a": 1}}',
        b'{"userName": ["a", "b"]}',
        b'{"userName": true}',
        b'{"userName": "a", "active": "maybe"}',
        b'{"userName": "a", "active": {"x": 1}}',
        b'{"userName": "a", "name": "Emil"}',
        b'{"userName": "a", "emails": "nobody"}',
        b'{"userName": "a", "emails": [[1]]}',
        b'{"userName": "' + b"a" * 255 + b'"}',
        b'{"userName": "\\ud800"}',
        b'{"userName":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"userName": NaN}',
        b'{"userName": 1e309}',
        b'{"userName": "a", "emails": [' + b",".join(b'{"value":"a%d@b.c"}' % n for n in range(60)) + b"]}",
    ],
)
def test_what_means_nothing_is_refused_in_words(body: bytes) -> None:
    with pytest.raises(Wrong) as refusal:
        sieve.document(body, PERSON)
    assert refusal.value.detail
    assert refusal.value.status == 400


@pytest.mark.parametrize(
    "text",
    [
        'userName eq "EMIL@acme.example"',
        'username EQ "emil@acme.example"',
        'urn:ietf:params:scim:schemas:core:2.0:User:userName eq "emil@acme.example"',
        'externalId eq "00u1"',
        "active eq true",
        'active eq "True"',
        'not (active eq "False")',
        'emails[type eq "work"].value eq "Emil@acme.example"',
        'emails[type eq "work" and value co "@acme.example"]',
        'emails.value eq "e@home.example"',
        'emails eq "e@home.example"',
        'name.familyName sw "eng" and name.givenName ew "L"',
        f'{ENTERPRISE}:department eq "sales"',
        f'{ENTERPRISE}:manager.value eq "m1"',
        f'{ENTERPRISE}:manager eq "m1"',
        "name pr and not (title pr)",
        'userName ne "somebody"',
        'userName eq "emil@acme.example" or active eq true and title eq "none"',
        '(userName eq "x" or active eq true) and name.givenName eq "Emil"',
        'userName gt "a" and userName lt "z" and userName ge "e" and userName le "f"',
        'title ne "Director"',
    ],
)
def test_filters_that_hold(text: str) -> None:
    assert passes(text)


@pytest.mark.parametrize(
    "text",
    [
        'externalId eq "00U1"',
        'emails[type eq "home"].value eq "emil@acme.example"',
        'emails[type eq "home" and primary eq true]',
        'active eq "False"',
        'userName eq "x" or active eq false and name.givenName eq "Emil"',
        'title eq "x"',
        'title gt "a"',
        'userName eq "a\\"b"',
        "userName eq 12",
        "userName eq null",
    ],
)
def test_filters_that_do_not(text: str) -> None:
    assert not passes(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "userName",
        "userName eq",
        'eq "x"',
        'userName is "x"',
        'unknown eq "x"',
        'password eq "x"',
        'userName eq "x',
        'userName eq "x" and',
        'userName eq "x" unknown',
        '(userName eq "x"',
        "not active eq true",
        "name eq 1",
        'emails[type eq "w"',
        "active gt true",
        "userName gt 5",
        "userName eq x",
        "a" * 3000,
        "(" * 500 + "active pr" + ")" * 500,
        "userName eq 'x'; DROP",
        'userName eq "x" and password eq "y"',
        'emails[userName eq "x"]',
        'userName eq "\\ud800"',
        "\x00",
    ],
)
def test_filters_that_are_none(text: str) -> None:
    with pytest.raises(Wrong) as refusal:
        filters.read(text, PERSON)
    assert refusal.value.kind == "invalidFilter"


def test_a_filter_says_what_an_index_can_look_for() -> None:
    assert filters.read('userName eq "a" and active eq true', PERSON).equals == {"userName": "a", "active": True}
    assert filters.read('userName eq "a" or userName eq "b"', PERSON).equals == {}
    assert filters.read('not (userName eq "a")', PERSON).equals == {}
    assert filters.read('members eq "u1" and id eq "g1"', TEAM).names == {"members", "id"}


WITHOUT_HOME = EMIL | {"emails": EMIL["emails"][:1]}
MORE_MAIL = [*EMIL["emails"], {"type": "other", "value": "x@y.example"}]
PATCHES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"op": "Replace", "path": "active", "value": "False"}, EMIL | {"active": False}),
    ({"op": "replace", "value": {"active": False}}, EMIL | {"active": False}),
    (
        {"op": "Add", "value": {"name.givenName": "Emilia"}},
        EMIL | {"name": {"givenName": "Emilia", "familyName": "Engel"}},
    ),
    (
        {"op": "replace", "path": "name", "value": {"givenName": "Emilia"}},
        EMIL | {"name": {"givenName": "Emilia", "familyName": "Engel"}},
    ),
    (
        {"op": "replace", "path": "userName", "value": "e.engel@acme.example"},
        EMIL | {"userName": "e.engel@acme.example"},
    ),
    ({"op": "add", "path": "title", "value": "Lead"}, EMIL | {"title": "Lead"}),
    ({"op": "remove", "path": "name"}, {name: value for name, value in EMIL.items() if name != "name"}),
    ({"op": "remove", "path": "name.givenName"}, EMIL | {"name": {"familyName": "Engel"}}),
    ({"op": "remove", "path": "title"}, EMIL),
    (
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "new@acme.example"},
        EMIL | {"emails": [{"value": "new@acme.example", "type": "work", "primary": True}, EMIL["emails"][1]]},
    ),
    ({"op": "Add", "path": 'emails[type eq "other"].value', "value": "x@y.example"}, EMIL | {"emails": MORE_MAIL}),
    ({"op": "remove", "path": 'emails[type eq "home"]'}, WITHOUT_HOME),
    ({"op": "remove", "path": 'emails[type eq "home"].value'}, WITHOUT_HOME),
    ({"op": "add", "path": "emails", "value": [{"value": "e@home.example", "type": "home"}]}, EMIL),
    ({"op": "replace", "path": "emails", "value": [EMIL["emails"][0]]}, WITHOUT_HOME),
    ({"op": "add", "path": "emails", "value": {"type": "other", "value": "X@y.example"}}, EMIL | {"emails": MORE_MAIL}),
    (
        {"op": "Add", "path": f"{ENTERPRISE}:manager", "value": "m2"},
        EMIL | {ENTERPRISE: {"department": "Sales", "manager": {"value": "m2"}}},
    ),
    (
        {"op": "Add", "path": f"{ENTERPRISE}:manager", "value": {"$ref": "../Users/m2", "value": "m2"}},
        EMIL | {ENTERPRISE: {"department": "Sales", "manager": {"value": "m2"}}},
    ),
    (
        {"op": "Replace", "path": f"{ENTERPRISE}:manager.value", "value": "m2"},
        EMIL | {ENTERPRISE: {"department": "Sales", "manager": {"value": "m2"}}},
    ),
    ({"op": "Remove", "path": f"{ENTERPRISE}:manager"}, EMIL | {ENTERPRISE: {"department": "Sales"}}),
    ({"op": "Replace", "path": f"{ENTERPRISE}:manager", "value": ""}, EMIL | {ENTERPRISE: {"department": "Sales"}}),
    (
        {"op": "Replace", "value": {f"{ENTERPRISE}:department": "Ops"}},
        EMIL | {ENTERPRISE: {"department": "Ops", "manager": {"value": "m1"}}},
    ),
    (
        {"op": "Replace", "value": {ENTERPRISE: {"department": "Ops"}}},
        EMIL | {ENTERPRISE: {"department": "Ops", "manager": {"value": "m1"}}},
    ),
    ({"op": "remove", "path": ENTERPRISE}, {name: value for name, value in EMIL.items() if name != ENTERPRISE}),
    ({"op": "replace", "path": "password", "value": "tulip"}, EMIL),
    ({"op": "replace", "value": {"password": "tulip", "phoneNumbers": []}}, EMIL),
    ({"op": "replace", "path": 'phoneNumbers[type eq "work"].value', "value": "1"}, EMIL),
    ({"op": "replace", "path": "id", "value": "other"}, EMIL),
    ({"op": "add", "path": "groups", "value": [{"value": "g1"}]}, EMIL),
    ({"op": "replace", "path": "title", "value": ""}, EMIL),
]


@pytest.mark.parametrize(("operation", "after"), PATCHES)
def test_patches_as_they_come(operation: dict[str, Any], after: dict[str, Any]) -> None:
    before = json.dumps(EMIL)
    once = patched(EMIL, operation)
    assert once == after
    assert patched(once, operation) == once  # doing it again changes nothing
    assert json.dumps(EMIL) == before


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ({"op": "swap", "path": "title", "value": "x"}, "invalidSyntax"),
        ({"op": "remove"}, "noTarget"),
        ({"op": "replace", "value": "x"}, "invalidSyntax"),
        ({"op": "replace", "path": "emails[", "value": "x"}, "invalidPath"),
        ({"op": "replace", "path": 'title[value eq "x"]', "value": "x"}, "invalidPath"),
        ({"op": "replace", "path": 'emails[nothing eq "x"].value', "value": "x"}, "invalidPath"),
        ({"op": "remove", "path": "userName"}, "mutability"),
        ({"op": "replace", "path": "userName", "value": ""}, "mutability"),
        ({"op": "replace", "path": "active", "value": "perhaps"}, "invalidValue"),
        ({"op": "replace", "path": 'emails[type eq "work"].value', "value": "nobody"}, "invalidValue"),
    ],
)
def test_patches_that_cannot_be(operation: dict[str, Any], kind: str) -> None:
    with pytest.raises(Wrong) as refusal:
        patched(EMIL, operation)
    assert refusal.value.kind == kind


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b'{"Operations": []}', b'{"Operations": [1]}', b'{"Operations": [{"path": "x"}]}']
)
def test_a_body_without_operations_is_no_patch(body: bytes) -> None:
    with pytest.raises(Wrong):
        sieve.operations(body)


def test_members_come_and_go() -> None:
    team = {"displayName": "Sales", "members": [{"value": "u1"}, {"value": "u2"}]}
    after = patched(
        team,
        {"op": "add", "path": "members", "value": [{"value": "u3", "display": "x"}, {"value": "u1"}]},
        {"op": "Remove", "path": "members", "value": [{"value": "u2"}]},
        {"op": "remove", "path": 'members[value eq "u1"]'},
        {"op": "replace", "value": {"id": "g1", "displayName": "Vendite"}},
        whole=TEAM,
    )
    assert after == {"displayName": "Vendite", "members": [{"value": "u3"}]}
    assert patched(after, {"op": "remove", "path": "members"}, whole=TEAM) == {"displayName": "Vendite"}


def test_the_directory_is_told_of_who_is_active() -> None:
    boss = {"userName": "mina@acme.example", "externalId": "00uM", "displayName": "Mina"}
    gone = {"userName": "gone@acme.example", "active": False}
    emil = EMIL | {"userType": "Contractor", "addresses": [{"type": "work", "locality": "Bern"}]}
    emil = emil | {ENTERPRISE: {"department": "Sales", "employeeNumber": "7", "manager": {"value": "00uM"}}}
    nobody = {"userName": "svc"}
    people, findings = told(
        [Held("a", emil, True, ("Sales",)), Held("b", boss, True), Held("c", gone, False), Held("d", nobody, True)]
    )
    assert [one.key for one in people] == ["a", "b", "d"]
    one = people[0]
    assert (one.name, one.email, one.other_emails) == ("Emil Engel", "emil@acme.example", ("e@home.example",))
    assert (one.employee_id, one.department, one.location, one.manager) == ("7", "Sales", "Bern", "b")
    assert (one.population, one.groups) == ("contractor", ("Sales",))
    assert people[1].name == "Mina"
    assert [(finding.row, finding.left_out) for finding in findings] == [(3, True)]


def test_the_schemas_list_what_is_kept_and_no_more() -> None:
    named = {attribute["name"] for schema in schemas() for attribute in schema["attributes"]}  # type: ignore[attr-defined]
    assert named == {
        "userName", "name", "displayName", "title", "userType", "active", "emails", "addresses", "groups", "employeeNumber",
        "department", "manager", "members",
    }  # fmt: skip
