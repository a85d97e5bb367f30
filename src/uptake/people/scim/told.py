"""From SCIM's users and groups to what they say of people for the directory. Who is not active is not named: gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from uptake.domain.members import MAX_NAME, clean_email, clean_text
from uptake.people.person import Population
from uptake.people.rows import Finding, Told
from uptake.people.scim.kept import ENTERPRISE
from uptake.people.scim.sieve import Document

FIELDS = frozenset(
    {
        "name",
        "email",
        "other_emails",
        "employee_id",
        "title",
        "manager",
        "department",
        "location",
        "groups",
        "population",
    }
)
_CONTRACT = ("contract", "extern", "guest", "vendor", "temp", "consult", "freelanc", "contingent", "agency")
_SERVICE = ("service", "bot", "shared", "system")


@dataclass(frozen=True, slots=True)
class Held:
    """A user as held: the id, what is kept, whether they are still there, and the names of the groups."""

    id: str
    kept: Document
    active: bool
    groups: tuple[str, ...] = ()


def told(users: Iterable[Held]) -> tuple[tuple[Told, ...], tuple[Finding, ...]]:
    """What is told of everybody who is active, numbered by their order, and who cannot be told."""
    users = list(users)
    ids = _ids(users)
    found, findings = [], []
    for number, user in enumerate((one for one in users if one.active), start=1):
        one = _told(number, user, ids)
        if one.email is None and one.employee_id is None:
            words = "has neither an employee id nor an e-mail address"
            findings.append(Finding(number, "", words, left_out=True))
        found.append(one)
    return tuple(found), tuple(findings)


def _ids(users: Iterable[Held]) -> Mapping[str, str]:
    """Whatever an identity provider may call a user by, to the id: the id itself first, then its own, then the name."""
    found: dict[str, str] = {}
    for user in users:
        found[user.id] = user.id
        for name in ("externalId", "userName"):
            found.setdefault(str(user.kept.get(name, "")).casefold(), user.id)
    found.pop("", None)
    return found


def _told(number: int, user: Held, ids: Mapping[str, str]) -> Told:
    kept = user.kept
    work = kept.get(ENTERPRISE, {})
    main, others = addresses(kept)
    return Told(
        row=number,
        key=user.id,
        name=clean_text(_name(kept), MAX_NAME) or None,
        email=main,
        other_emails=others,
        employee_id=work.get("employeeNumber"),
        title=kept.get("title"),
        manager=_manager(work.get("manager", {}), ids),
        department=work.get("department"),
        location=_main(kept.get("addresses", []), "locality"),
        groups=user.groups,
        population=_population(kept.get("userType", "")),
    )


def addresses(kept: Document) -> tuple[str | None, tuple[str, ...]]:
    """The main address and the others. A userName that is one counts: where mail is not told, it is the only one."""
    main = _main(kept.get("emails", []), "value")
    name = clean_email(str(kept.get("userName", "")))
    every = [main, *(one.get("value") for one in kept.get("emails", [])), name]
    found = list(dict.fromkeys(one for one in every if one))
    return (found[0], tuple(found[1:])) if found else (None, ())


def _main(values: list[dict[str, Any]], name: str) -> str | None:
    """Of several values the main one, else the one of work, else the first."""
    told = [one for one in values if one.get(name)]
    ranked = sorted(told, key=lambda one: (not one.get("primary"), str(one.get("type", "")).casefold() != "work"))
    return str(ranked[0][name]) if ranked else None


def _name(kept: Document) -> str:
    name = kept.get("name", {})
    parts = " ".join(filter(None, (name.get("givenName"), name.get("familyName"))))
    whole = parts if {"givenName", "familyName"} <= name.keys() else name.get("formatted") or kept.get("displayName")
    return str(whole or parts)


def _manager(manager: Mapping[str, str], ids: Mapping[str, str]) -> str | None:
    """The id where somebody is called so here; else the text as it came, for the directory to make out."""
    text = manager.get("value", "")
    return ids.get(text) or ids.get(text.casefold()) or text or None


def _population(word: str) -> Population | None:
    word = word.casefold()
    if not word:
        return None
    if any(mark in word for mark in _SERVICE):
        return "service"
    return "contractor" if any(mark in word for mark in _CONTRACT) else "employee"
