"""The identity providers that may sign people in, as the host's file says: its shape, its rules, and what it makes of a person.

Pure: text in, values out. Reading the file with its secrets is site/sso_file.py.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec

from uptake.domain.access import Role
from uptake.domain.problems import Problem, Refused
from uptake.domain.secret import Secret

Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
_Id = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
_Words = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
_Domain = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]
_Host = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9.-]+(:[0-9]{1,5})?$")]
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is in this group has this role; the first rule that fits decides."""

    group: _Words
    role: Role


class _Provider(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    id: _Id
    button: _Words
    issuer: Annotated[str, msgspec.Meta(min_length=1, max_length=400)]
    email_domains: tuple[_Domain, ...] = ()
    link_by_email: bool = False
    unknown_people: Literal["refuse", "employee"] = "refuse"
    groups: str = "groups"
    roles: tuple[Rule, ...] = ()
    otherwise: Literal["refuse", "employee"] = "refuse"


class Oidc(_Provider, frozen=True, kw_only=True, tag="oidc"):
    """OpenID Connect, code flow. Endpoints lie on the issuer's host or on one of `hosts`.

    `ca_file`: the authorities whose certificates are believed there, and no others; for a company's own.
    """

    kind = "oidc"
    client_id: Annotated[str, msgspec.Meta(min_length=1, max_length=190)]
    client_secret_file: str
    algorithms: Annotated[tuple[Algorithm, ...], msgspec.Meta(min_length=1)] = ("RS256", "ES256")
    hosts: tuple[_Host, ...] = ()
    ca_file: str = ""
    userinfo: bool = False

    @property
    def reachable(self) -> frozenset[str]:
        """Host and port of everything that is ever asked."""
        return frozenset({urlsplit(self.issuer).netloc, *self.hosts})


class Saml(_Provider, frozen=True, kw_only=True, tag="saml"):
    """SAML 2.0, web browser profile. Certificates are pinned: of a response nothing but the signature by them counts."""

    kind = "saml"
    metadata_file: str = ""
    sign_in_url: str = ""
    certificate_file: str = ""
    subject_attribute: str = ""
    email_attribute: str = "email"
    idp_initiated: bool = False


Provider = Oidc | Saml


class SsoFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    public_address: str
    provider: Annotated[tuple[Provider, ...], msgspec.Meta(min_length=1)]
    passwords_for: Literal["everybody", "company_admins"] = "everybody"


@dataclass(frozen=True, slots=True)
class SamlSide:
    """Where a SAML provider takes requests, and the certificates (PEM) that it signs with."""

    sign_in_url: str
    certificates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SingleSignOn:
    """What is in force: the file, with the secrets and certificates it names. Without a file there are no providers."""

    public_address: str = ""
    providers: tuple[Provider, ...] = ()
    passwords_for_admins_only: bool = False
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    authorities: Mapping[str, str] = field(default_factory=dict)  # provider to its file of authorities, in full
    saml: Mapping[str, SamlSide] = field(default_factory=dict)

    def of(self, provider: str) -> Provider | None:
        return next((one for one in self.providers if one.id == provider), None)


@dataclass(frozen=True, slots=True)
class Told:
    """What one verified response says of a person. `groups` are those that rules name; None where it says nothing of groups."""

    subject: str
    email: str = ""
    email_verified: bool = False
    groups: frozenset[str] | None = None
    authenticated_at: datetime | None = None


def trusted_email(provider: Provider, told: Told) -> str:
    """The address, if the provider vouches for it and it is of a domain that the file names; else empty."""
    known = told.email.rpartition("@")[2] in provider.email_domains
    return told.email if told.email_verified and known else ""


def role_of(provider: Provider, told: Told) -> Role | None:
    """The role that the groups give; None where the file maps none. Raises Refused for whoever is in no group that counts."""
    if not provider.roles:
        return None
    if told.groups is None:
        raise Refused(
            f"{provider.button} did not say in which groups you are, so nobody was signed in.",
            f"Ask whoever runs {provider.button} to send `{provider.groups}`, in full.",
        )
    fits = [rule.role for rule in provider.roles if rule.group in told.groups]
    if not fits and provider.otherwise == "refuse":
        raise Refused(
            "You are in none of the groups that uptake is open to; nobody was signed in.",
            f"Ask whoever runs {provider.button} for such a group.",
        )
    return fits[0] if fits else Role.EMPLOYEE


def parse(text: str, name: str) -> SsoFile:
    """The file from its text. Raises Problem that names the line; `name` is how the file is called in it."""
    try:
        file = msgspec.convert(tomllib.loads(text), SsoFile)
    except tomllib.TOMLDecodeError as error:
        raise _wrong(name, _told_line(str(error)), "this is not TOML") from None
    except msgspec.ValidationError as error:
        what, _, at = str(error).partition(" - at ")
        raise _wrong(name, _line_at(text, at + what), _plain(what)) from None
    for nth, key, what in _faults(file):
        raise _wrong(name, _line(text, nth, key), what)
    return file


def _faults(file: SsoFile) -> Any:
    """(which provider or -1, key, what is wrong), one after the other."""
    if not _web_address(file.public_address) or urlsplit(file.public_address).path.strip("/"):
        yield -1, "public_address", "the address people open uptake at: https://host, without a path"
    seen: set[object] = set()
    for nth, one in enumerate(file.provider):
        for key, mark in (("id", one.id), ("issuer", (one.kind, one.issuer))):
            if mark in seen:
                yield nth, key, f"another provider has this {key} already"
            seen.add(mark)
        if (one.link_by_email or one.unknown_people == "employee") and not one.email_domains:
            yield nth, "email_domains", "name the domains whose addresses this provider may vouch for"
        yield from ((nth, key, what) for key, what in (_oidc(one) if isinstance(one, Oidc) else _saml(one)))


def _oidc(one: Oidc) -> Any:
    if not _web_address(one.issuer):
        yield "issuer", "the issuer is an https address without query, exactly as the provider writes it"
    if one.ca_file and one.issuer.startswith("http://"):
        yield "ca_file", "authorities are for https, and the issuer is http"


def _saml(one: Saml) -> Any:
    if bool(one.metadata_file) == bool(one.sign_in_url or one.certificate_file):
        yield "metadata_file", "give either metadata_file, or sign_in_url and certificate_file"
    if not one.metadata_file and not (one.sign_in_url and one.certificate_file):
        yield "sign_in_url", "sign_in_url and certificate_file belong together"
    if one.sign_in_url and not _web_address(one.sign_in_url, query=True):
        yield "sign_in_url", "this is not an https address"


def _web_address(text: str, *, query: bool = False) -> bool:
    """https, or http on loopback."""
    try:
        parts = urlsplit(text)
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        return bool(safe and parts.hostname and "@" not in parts.netloc and not parts.fragment) and (
            query or not parts.query
        )
    except ValueError:
        return False


def _wrong(name: str, line: int, what: str) -> Problem:
    return Problem(
        f"{name}, line {line}: {what}. Single sign-on is not set up; nothing was started or changed.",
        "Correct the file, then look with `uptake sso check`.",
    )


def _told_line(error: str) -> int:
    found = re.search(r"line (\d+)", error)
    return int(found.group(1)) if found else 1


def _line_at(text: str, at: str) -> int:
    """The line of a path such as `$.provider[1].roles[0].role`, or of an unknown key that the message names."""
    nth = re.search(r"provider\[(\d+)\]", at)
    keys = re.findall(r"(?:\$|\])\.(\w+)", at) + re.findall(r"unknown field `(\w+)`", at)
    return _line(text, int(nth.group(1)) if nth else -1, next((key for key in keys if key != "provider"), ""))


def _line(text: str, nth: int, key: str) -> int:
    """The line of a key of the nth provider; of its heading where the key is not written."""
    begin, at = 1, -1
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(r"\s*\[\[\s*provider\s*\]\]", line):
            at += 1
            begin = number if at == nth else begin
        if at == nth and key and re.match(rf"\s*{re.escape(key)}\s*=", line):
            return number
    return begin


def _plain(what: str) -> str:
    """msgspec's words without its marks; it never shows a value."""
    return what.replace("`", "").replace("Object", "this table").rstrip(".")
