"""The shape of a SAML response before any signature is looked at: one assertion, signed as a whole, nothing around it.

Signature wrapping lives on ambiguity: which of two elements is signed, which one is read. Here there are never two.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from typing import Any

from uptake.web.id_tokens import Forged

NAMES = {
    "p": "urn:oasis:names:tc:SAML:2.0:protocol",
    "a": "urn:oasis:names:tc:SAML:2.0:assertion",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "xenc": "http://www.w3.org/2001/04/xmlenc#",
}
_MOST = 256 * 1024
_DECLARATION = re.compile(
    r"""\A\ufeff?<\?xml\s+version=["']1\.0["'](\s+encoding=["'](?i:utf-8)["'])?(\s+standalone=["'](yes|no)["'])?\s*\?>"""
)
_DSIG, _MORE = "http://www.w3.org/2000/09/xmldsig#", "http://www.w3.org/2001/04/xmldsig-more#"
_SIGNATURES = {f"{_MORE}{kind}-sha{size}" for kind in ("rsa", "ecdsa") for size in (256, 384, 512)}
_DIGESTS = {f"http://www.w3.org/2001/04/xmlenc#sha{size}" for size in (256, 512)} | {f"{_MORE}sha384"}
_CANONICAL = "http://www.w3.org/2001/10/xml-exc-c14n#"
_TRANSFORMS = {_CANONICAL, f"{_DSIG}enveloped-signature"}


def opened(encoded: str) -> bytes:
    """The response as plain XML: UTF-8, without DOCTYPE, entities, comments, CDATA or instructions. Raises Forged."""
    if not encoded or len(encoded) > _MOST:
        raise Forged("size")
    try:
        raw = b64decode(re.sub(r"\s", "", encoded), validate=True)
        text = raw.decode("utf-8")
    except (NotBase64, ValueError):
        raise Forged("encoding") from None
    body = _DECLARATION.sub("", text)
    if "<!" in body or "<?" in body or "\x00" in body:
        raise Forged("markup")
    return raw


def require_plain(root: Any) -> Any:
    """The one assertion of a response that has the only shape we take. Raises Forged."""
    assertions = root.xpath("//a:Assertion", namespaces=NAMES)
    if root.tag != f"{{{NAMES['p']}}}Response" or len(root.xpath("//p:Response", namespaces=NAMES)) != 1:
        raise Forged("shape")
    if len(assertions) != 1 or assertions[0].getparent() is not root:
        raise Forged("shape")
    if root.xpath("//a:EncryptedAssertion|//a:EncryptedID|//a:EncryptedAttribute|//xenc:*", namespaces=NAMES):
        raise Forged("encrypted")
    _require_ids(root)
    signatures = root.xpath("//ds:Signature", namespaces=NAMES)
    signed = [one.getparent() for one in signatures]
    if len(signed) != len(set(signed)) or not set(signed) <= {root, assertions[0]} or assertions[0] not in signed:
        raise Forged("not signed")
    for signature in signatures:
        _require_signature(signature)
    return assertions[0]


def _require_ids(root: Any) -> None:
    marks = [
        value for one in root.iter() for name, value in one.attrib.items() if name.rpartition("}")[2].lower() == "id"
    ]
    if not all(marks) or len(marks) != len(set(marks)):
        raise Forged("ids")


def _require_signature(signature: Any) -> None:
    """It signs the element it stands in and nothing else, by an algorithm of today."""
    references = signature.xpath(".//ds:Reference", namespaces=NAMES)
    if len(references) != 1 or references[0].get("URI") != f"#{signature.getparent().get('ID')}":
        raise Forged("reference")
    if signature.xpath("ds:Object|.//ds:Manifest", namespaces=NAMES) or len(_all(signature, "SignedInfo")) != 1:
        raise Forged("shape")
    for name, known in (
        ("SignatureMethod", _SIGNATURES),
        ("DigestMethod", _DIGESTS),
        ("CanonicalizationMethod", {_CANONICAL}),
        ("Transform", _TRANSFORMS),
    ):
        told = [one.get("Algorithm") for one in _all(signature, name)]
        if not set(told) <= known or (name != "Transform" and len(told) != 1):
            raise Forged("algorithm")


def _all(signature: Any, name: str) -> Any:
    return signature.xpath(f".//ds:{name}", namespaces=NAMES)
