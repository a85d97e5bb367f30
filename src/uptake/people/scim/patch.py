"""A PATCH as a pure step from one document to the next, as RFC 7644 3.5.2 says and as Entra and Okta write it.

What is not kept is passed over: an identity provider that also patches a phone number is no reason to stop. Adding to a
value that a path looks for and does not find makes it, which Entra relies on. Doing the same again changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from uptake.people.scim import filters
from uptake.people.scim.kept import Attribute
from uptake.people.scim.sieve import Document, Operation, Wrong, checked, fields, kind_of, one_primary, read, read_one

_PATH = re.compile(r"(?P<path>[^\[\]]+)(?:\[(?P<filter>.*)\](?:\.(?P<sub>[\w$\-]+))?)?")
_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class _Target:
    """Where an operation points: the attributes on the way, which of several values, and a part of each."""

    steps: tuple[Attribute, ...]
    chosen: filters.Filter | None = None
    sub: Attribute | None = None

    @property
    def last(self) -> Attribute:
        return self.steps[-1]


def applied(document: Document, operations: Iterable[Operation], whole: Attribute) -> Document:
    """The document after all operations. Raises Wrong, and then nothing of it counts."""
    found: Document = _copied(document)
    for operation in operations:
        word = operation.op.casefold()
        if word not in ("add", "replace", "remove"):
            raise Wrong("An operation is neither add, replace nor remove.", "invalidSyntax")
        if operation.path:
            _one(found, word, operation.path, operation.value, whole)
        elif word == "remove":
            raise Wrong("A removal needs a path.", "noTarget")
        else:
            _pathless(found, word, operation.value, whole)
    for one in whole.parts:
        if one.required and one.name not in found:
            raise Wrong(f"{one.name} cannot be removed.", "mutability")
        if one.many and one.name in found:
            found[one.name] = [kept for value in found[one.name] if (kept := checked(value, one))]
    return found


def _pathless(document: Document, word: str, raw: msgspec.Raw, whole: Attribute) -> None:
    """Each field of the value is a path of its own: plain, dotted, or after its schema."""
    if kind_of(raw) != "{":
        raise Wrong("An operation without a path takes an object.", "invalidSyntax")
    for name, value in fields(raw).items():
        _one(document, word, name, value, whole)


def _one(document: Document, word: str, path: str, raw: msgspec.Raw, whole: Attribute) -> None:
    target = _target(path, whole)
    if target is None or any(step.mutability == "readOnly" for step in target.steps):
        return
    holder = _holder(document, target.steps[:-1], make=word != "remove")
    if holder is None:
        return
    if word == "remove":
        _remove(holder, target, raw)
    elif target.chosen is not None:
        _set_chosen(holder, target, raw)
    else:
        _set(holder, target.last, word, raw)
    _without_nothing(document, target.steps)


def _target(path: str, whole: Attribute) -> _Target | None:
    """What a path means; None where it leads to nothing that is kept. Raises Wrong."""
    match = _PATH.fullmatch(path.strip()) if len(path) <= _LONGEST else None
    if match is None:
        raise Wrong("A path is not understood.", "invalidPath")
    steps = filters.find(match["path"].strip(), whole)
    if not steps:
        return None
    if match["filter"] is None:
        return _Target(steps)
    if not steps[-1].many:
        raise Wrong(f"{steps[-1].name} has one value; its path takes no filter.", "invalidPath")
    sub = steps[-1].part(match["sub"]) if match["sub"] else None
    if match["sub"] and sub is None:
        return None
    try:
        return _Target(steps, filters.read(match["filter"], steps[-1]), sub)
    except Wrong as wrong:
        raise Wrong(wrong.detail, "invalidPath") from None


def _holder(document: Document, steps: Iterable[Attribute], *, make: bool) -> Document | None:
    """The object that holds what a path ends at. Of several values a dotted path means the only one there is."""
    at: Document = document
    for step in steps:
        inner: Any = at.get(step.name)
        if isinstance(inner, list):
            inner = inner[0] if len(inner) == 1 else None
        elif inner is None and make:
            inner = at[step.name] = [{}] if step.many else {}
            inner = inner[0] if step.many else inner
        if inner is None:
            return None
        at = inner
    return at


def _set(holder: Document, attribute: Attribute, word: str, raw: msgspec.Raw) -> None:
    value = read(raw, attribute)
    name = attribute.name
    if attribute.many and word == "add":
        holder[name] = _joined(holder.get(name, []), value or [], attribute)
    elif value is None:
        if word == "replace":
            holder.pop(name, None)
    elif attribute.kind == "complex" and not attribute.many and attribute.part("value") is None:
        holder[name] = holder.get(name, {}) | value
    else:
        holder[name] = value


def _joined(old: list[Document], new: list[Document], attribute: Attribute) -> list[Document]:
    """Both, without doubles. A value known already takes what is new about it."""
    found = {_mark(value): value for value in old}
    for value in new:
        mark = _mark(value)
        found[mark] = found.pop(mark, {}) | value
    return one_primary(list(found.values()), attribute)


def _mark(value: Document) -> tuple[Any, ...]:
    """What tells values apart: the value, and of which type it is."""
    told = value.get("value") or value.get("locality")
    return told, value.get("type")


def _set_chosen(holder: Document, target: _Target, raw: msgspec.Raw) -> None:
    assert target.chosen is not None
    name, test = target.last.name, target.chosen.test
    part = target.sub
    value = read(raw, part) if part else read_one(raw, target.last)
    more = ({part.name: value} if value is not None else {}) if part else (value or {})
    values, hit = list(holder.get(name, [])), False
    for number, one in enumerate(values):
        if test(one):
            kept = {key: old for key, old in one.items() if part is None or key != part.name}
            values[number], hit = kept | more, True
            if more.get("primary"):
                values = [other if at == number else other | {"primary": False} for at, other in enumerate(values)]
    if not hit and more:
        made = {key: equal for key, equal in target.chosen.equals.items() if target.last.part(key) is not None}
        values.append(made | more)
    holder[name] = one_primary([one for one in values if _tells(one, target.last)], target.last)


def _remove(holder: Document, target: _Target, raw: msgspec.Raw) -> None:
    name = target.last.name
    if not target.last.many:
        holder.pop(name, None)
    elif target.chosen is not None:
        holder[name] = _without_chosen(holder.get(name, []), target, target.chosen)
    elif kind_of(raw) == "n":
        holder.pop(name, None)
    else:  # Entra names the values that go, instead of looking for them by the path
        gone = {one.get("value") for one in read(raw, target.last) or []}
        holder[name] = [one for one in holder.get(name, []) if one.get("value") not in gone]


def _without_chosen(values: list[Document], target: _Target, chosen: filters.Filter) -> list[Document]:
    if target.sub is None:
        return [one for one in values if not chosen.test(one)]
    name = target.sub.name
    left = [{key: old for key, old in one.items() if key != name} if chosen.test(one) else one for one in values]
    return [one for one in left if _tells(one, target.last)]


def _tells(value: Document, attribute: Attribute) -> bool:
    """Whether a value says anything beside its label."""
    return bool(value.keys() - {"type", "primary"}) if attribute.part("primary") else bool(value)


def _without_nothing(document: Document, steps: tuple[Attribute, ...]) -> None:
    """Nothing empty is kept: a name without parts, a list without values."""
    at: Any = document
    above: list[tuple[Document, str]] = []
    for step in steps:
        if not isinstance(at, dict) or step.name not in at:
            break
        above.append((at, step.name))
        at = at[step.name]
    for holder, name in reversed(above):
        if isinstance(holder[name], list):
            holder[name] = [one for one in holder[name] if one]
        if holder[name] in ({}, []):
            del holder[name]


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copied(inner) for name, inner in value.items()}
    return [dict(one) for one in value] if isinstance(value, list) else value
