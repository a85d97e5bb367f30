"""The SAML half of the tests' provider: reads our request, writes a response, signs it by xmlsec; and takes it apart again."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import xmlsec
from lxml import etree

from sso.idp import certificate_of, pem_of, rsa_key

ISSUER = "https://idp.acme.example/saml"
SIGN_IN = "https://idp.acme.example/saml/sso"
ENTITY = "http://localhost/single-sign-on/acme/"
ACS = f"{ENTITY}acs/"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
P, A, DS = (
    "urn:oasis:names:tc:SAML:2.0:protocol",
    "urn:oasis:names:tc:SAML:2.0:assertion",
    "http://www.w3.org/2000/09/xmldsig#",
)
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
KEY = rsa_key()
CERTIFICATE = certificate_of(KEY)


def at(**shift: float) -> str:
    return (datetime.now(UTC) + timedelta(**shift)).strftime("%Y-%m-%dT%H:%M:%SZ")


def request_of(address: str) -> Any:
    """The AuthnRequest of the address that our button leads to."""
    sent = parse_qs(urlsplit(address).query)["SAMLRequest"][0]
    return etree.fromstring(zlib.decompress(base64.b64decode(sent), -15))


@dataclass(frozen=True)
class Said:
    """Everything a response says; a test changes one thing of it."""

    answers: str = ""
    destination: str = ACS
    recipient: str = ACS
    confirmed_answers: str | None = None  # None: as the response
    issuer: str = ISSUER
    response_issuer: str = ISSUER
    audience: str = ENTITY
    status: str = SUCCESS
    subject: str = "p-00u1ada"
    format: str = PERSISTENT
    email: str = "ada@acme.example"
    groups: tuple[str, ...] = ()
    issued: str = field(default_factory=at)
    not_before: str = field(default_factory=lambda: at(minutes=-1))
    until: str = field(default_factory=lambda: at(minutes=5))
    confirmed_until: str | None = None
    authenticated: str = field(default_factory=at)
    session_until: str = ""
    method: str = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
    assertion_id: str = field(default_factory=lambda: f"_a{uuid4().hex}")
    response_id: str = field(default_factory=lambda: f"_r{uuid4().hex}")
    version: str = "2.0"
    extra: str = ""

    def but(self, **changed: Any) -> Said:
        return replace(self, **changed)


def assertion(said: Said) -> str:
    answers = said.answers if said.confirmed_answers is None else said.confirmed_answers
    in_response = f' InResponseTo="{answers}"' if answers else ""
    until = said.until if said.confirmed_until is None else said.confirmed_until
    values = "".join(f"<a:AttributeValue>{group}</a:AttributeValue>" for group in said.groups)
    groups = f'<a:Attribute Name="groups">{values}</a:Attribute>' if said.groups else ""
    session = f' SessionNotOnOrAfter="{said.session_until}"' if said.session_until else ""
    audience = (
        f"<a:AudienceRestriction><a:Audience>{said.audience}</a:Audience></a:AudienceRestriction>"
        if said.audience
        else ""
    )
    return (
        f'<a:Assertion xmlns:a="{A}" ID="{said.assertion_id}" Version="2.0" IssueInstant="{said.issued}">'
        f"<a:Issuer>{said.issuer}</a:Issuer>"
        f'<a:Subject><a:NameID Format="{said.format}">{said.subject}</a:NameID>'
        f'<a:SubjectConfirmation Method="{said.method}"><a:SubjectConfirmationData{in_response}'
        + (f' Recipient="{said.recipient}"' if said.recipient else "")
        + (f' NotOnOrAfter="{until}"' if until else "")
        + "/></a:SubjectConfirmation></a:Subject>"
        f'<a:Conditions NotBefore="{said.not_before}"'
        + (f' NotOnOrAfter="{said.until}"' if said.until else "")
        + f">{audience}</a:Conditions>"
        f'<a:AuthnStatement AuthnInstant="{said.authenticated}"{session}><a:AuthnContext><a:AuthnContextClassRef>'
        "urn:oasis:names:tc:SAML:2.0:ac:classes:Password</a:AuthnContextClassRef></a:AuthnContext></a:AuthnStatement>"
        f'<a:AttributeStatement><a:Attribute Name="email"><a:AttributeValue>{said.email}</a:AttributeValue></a:Attribute>'
        f"{groups}{said.extra}</a:AttributeStatement></a:Assertion>"
    )


def response(said: Said) -> Any:
    """The response as a tree, unsigned."""
    answers = f' InResponseTo="{said.answers}"' if said.answers else ""
    to = f' Destination="{said.destination}"' if said.destination else ""
    text = (
        f'<p:Response xmlns:p="{P}" xmlns:a="{A}" ID="{said.response_id}" Version="{said.version}" '
        f'IssueInstant="{said.issued}"{to}{answers}><a:Issuer>{said.response_issuer}</a:Issuer>'
        f'<p:Status><p:StatusCode Value="{said.status}"/></p:Status>{assertion(said)}</p:Response>'
    )
    return etree.fromstring(text)


def sign(
    element: Any,
    *,
    key: Any = KEY,
    method: Any = xmlsec.Transform.RSA_SHA256,
    digest: Any = xmlsec.Transform.SHA256,
    uri: str | None = None,
    secret: bytes | None = None,
) -> Any:
    """Sign an element that stands in its tree; the signature goes behind its Issuer."""
    target = f"#{element.get('ID')}" if uri is None else uri
    signature = xmlsec.template.create(element, xmlsec.Transform.EXCL_C14N, method)
    element.insert(1, signature)
    reference = xmlsec.template.add_reference(signature, digest, uri=target)
    xmlsec.template.add_transform(reference, xmlsec.Transform.ENVELOPED)
    xmlsec.template.add_transform(reference, xmlsec.Transform.EXCL_C14N)
    for one in element.getroottree().iter():
        if one.get("ID"):
            xmlsec.tree.add_ids(one, ["ID"])
    context = xmlsec.SignatureContext()
    context.key = (
        xmlsec.Key.from_binary_data(xmlsec.KeyData.HMAC, secret)
        if secret
        else xmlsec.Key.from_memory(pem_of(key), xmlsec.KeyFormat.PEM)
    )
    if not secret:
        info = xmlsec.template.ensure_key_info(signature)
        xmlsec.template.add_x509_data(info)
        context.key.load_cert_from_memory(certificate_of(key).encode(), xmlsec.KeyFormat.PEM)
    context.sign(signature)
    return signature


def find(root: Any, name: str) -> Any:
    found = root.find(f".//{{{A}}}{name}")
    assert found is not None
    return found


def signed(said: Said, **how: Any) -> Any:
    """An honest response: the assertion is signed."""
    root = response(said)
    sign(find(root, "Assertion"), **how)
    return root


def encoded(root: Any) -> str:
    text = root if isinstance(root, bytes) else etree.tostring(root)
    return base64.b64encode(text).decode()
