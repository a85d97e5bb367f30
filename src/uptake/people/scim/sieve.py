"""From a body's bytes to what is kept of it. Only what kept.py names is decoded; everything else stays bytes.

Identity providers write the same thing in several ways: "True" for true, one value for a list of one, a text for an
object with a value, numbers for texts. All of these are read as what is meant; what means nothing is refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from uptake.domain.members import MAX_EMAIL, clean_email, clean_text
from uptake.people.scim.kept import LONGEST_NAME, Attribute

Document = dict[str, Any]
"""A user or a group as it is kept: names as in kept.py, nothing empty."""

_TEXT = 200
_VALUES = 50  # of one person's addresses
_BOOLEANS = {"true": True, "false": False}


class Wrong(Exception):
    """A request that cannot be done as it is. `kind` is SCIM's own word for why; `status` that of HTTP."""

    def __init__(self, detail: str, kind: str = "invalidValue", status: int = 400) -> None:
        super().__init__(detail)
        self.detail, self.kind, self.status = detail, kind, status


class Operation(msgspec.Struct, frozen=True):
    """One operation of a patch; its value is still bytes."""

    op: str
    path: str | None = None
    value: msgspec.Raw = msgspec.Raw(b"")


class _Patch(msgspec.Struct, frozen=True):
    operations: list[Operation] = msgspec.field(name="Operations")


_MOST = 1_000


def document(body: bytes, whole: Attribute) -> Document:
    """A whole user or group of a POST or PUT. Raises Wrong."""
    found: Document = read(msgspec.Raw(body or b"{}"), whole) or {}
    missing = [one.name for one in whole.parts if one.required and one.name not in found]
    if missing:
        raise Wrong(f"{missing[0]} is missing.")
    return found


def operations(body: bytes) -> list[Operation]:
    """The operations of a PATCH. Raises Wrong."""
    try:
        found = msgspec.json.decode(body, type=_Patch).operations
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Wrong("The body is no PatchOp: it needs Operations, each with an op.", "invalidSyntax") from None
    if not 0 < len(found) <= _MOST:
        raise Wrong(f"A patch has between 1 and {_MOST:,} operations.", "invalidSyntax")
    return found


def read(raw: msgspec.Raw, attribute: Attribute) -> Any:
    """What is kept of a value; None where that is nothing. Raises Wrong."""
    if attribute.many:
        return _several(raw, attribute)
    kind = kind_of(raw)
    if kind == "[":  # a list of one where one is asked for
        values = _decoded(raw, list[msgspec.Raw])
        if len(values) > 1:
            raise _refused(attribute, "takes one value")
        return read(values[0], attribute) if values else None
    if attribute.kind == "complex":
        return _complex(raw, kind, attribute)
    if kind == "{":  # an object with a value where the value is asked for
        inner = fields(raw).get("value")
        if inner is None:
            raise _refused(attribute, "takes no object")
        return _simple(inner, attribute)
    return _simple(raw, attribute)


def kind_of(raw: msgspec.Raw) -> str:
    """The first character of a value, which tells what it is; `n` for nothing at all."""
    return bytes(raw).lstrip()[:1].decode("latin-1") or "n"


def fields(raw: msgspec.Raw) -> Mapping[str, msgspec.Raw]:
    """An object's fields, their values still bytes. Raises Wrong."""
    found: dict[str, msgspec.Raw] = _decoded(raw, dict[str, msgspec.Raw])
    return found


def plain(raw: msgspec.Raw) -> str | int | list[str] | None:
    """A parameter of a request: a text, a number, or a list of texts. Raises Wrong."""
    found: str | int | list[str] | None = _decoded(raw, str | int | list[str] | None)
    return found


def search(body: bytes) -> Mapping[str, msgspec.Raw]:
    """The parameters of a search by POST. Raises Wrong."""
    return fields(msgspec.Raw(body or b"{}"))


def _decoded(raw: msgspec.Raw, kind: Any) -> Any:
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Wrong("The body is not the JSON that SCIM asks for.", "invalidSyntax") from None


def _refused(attribute: Attribute, why: str) -> Wrong:
    return Wrong(f"{attribute.name} {why}.")


def _several(raw: msgspec.Raw, attribute: Attribute) -> list[Document] | None:
    kind = kind_of(raw)
    values = _decoded(raw, list[msgspec.Raw]) if kind == "[" else [raw]
    found = [one for value in values if (one := read_one(value, attribute))]
    return one_primary(found, attribute) or None


def read_one(raw: msgspec.Raw, attribute: Attribute) -> Document | None:
    """One value of several. Raises Wrong."""
    kind = kind_of(raw)
    return None if kind == "n" else _complex(raw, kind, attribute)


def one_primary(values: list[Document], attribute: Attribute) -> list[Document]:
    """At most one main value, the last that says so; at most as many values as anybody has. Raises Wrong."""
    if attribute.part("primary") is None:
        return values
    if len(values) > _VALUES:
        raise _refused(attribute, f"takes at most {_VALUES} values")
    main = max((number for number, value in enumerate(values) if value.get("primary")), default=None)
    return [
        value | {"primary": False} if value.get("primary") and number != main else value
        for number, value in enumerate(values)
    ]


def _complex(raw: msgspec.Raw, kind: str, attribute: Attribute) -> Document | None:
    if kind == "n":
        return None
    if kind == "{":
        return checked(_parts(raw, attribute), attribute)
    main = attribute.part("value")
    if main is None:
        raise _refused(attribute, "takes an object")
    value = _simple(raw, main)
    return checked({main.name: value}, attribute) if value is not None else None


def _parts(raw: msgspec.Raw, attribute: Attribute) -> Document:
    found = {}
    for name, value in fields(raw).items():
        part = attribute.part(name)
        if part is None or (part.mutability == "readOnly" and part.name != "$ref"):  # which may be all that names one
            continue
        kept = read(value, part)
        if kept is not None:
            found[part.name] = kept
    return found


def checked(found: Document, attribute: Attribute) -> Document | None:
    """A value that holds together, or nothing of it. Raises Wrong."""
    if attribute.part("$ref") is not None:
        return _by_id(found)
    if attribute.name == "emails":
        if not found.get("value"):
            return None
        return found | {"value": _email(found["value"])}
    return found or None


def _by_id(found: Document) -> Document | None:
    """Whoever is pointed at, by id: the address alone names one, too, and is made anew when it is shown."""
    value = found.get("value") or found.get("$ref", "").rstrip("/").rpartition("/")[2]
    return {"value": value} if value else None


def _email(text: str) -> str:
    found = clean_email(text)
    if found is None:
        raise Wrong("emails holds what is no e-mail address.")
    return found


def _simple(raw: msgspec.Raw, attribute: Attribute) -> Any:
    if kind_of(raw) in "{[":
        raise _refused(attribute, "is no text")
    value = _decoded(raw, str | int | float | bool | None)
    if value is None or value == "":
        return None
    if attribute.kind == "boolean":
        return _boolean(value, attribute)
    if isinstance(value, bool | float):
        raise _refused(attribute, "is no text")
    return _text(str(value), attribute)


def _boolean(value: Any, attribute: Attribute) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().casefold()
    if word not in _BOOLEANS:
        raise _refused(attribute, "is neither true nor false")
    return _BOOLEANS[word]


def _text(value: str, attribute: Attribute) -> str | None:
    longest = LONGEST_NAME if attribute.strict else MAX_EMAIL if attribute.name == "value" else _TEXT
    text = clean_text(value, longest + 1)
    if len(text) > longest and attribute.strict:
        raise _refused(attribute, f"is longer than {longest} characters")
    return text[:longest].strip() or None


def member_ids(document: Document) -> dict[str, None]:
    """The ids of a group's members, each once, in their order."""
    return dict.fromkeys(one["value"] for one in document.get("members", ()) if one.get("value"))
