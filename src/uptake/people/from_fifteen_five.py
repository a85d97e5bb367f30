"""From 15Five's users and groups to what it says of each person: the reviewer is the manager, groups are by their type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from uptake.domain.members import MAX_NAME, clean_email, clean_text
from uptake.people.rows import Finding, Told

_TEXT = 200
_KINDS = {"department": "department", "departments": "department", "location": "location", "office": "location"}
FIELDS = frozenset({"name", "email", "employee_id", "title", "manager", "groups"})


@dataclass(frozen=True, slots=True)
class Detail:
    """What only a user's own page tells, where the list does not."""

    employee_id: str | None = None
    title: str | None = None
    reviewer: str | None = None  # the key of the manager


@dataclass(frozen=True, slots=True)
class Told15:
    """Everybody 15Five tells of, the fields it tells at all, and rows that were not usable."""

    people: tuple[Told, ...]
    fields: frozenset[str]
    findings: tuple[Finding, ...]


def key_of(number: object) -> str:
    """A user's key: ids of users and employee ids must not be taken for each other."""
    return f"user {number}"


def told(
    users: Iterable[Mapping[str, Any]],
    groups: Iterable[Mapping[str, Any]],
    detail: Callable[[int], Detail],
) -> Told15:
    """The people of 15Five's lists. `detail` is asked for each user whose row lacks the reviewer."""
    names = _groups(groups)
    people: dict[int, Told] = {}  # a list that shifts while it is read tells somebody twice
    findings: list[Finding] = []
    fields = set(FIELDS)
    for user in users:
        number = user.get("id")
        if not isinstance(number, int) or isinstance(number, bool) or number < 0:
            findings.append(Finding(0, "id", "a user without a usable id was left out", left_out=True))
        elif user.get("is_active") is not False:
            one = _told(user, number, _detail(user, number, detail), names, findings)
            people[number] = one
            fields |= {name for name in ("department", "location") if getattr(one, name)}
    return Told15(tuple(people.values()), frozenset(fields), tuple(findings))


def _told(
    user: Mapping[str, Any],
    number: int,
    detail: Detail,
    names: Mapping[int, tuple[str, str]],
    findings: list[Finding],
) -> Told:
    email = clean_email(user["email"]) if isinstance(user.get("email"), str) else None
    if email is None:
        nobody = detail.employee_id is None
        findings.append(Finding(number, "email", "has no usable e-mail address", left_out=nobody))
    mine = [names[one] for one in _ids(user.get("company_groups_ids")) if one in names]
    first, last = _text(user.get("first_name")), _text(user.get("last_name"))
    return Told(
        row=number,
        key=key_of(number),
        name=clean_text(" ".join(filter(None, (first, last))), MAX_NAME) or None,
        email=email,
        employee_id=detail.employee_id,
        title=detail.title,
        manager=detail.reviewer,
        department=next((name for kind, name in mine if kind == "department"), None),
        location=next((name for kind, name in mine if kind == "location"), None),
        groups=tuple(dict.fromkeys(name for kind, name in mine if kind == "group")),
    )


def _detail(user: Mapping[str, Any], number: int, ask: Callable[[int], Detail]) -> Detail:
    return detail_of(user) if "reviewer_id" in user else ask(number)


def detail_of(user: Mapping[str, Any]) -> Detail:
    """The details in a user's row or page."""
    reviewer = user.get("reviewer_id")
    known = isinstance(reviewer, int) and not isinstance(reviewer, bool)
    return Detail(_text(user.get("employee_id")), _text(user.get("title")), key_of(reviewer) if known else None)


def _groups(groups: Iterable[Mapping[str, Any]]) -> dict[int, tuple[str, str]]:
    """Group to its kind (department, location, or any other group) and name."""
    found = {}
    for group in groups:
        number, name = group.get("id"), _text(group.get("name"))
        if isinstance(number, int) and name:
            kind = (_text(group.get("group_type_name")) or "").casefold()
            found[number] = (_KINDS.get(kind, "group"), name)
    return found


def _ids(value: object) -> list[int]:
    return [one for one in value if isinstance(one, int)] if isinstance(value, list) else []


def _text(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return clean_text(value, _TEXT) or None if isinstance(value, str) else None
