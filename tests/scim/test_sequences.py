"""What Entra and Okta really send, in their order and spelling, and what stands here after each step."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scim.conftest import Program
from uptake.people.scim.kept import ENTERPRISE, USER
from uptake.records.models import AuditEntry, ScimUser

pytestmark = pytest.mark.django_db

ENTRA = {
    "schemas": [USER, ENTERPRISE],
    "externalId": "emil",
    "userName": "Emil@acme.example",
    "active": True,
    "addresses": [
        {"primary": False, "type": "work", "streetAddress": "tulip 1", "locality": "Bern", "formatted": "tulip"}
    ],
    "emails": [{"primary": True, "type": "work", "value": "Emil@acme.example"}],
    "meta": {"resourceType": "User"},
    "name": {"formatted": "Emil Engel", "familyName": "Engel", "givenName": "Emil"},
    "phoneNumbers": [{"primary": False, "type": "work", "value": "tulip"}],
    "preferredLanguage": "tulip",
    "displayName": "Emil Engel",
    "title": "Analyst",
    ENTERPRISE: {"employeeNumber": "7", "department": "Sales", "costCenter": "tulip"},
}
OKTA = {
    "schemas": [USER],
    "userName": "zoe@acme.example",
    "name": {"givenName": "Zoe", "familyName": "Zander"},
    "emails": [{"primary": True, "value": "zoe@acme.example", "type": "work"}],
    "displayName": "Zoe Zander",
    "locale": "en-US",
    "externalId": "00ujl29u0le5T6Aj10h7",
    "groups": [],
    "password": "tulip-1mz050nq",
    "active": True,
}


def found(program: Program, what: str, text: str) -> list[dict[str, Any]]:
    status, answer = program.ask("GET", f"{what}?filter={text}".replace(" ", "%20").replace('"', "%22"))
    assert status == 200, answer
    assert answer["totalResults"] == len(answer["Resources"])
    return list(answer["Resources"])


def test_entra(program: Program) -> None:
    """Microsoft's order: look, create, look again, change, manager, groups, soft delete, come back, delete."""
    assert found(program, "Users", 'userName eq "emil@acme.example"') == []
    boss = program.made(
        "Users", ENTRA | {"userName": "mina@acme.example", "externalId": "mina", "emails": [], "displayName": "Mina"}
    )
    emil = program.made("Users", ENTRA)
    assert program.ask("POST", "Users", ENTRA)[0] == 409
    assert [one["id"] for one in found(program, "Users", 'externalId eq "emil"')] == [emil]
    at = f"Users/{emil}"

    for operations, path, value in ENTRA_PATCHES(boss):
        status, answer = program.patch(at, *operations)
        assert status == 200, answer
        shown: Any = answer
        for name in path:
            shown = shown[name] if isinstance(name, int) else (shown or {}).get(name)
        assert shown == value, operations

    sales = program.made("Groups", {"displayName": "Sales", "externalId": "8aa1", "members": []})
    look = f"Groups/{sales}?excludedAttributes=members"
    assert "members" not in program.ask("GET", look)[1]
    assert program.patch(
        f"Groups/{sales}", {"op": "Add", "path": "members", "value": [{"$ref": None, "value": emil}]}
    ) == (204, None)
    assert [one["id"] for one in found(program, "Groups", f'id eq "{sales}" and members eq "{emil}"')] == [sales]
    assert program.ask("GET", at)[1]["groups"][0]["display"] == "Sales"
    assert program.patch(f"Groups/{sales}", {"op": "Replace", "path": "displayName", "value": "Vendite"})[0] == 204
    assert (
        program.patch(f"Groups/{sales}", {"op": "Remove", "path": "members", "value": [{"$ref": None, "value": emil}]})[
            0
        ]
        == 204
    )
    assert found(program, "Groups", f'id eq "{sales}" and members eq "{emil}"') == []
    assert found(program, "Groups", 'displayName eq "vendite"')[0]["id"] == sales

    assert program.ask("DELETE", f"Groups/{sales}") == (204, None)
    assert program.ask("DELETE", at) == (204, None)
    assert program.ask("GET", at)[0] == 404
    assert program.ask("DELETE", at)[0] == 404


def ENTRA_PATCHES(boss: str) -> list[tuple[list[dict[str, Any]], tuple[Any, ...], Any]]:  # noqa: N802
    work = f"{ENTERPRISE}:manager"
    return [
        ([{"op": "Replace", "path": "displayName", "value": "Emil E."}], ("displayName",), "Emil E."),
        ([{"op": "Replace", "path": "userName", "value": "e.engel@acme.example"}], ("userName",), "e.engel@acme.example"),
        (
            [{"op": "Replace", "path": 'emails[type eq "work"].value', "value": "e.engel@acme.example"}],
            ("emails", 0, "value"), "e.engel@acme.example",
        ),
        ([{"op": "Add", "path": work, "value": boss}], (ENTERPRISE, "manager", "displayName"), "Mina"),
        ([{"op": "Replace", "path": f"{ENTERPRISE}:department", "value": "Ops"}], (ENTERPRISE, "department"), "Ops"),
        ([{"op": "Add", "path": 'phoneNumbers[type eq "mobile"].value', "value": "tulip"}], ("phoneNumbers",), None),
        ([{"op": "Remove", "path": work}], (ENTERPRISE, "manager"), None),
        ([{"op": "Replace", "path": "active", "value": "False"}], ("active",), False),
        ([{"op": "Replace", "path": "active", "value": "False"}], ("active",), False),
        ([{"op": "Replace", "path": "active", "value": "True"}], ("active",), True),
        (
            [{"op": "Add", "value": {"name.givenName": "Emilio", f"{ENTERPRISE}:employeeNumber": 8}}],
            (ENTERPRISE, "employeeNumber"), "8",
        ),
        ([{"op": "Replace", "value": {"active": False, "title": None}}], ("title",), None),
    ]  # fmt: skip


def test_okta(program: Program) -> None:
    """Okta's order: look by name with a page, create, read, PUT of the whole, deactivate by PATCH, groups by PUT and PATCH."""
    status, answer = program.ask("GET", "Users?filter=userName%20eq%20%22zoe%40acme.example%22&startIndex=1&count=100")
    assert (status, answer["totalResults"], answer["startIndex"]) == (200, 0, 1)
    zoe = program.made("Users", OKTA)
    at = f"Users/{zoe}"
    assert program.ask("GET", at)[1]["name"]["familyName"] == "Zander"
    renamed = OKTA | {"id": zoe, "userName": "zoe.z@acme.example", "name": {"givenName": "Zoe", "familyName": "Zett"}}
    renamed |= {ENTERPRISE: {"manager": {"value": "ada@acme.example", "displayName": "Ada"}, "department": "Legal"}}
    status, answer = program.ask("PUT", at, renamed)
    assert (status, answer["userName"], answer["name"]["familyName"]) == (200, "zoe.z@acme.example", "Zett")
    assert answer[ENTERPRISE] == {"manager": {"value": "ada@acme.example"}, "department": "Legal"}
    group = program.made("Groups", {"displayName": "Legal", "members": [{"value": zoe, "display": "zoe"}]})
    operations = [
        {"op": "replace", "value": {"id": group, "displayName": "Legal & Risk"}},
        {"op": "remove", "path": f'members[value eq "{zoe}"]'},
        {"op": "add", "path": "members", "value": [{"value": zoe, "display": "zoe"}]},
    ]
    assert program.patch(f"Groups/{group}", *operations)[0] == 204
    whole = program.ask("GET", f"Groups/{group}")[1]
    assert (whole["displayName"], [one["value"] for one in whole["members"]]) == ("Legal & Risk", [zoe])
    assert program.ask("PUT", f"Groups/{group}", {"displayName": "Legal", "members": []})[0] == 200
    assert "members" not in program.ask("GET", f"Groups/{group}")[1]
    status, answer = program.patch(at, {"op": "replace", "value": {"active": False}})
    assert (status, answer["active"]) == (200, False)
    assert (
        program.ask("PUT", at, {name: value for name, value in OKTA.items() if name != "active"})[1]["active"] is False
    )
    assert program.ask("PUT", at, OKTA)[1]["active"] is True


def test_nothing_that_is_not_listed_is_kept_anywhere(program: Program) -> None:
    program.made("Users", ENTRA)
    zoe = program.made("Users", OKTA)
    program.patch(
        f"Users/{zoe}",
        {"op": "replace", "path": "password", "value": "tulip"},
        {"op": "add", "value": {"password": "tulip"}},
    )
    assert "tulip" not in repr(list(ScimUser.objects.values())) + repr(list(AuditEntry.objects.values()))
    assert "tulip" not in repr(program.ask("GET", "Users"))


def test_pages_and_filters(program: Program) -> None:
    ids = [program.made("Users", {"userName": f"u{n}@acme.example", "active": n % 2 == 0}) for n in range(7)]
    status, answer = program.ask("GET", "Users?startIndex=3&count=2")
    assert [one["id"] for one in answer["Resources"]] == ids[2:4]
    assert (answer["totalResults"], answer["itemsPerPage"], answer["startIndex"]) == (7, 2, 3)
    assert program.ask("GET", "Users?count=0")[1]["totalResults"] == 7
    assert program.ask("GET", "Users?startIndex=-4&count=-1")[1]["Resources"] == []
    assert program.ask("GET", "Users?startIndex=x")[0] == 400
    assert [one["id"] for one in found(program, "Users", "active eq false")] == ids[1::2]
    asked = {"schemas": [], "filter": 'userName sw "u"', "startIndex": 2, "count": 3, "attributes": ["userName"]}
    status, answer = program.ask("POST", "Users/.search", asked)
    assert status == 200
    assert [one["userName"] for one in answer["Resources"]] == [f"u{n}@acme.example" for n in (1, 2, 3)]
    assert set(answer["Resources"][0]) == {"id", "schemas", "userName"}
