"""SAML: to the provider and back. python3-saml checks the signature; what it takes for granted where it is absent is
required here: docs/decisions/0011-single-sign-on.md. allauth keeps the state; its views are not used.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from allauth.socialaccount.internal import statekit
from django.core import signing
from django.http import HttpRequest

from uptake.actions import single_sign_on
from uptake.domain.identity_providers import Saml, SingleSignOn, Told
from uptake.web.id_tokens import LEEWAY, OLDEST, Forged
from uptake.web.oidc import State, groups_of
from uptake.web.saml_shape import NAMES, opened, require_plain

_PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
_BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
_POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
CARRIED = timedelta(seconds=90)  # from the provider's form to our page
_SALT = "uptake.saml"


@dataclass(frozen=True, slots=True)
class Arrived:
    """A response that holds: of whom it tells, which request it answers ("" for none), and what makes it unique."""

    told: Told
    answers: str
    assertion: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Here:
    """Our own addresses, as the provider has them."""

    entity: str
    acs: str


def here(sign_on: SingleSignOn, provider: Saml) -> Here:
    entity = f"{sign_on.public_address}/single-sign-on/{provider.id}/"
    return Here(entity, f"{entity}acs/")


def begin(request: HttpRequest, sign_on: SingleSignOn, provider: Saml, state: State, *, anew: bool) -> str:
    """The provider's page for this sign-in. `anew`: the person proves again who they are."""
    auth = _auth(sign_on, provider, {})
    url = auth.login(return_to="", force_authn=anew)
    statekit.stash_state(request, provider_id=provider.id, state=state, state_id=auth.get_last_request_id())
    return str(url)


def _auth(sign_on: SingleSignOn, provider: Saml, post: dict[str, str]) -> Any:
    from onelogin.saml2.auth import OneLogin_Saml2_Auth

    at = urlsplit(here(sign_on, provider).acs)
    request = {
        "https": "on" if at.scheme == "https" else "off",
        "http_host": at.netloc,
        "script_name": "",
        "path_info": at.path,
        "get_data": {},
        "post_data": post,
    }
    return OneLogin_Saml2_Auth(request, old_settings=_settings(sign_on, provider))


def _settings(sign_on: SingleSignOn, provider: Saml) -> dict[str, Any]:
    side, ours = sign_on.saml[provider.id], here(sign_on, provider)
    return {
        "strict": True,
        "debug": False,
        "sp": {
            "entityId": ours.entity,
            "assertionConsumerService": {"url": ours.acs, "binding": _POST},
            "NameIDFormat": _PERSISTENT,
        },
        "idp": {
            "entityId": provider.issuer,
            "singleSignOnService": {"url": side.sign_in_url, "binding": _REDIRECT},
            "x509certMulti": {"signing": list(side.certificates), "encryption": [side.certificates[0]]},
        },
        "security": {
            "wantAssertionsSigned": True,
            "rejectDeprecatedAlgorithm": True,
            "requestedAuthnContext": False,
            "wantAttributeStatement": False,
            "wantNameId": True,
            "allowSingleLabelDomains": True,
        },
    }


def read(sign_on: SingleSignOn, provider: Saml, encoded: str, now: datetime) -> Arrived:
    """What a posted response says, if all of it holds. Raises Forged. Nothing is remembered yet."""
    from onelogin.saml2.xml_utils import OneLogin_Saml2_XML

    raw = opened(encoded)
    try:
        root = OneLogin_Saml2_XML.to_etree(raw)
    except Exception:  # noqa: BLE001  # libxml2 has many ways to say that this is no XML
        raise Forged("markup") from None
    assertion = require_plain(root)
    _require_signed(sign_on, provider, encoded)
    return _read(root, assertion, provider, here(sign_on, provider), now)


def _require_signed(sign_on: SingleSignOn, provider: Saml, encoded: str) -> None:
    """python3-saml's verdict: schema, status, signatures by a pinned certificate, and its own view of the rest."""
    auth = _auth(sign_on, provider, {"SAMLResponse": encoded})
    try:
        auth.process_response()
    except Exception:  # noqa: BLE001  # whatever it stumbles over is no response
        raise Forged("response") from None
    if auth.get_errors() or not auth.is_authenticated():
        raise Forged("response")


def _read(root: Any, assertion: Any, provider: Saml, ours: Here, now: datetime) -> Arrived:
    if root.get("Destination") != ours.acs:
        raise Forged("destination")
    if _text(_one(assertion, "a:Issuer")) != provider.issuer:
        raise Forged("issuer")
    until = min(_conditions(assertion, ours, now), _confirmation(root, assertion, ours, now))
    _require_recent(assertion.get("IssueInstant"), now)
    attributes = _attributes(assertion)
    return Arrived(
        _told(provider, _subject(assertion, attributes, provider, ours), attributes, _authenticated(assertion, now)),
        root.get("InResponseTo", ""),
        assertion.get("ID"),
        until + 2 * LEEWAY,
    )


def _conditions(assertion: Any, ours: Here, now: datetime) -> datetime:
    """Until when it holds. It must name an audience, and us in every restriction."""
    conditions = _one(assertion, "a:Conditions")
    restrictions = conditions.xpath("a:AudienceRestriction", namespaces=NAMES)
    named = [[_text(one) for one in each.xpath("a:Audience", namespaces=NAMES)] for each in restrictions]
    if not named or not all(ours.entity in each for each in named):
        raise Forged("audience")
    if conditions.get("NotBefore") and _time(conditions.get("NotBefore")) - LEEWAY > now:
        raise Forged("not yet")
    return _until(conditions, now)


def _confirmation(root: Any, assertion: Any, ours: Here, now: datetime) -> datetime:
    """Until when it may be brought here. It is for us, and for the request that the response names."""
    confirmation = _one(assertion, "a:Subject/a:SubjectConfirmation")
    data = _one(confirmation, "a:SubjectConfirmationData")
    if confirmation.get("Method") != _BEARER or data.get("NotBefore"):
        raise Forged("confirmation")
    if data.get("Recipient") != ours.acs:
        raise Forged("recipient")
    if data.get("InResponseTo", "") != root.get("InResponseTo", ""):
        raise Forged("in response to")
    return _until(data, now)


def _until(element: Any, now: datetime) -> datetime:
    until = _time(element.get("NotOnOrAfter"))
    if until + LEEWAY <= now:
        raise Forged("expired")
    return until


def _require_recent(issued: str | None, now: datetime) -> None:
    if not -LEEWAY <= now - _time(issued) <= OLDEST:
        raise Forged("too old")


def _authenticated(assertion: Any, now: datetime) -> datetime:
    statement = _one(assertion, "a:AuthnStatement")
    ends = statement.get("SessionNotOnOrAfter")
    at = _time(statement.get("AuthnInstant"))
    if at - LEEWAY > now or (ends and _time(ends) + LEEWAY <= now):
        raise Forged("expired")
    return at


def _subject(assertion: Any, attributes: dict[str, list[str]], provider: Saml, ours: Here) -> str:
    """A persistent NameID, or the attribute that the file names. A transient one or an address is nobody's for good."""
    if provider.subject_attribute:
        values = attributes.get(provider.subject_attribute, [])
        subject = values[0] if len(values) == 1 else ""
    else:
        name = _one(assertion, "a:Subject/a:NameID")
        if name.get("Format") != _PERSISTENT or name.get("SPNameQualifier", ours.entity) != ours.entity:
            raise Forged("subject")
        subject = _text(name)
    if not 0 < len(subject) <= 255 or not subject.isprintable():
        raise Forged("subject")
    return subject


def _attributes(assertion: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in assertion.xpath("a:AttributeStatement/a:Attribute", namespaces=NAMES):
        if one.get("Name") in found:
            raise Forged("attributes")
        found[one.get("Name")] = [_text(value) for value in one.xpath("a:AttributeValue", namespaces=NAMES)]
    return found


def _told(provider: Saml, subject: str, attributes: dict[str, list[str]], at: datetime) -> Told:
    emails = attributes.get(provider.email_attribute, [])
    return Told(
        subject=subject,
        email=emails[0].strip().lower() if len(emails) == 1 else "",
        email_verified=len(emails) == 1,  # the company's own directory; the file names the domains it speaks for
        groups=groups_of(provider, attributes.get(provider.groups)),
        authenticated_at=at,
    )


def carried(arrived: Arrived, provider: Saml) -> str:
    """What the browser carries from the provider's form to our page, signed. Such a form comes without our cookies."""
    told = arrived.told
    at = told.authenticated_at.timestamp() if told.authenticated_at else 0
    groups = None if told.groups is None else sorted(told.groups)
    person = [told.subject, told.email, told.email_verified, groups, at]
    whole = [provider.id, arrived.answers, arrived.assertion, arrived.until.timestamp(), person]
    return signing.dumps(whole, salt=_SALT, compress=True)


def finish(request: HttpRequest, provider: Saml, token: str, now: datetime) -> tuple[Told, State]:
    """What the provider said, and what this browser had begun. An assertion works once. Raises Forged."""
    arrived = _carried(token, provider)
    state: State | None = {"process": "login"}
    if arrived.answers:
        state = statekit.unstash_state(request, provider_id=provider.id, state_id=arrived.answers)
    elif not provider.idp_initiated:
        state = None
    if state is None:
        raise Forged("in response to")
    if not single_sign_on.first_use(provider, f"assertion {arrived.assertion}", arrived.until, now):
        raise Forged("replay")
    return arrived.told, state


def _carried(token: str, provider: Saml) -> Arrived:
    try:
        to, answers, assertion, until, person = signing.loads(token, salt=_SALT, max_age=CARRIED)
    except signing.BadSignature:
        raise Forged("carried") from None
    if to != provider.id:
        raise Forged("carried")
    subject, email, verified, groups, at = person
    known = None if groups is None else frozenset(groups)
    told = Told(subject, email, verified, known, datetime.fromtimestamp(at, UTC) if at else None)
    return Arrived(told, answers, assertion, datetime.fromtimestamp(until, UTC))


def _one(element: Any, path: str) -> Any:
    found = element.xpath(path, namespaces=NAMES)
    if len(found) != 1:
        raise Forged("shape")
    return found[0]


def _text(element: Any) -> str:
    """The whole text of an element that holds nothing but text."""
    if len(element):
        raise Forged("shape")
    return (element.text or "").strip()


def _time(text: str | None) -> datetime:
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        raise Forged("time") from None
    if found.tzinfo is None:
        raise Forged("time")
    return found
