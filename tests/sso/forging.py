"""How a SAML response is forged: the eight signature wrappings, and changes that only an attacker would make."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from lxml import etree

from sso.saml_idp import DS, A, P, Said, at, find, response, sign, signed

EVIL = "p-00u2boss"
Forge = Callable[[Said], Any]


def but(**changed: Any) -> Forge:
    """Signed rightly, with this said otherwise."""
    return lambda said: signed(said.but(**{name: one() if callable(one) else one for name, one in changed.items()}))


def then(**shift: float) -> Callable[[], str]:
    """A moment counted from when the response is forged: rows are made long before."""
    return lambda: at(**shift)


def evil_of(good: Any, name: str = "_evil") -> Any:
    """A copy of the assertion that tells of somebody else, without its signature."""
    copy = deepcopy(good)
    copy.set("ID", name)
    find(copy, "NameID").text = EVIL
    for one in copy.findall(f"{{{DS}}}Signature"):
        copy.remove(one)
    return copy


def parts(said: Said, *, whole: bool = False) -> tuple[Any, Any, Any]:
    """(response, assertion, signature), signed: the assertion, or the response as a whole."""
    root = response(said)
    good = find(root, "Assertion")
    signature = sign(root if whole else good)
    return root, good, signature


def xsw1(said: Said) -> Any:
    """Evil response around: the signed response lies in its signature."""
    root, _, signature = parts(said, whole=True)
    original = deepcopy(root)
    original.remove(original.find(f"{{{DS}}}Signature"))
    root.set("ID", "_evil")
    find(root, "NameID").text = EVIL
    signature.append(original)
    return root


def xsw2(said: Said) -> Any:
    """As 1, detached: the signed response before the signature."""
    root, _, signature = parts(said, whole=True)
    original = deepcopy(root)
    original.remove(original.find(f"{{{DS}}}Signature"))
    root.set("ID", "_evil")
    find(root, "NameID").text = EVIL
    signature.addprevious(original)
    return root


def xsw3(said: Said) -> Any:
    """The evil assertion before the signed one."""
    root, good, _ = parts(said)
    good.addprevious(evil_of(good))
    return root


def xsw4(said: Said) -> Any:
    """The signed assertion inside of the evil one."""
    root, good, _ = parts(said)
    evil = evil_of(good)
    good.addprevious(evil)
    evil.append(good)
    return root


def xsw5(said: Said) -> Any:
    """The evil one carries the signature, the original behind it without."""
    root, good, signature = parts(said)
    original = evil_of(good, good.get("ID"))
    find(original, "NameID").text = said.subject
    good.set("ID", "_evil")
    find(good, "NameID").text = EVIL
    root.append(original)
    assert signature.getparent() is good
    return root


def xsw6(said: Said) -> Any:
    """As 5, with the original in the signature."""
    root, good, signature = parts(said)
    original = evil_of(good, good.get("ID"))
    find(original, "NameID").text = said.subject
    good.set("ID", "_evil")
    find(good, "NameID").text = EVIL
    signature.append(original)
    return root


def xsw7(said: Said) -> Any:
    """The evil one in an extension, where the schema is lax."""
    root, good, _ = parts(said)
    extensions = etree.Element(f"{{{P}}}Extensions")
    extensions.append(evil_of(good, good.get("ID")))
    root.insert(1, extensions)
    return root


def xsw8(said: Said) -> Any:
    """The original in an Object of the signature."""
    root, good, signature = parts(said)
    original = evil_of(good, good.get("ID"))
    find(original, "NameID").text = said.subject
    good.set("ID", "_evil")
    find(good, "NameID").text = EVIL
    etree.SubElement(signature, f"{{{DS}}}Object").append(original)
    return root


def changed(said: Said) -> Any:
    root = signed(said)
    find(root, "NameID").text = EVIL
    return root


def another_response(said: Said) -> Any:
    """A second response around the same assertion, itself unsigned: its own words are anybody's."""
    return but(destination="https://evil.example/acs")(said)


def response_only(said: Said) -> Any:
    root = response(said)
    sign(root)
    return root


def two_assertions(said: Said) -> Any:
    root = signed(said)
    second = response(said.but(subject=EVIL, assertion_id="_second"))
    root.append(find(second, "Assertion"))
    sign(root.findall(f"{{{A}}}Assertion")[1])
    return root


def without(name: str) -> Forge:
    def forge(said: Said) -> Any:
        root = response(said)
        found = find(root, name)
        found.getparent().remove(found)
        sign(find(root, "Assertion"))
        return root

    return forge


def status_in(said: Said) -> Any:
    return signed(said.but(status="urn:oasis:names:tc:SAML:2.0:status:Requester"))


def no_status(said: Said) -> Any:
    root = signed(said)
    root.remove(root.find(f"{{{P}}}Status"))
    return root


def raw(change: Callable[[bytes], bytes]) -> Forge:
    return lambda said: change(etree.tostring(signed(said)))


def entity_in_name(text: bytes) -> bytes:
    return b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + text.replace(b"p-00u1ada", b"&e;")


def bomb(text: bytes) -> bytes:
    lines = b'<!ENTITY a0 "lol">' + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))
    return b"<!DOCTYPE x [" + lines + b"]>" + text.replace(b"p-00u1ada", b"&a9;")


def utf16(text: bytes) -> bytes:
    return ('<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x>' + text.decode()).encode("utf-16")


def signature_changed(**attributes: str) -> Forge:
    """An element of the signature says another algorithm, before it is signed over: the digest would hold."""

    def forge(said: Said) -> Any:
        root = signed(said)
        for name, algorithm in attributes.items():
            root.find(f".//{{{DS}}}{name}").set("Algorithm", algorithm)
        return root

    return forge


def encrypted(said: Said) -> Any:
    root = signed(said)
    good = find(root, "Assertion")
    root.remove(good)
    box = etree.SubElement(root, f"{{{A}}}EncryptedAssertion")
    data = etree.SubElement(box, "{http://www.w3.org/2001/04/xmlenc#}EncryptedData")
    data.text = "AAAA"
    return root


def beside(said: Said) -> Any:
    """The signature stands in the response and points at the assertion."""
    root, _, signature = parts(said)
    root.insert(1, signature)
    return root


def empty_reference(said: Said) -> Any:
    root = response(said)
    sign(find(root, "Assertion"), uri="")
    return root


def twice(said: Said) -> Any:
    root = signed(said)
    good = find(root, "Assertion")
    good.insert(1, deepcopy(good.find(f"{{{DS}}}Signature")))
    return root
