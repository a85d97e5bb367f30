"""What is kept of what SCIM brings: this list and nothing else. Schemas, reading, filters and patches are made from it.

What is not listed is never decoded: a password that an identity provider sends stays bytes and is dropped with the body.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"

Kind = Literal["string", "boolean", "complex", "reference", "dateTime"]
LONGEST_NAME = 254


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute. `common`: of every resource, so part of no schema; `strict`: too long is refused, never cut."""

    name: str
    tells: str
    kind: Kind = "string"
    parts: tuple[Attribute, ...] = ()
    many: bool = False
    required: bool = False
    unique: bool = False
    exact: bool = False  # upper and lower case differ
    strict: bool = False
    common: bool = False
    mutability: Literal["readWrite", "readOnly", "immutable"] = "readWrite"
    values: tuple[str, ...] = ()  # usual ones; others are taken too
    refers: tuple[str, ...] = ()

    def part(self, name: str) -> Attribute | None:
        """The sub-attribute of that name, in whatever case."""
        wanted = name.casefold()
        return next((one for one in self.parts if one.name.casefold() == wanted), None)


def _labelled(*parts: Attribute, values: tuple[str, ...]) -> tuple[Attribute, ...]:
    """The parts of one of several values of a kind: home, work, which of them is the main one."""
    return (
        *parts,
        Attribute("type", "What kind it is.", values=values),
        Attribute("primary", "Whether it is the main one.", kind="boolean"),
    )


_SERVER_SET = (
    Attribute("id", "Given by uptake.", exact=True, common=True, mutability="readOnly"),
    Attribute("externalId", "The identity provider's own id.", exact=True, strict=True, common=True),
    Attribute(
        "meta", "When it was made and changed.", kind="complex", common=True, mutability="readOnly",
        parts=(Attribute("created", "", kind="dateTime"), Attribute("lastModified", "", kind="dateTime")),
    ),
)  # fmt: skip

_MANAGER = (
    Attribute("value", "The manager's id here, or whatever the identity provider calls them.", exact=True),
    Attribute("$ref", "", kind="reference", refers=("User",), mutability="readOnly"),
    Attribute("displayName", "The manager's name.", mutability="readOnly"),
)

WORK = Attribute(
    ENTERPRISE, "What of work is told.", kind="complex",
    parts=(
        Attribute("employeeNumber", "The company's own number of the person."),
        Attribute("department", "Becomes the team."),
        Attribute("manager", "Becomes the manager in the org chart.", kind="complex", parts=_MANAGER),
    ),
)  # fmt: skip

PERSON = Attribute(
    "User", "Somebody of the company", kind="complex",
    parts=(
        *_SERVER_SET,
        Attribute("userName", "How the person signs in there.", required=True, unique=True, strict=True),
        Attribute(
            "name", "The person's name.", kind="complex",
            parts=(
                Attribute("formatted", "The whole name."),
                Attribute("familyName", "The family name."),
                Attribute("givenName", "The given name."),
            ),
        ),
        Attribute("displayName", "How the person is called."),
        Attribute("title", "Job title."),
        Attribute("userType", "Such as Employee or Contractor."),
        Attribute("active", "False ends sign-in here at once.", kind="boolean"),
        Attribute(
            "emails", "E-mail addresses.", kind="complex", many=True,
            parts=_labelled(Attribute("value", "The address."), values=("work", "home", "other")),
        ),
        Attribute(
            "addresses", "Where the person works: the place, never the street.", kind="complex", many=True,
            parts=_labelled(Attribute("locality", "City or town."), values=("work", "home", "other")),
        ),
        Attribute(
            "groups", "Groups the person is in; changed at the group.", kind="complex", many=True, mutability="readOnly",
            parts=(
                Attribute("value", "", exact=True, mutability="readOnly"),
                Attribute("$ref", "", kind="reference", refers=("Group",), mutability="readOnly"),
                Attribute("display", "", mutability="readOnly"),
            ),
        ),
        WORK,
    ),
)  # fmt: skip

TEAM = Attribute(
    "Group", "A group of people", kind="complex",
    parts=(
        *_SERVER_SET,
        Attribute("displayName", "The group's name.", required=True, strict=True),
        Attribute(
            "members", "Who is in it.", kind="complex", many=True,
            parts=(
                Attribute("value", "The person's id here.", exact=True, mutability="immutable"),
                Attribute("$ref", "", kind="reference", refers=("User",), mutability="immutable"),
            ),
        ),
    ),
)  # fmt: skip


def schemas() -> tuple[dict[str, object], ...]:
    """The schemas as SCIM publishes them."""
    core = tuple(one for one in PERSON.parts if one is not WORK)
    return (
        _schema(USER, "User", PERSON.tells, core),
        _schema(ENTERPRISE, "EnterpriseUser", WORK.tells, WORK.parts),
        _schema(GROUP, "Group", TEAM.tells, TEAM.parts),
    )


def _schema(urn: str, name: str, tells: str, parts: tuple[Attribute, ...]) -> dict[str, object]:
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": urn,
        "name": name,
        "description": tells,
        "attributes": [_described(one) for one in parts if not one.common],
    }


def _described(one: Attribute) -> dict[str, object]:
    told: dict[str, object] = {
        "name": one.name,
        "type": one.kind,
        "multiValued": one.many,
        "description": one.tells,
        "required": one.required,
        "mutability": one.mutability,
        "returned": "default",
    }
    if one.kind in ("string", "reference"):
        told |= {"caseExact": one.exact or one.kind == "reference", "uniqueness": "server" if one.unique else "none"}
    if one.values:
        told["canonicalValues"] = list(one.values)
    if one.refers:
        told["referenceTypes"] = list(one.refers)
    if one.parts:
        told["subAttributes"] = [_described(part) for part in one.parts]
    return told
