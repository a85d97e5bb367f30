"""OpenID Connect: to the provider and back. allauth keeps the state and makes the request with its PKCE; what it would
take on trust is checked here: docs/decisions/0011-single-sign-on.md.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest

from uptake.actions import single_sign_on
from uptake.domain.identity_providers import Oidc, SingleSignOn, Told
from uptake.web import asking
from uptake.web.id_tokens import LEEWAY, OLDEST, Expected, Forged, claims_of, whole_json

_SCOPE = ("openid", "email", "profile")
_MOST_GROUPS = 500
UNTRUSTED = "certificate"
State = dict[str, Any]


class _Adapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """Where the provider is: its own word for it, as far as issuer and hosts are those of the file."""

    def __init__(self, request: HttpRequest, provider: _Provider) -> None:
        self._provider = provider
        super().__init__(request, provider.app.provider_id)

    def get_provider(self) -> _Provider:
        return self._provider

    @property
    def openid_config(self) -> dict[str, Any]:
        if not hasattr(self, "_found"):
            self._found = _metadata(self._provider.of, self._provider.line())
        return self._found

    def get_callback_url(self, request: HttpRequest, app: object) -> str:  # noqa: ARG002
        return self._provider.callback


class _Provider(OpenIDConnectProvider):  # type: ignore[misc]
    """allauth's provider made from the file; nothing of it comes from the database or from the request."""

    oauth2_adapter_class = _Adapter
    pkce_enabled_default = True

    def __init__(self, request: HttpRequest, sign_on: SingleSignOn, provider: Oidc) -> None:
        secret = sign_on.secrets[provider.id].expose()
        app = SocialApp(
            provider="openid_connect", provider_id=provider.id, name=provider.button, client_id=provider.client_id,
            secret=secret, settings={"oauth_pkce_enabled": True},
        )  # fmt: skip
        super().__init__(request, app=app)
        self.of, self.sign_on = provider, sign_on
        self.callback = callback_address(sign_on, provider)

    def get_oauth2_adapter(self, request: HttpRequest) -> _Adapter:
        return _Adapter(request, self)

    def line(self) -> asking.Line:
        return _line(self.sign_on, self.of)


def callback_address(sign_on: SingleSignOn, provider: Oidc) -> str:
    return f"{sign_on.public_address}/single-sign-on/{provider.id}/callback/"


def trouble(sign_on: SingleSignOn, provider: Oidc) -> str:
    """Why the provider can sign nobody in at present: a sentence; empty where it is there, and is who the file says."""
    try:
        _metadata(provider, _line(sign_on, provider))
    except asking.Untrusted as found:
        known = "of ca_file alone" if provider.ca_file else "known to everybody; ca_file names a company's own"
        return f"Its certificate is not believed: {found.why}. Believed are authorities {known}."
    except asking.Elsewhere as found:
        return f"It leads to {found}."
    except Forged as found:
        return f"It is not who the file says, or not as OpenID Connect has it: {found}."
    except requests.RequestException:
        return "It does not answer."
    return ""


def _line(sign_on: SingleSignOn, provider: Oidc) -> asking.Line:
    authorities = sign_on.authorities.get(provider.id, "")
    return asking.Line(provider.reachable, loopback=provider.issuer.startswith("http://"), authorities=authorities)


def begin(request: HttpRequest, sign_on: SingleSignOn, provider: Oidc, state: State, *, anew: bool) -> str:
    """The provider's page for this sign-in. `anew`: the person proves again who they are. Raises Forged."""
    nonce = secrets.token_urlsafe(24)
    more = {"nonce": nonce} | ({"prompt": "login", "max_age": "0"} if anew else {})
    try:
        response = _Provider(request, sign_on, provider).redirect(
            request, state["process"], scope=list(_SCOPE), auth_params=more, nonce=nonce, **_rest(state)
        )
    except requests.RequestException as error:
        raise Forged(_unreached(error, "not reachable")) from None
    return str(response["Location"])


def _unreached(error: Exception, otherwise: str) -> str:
    return UNTRUSTED if isinstance(error, asking.Untrusted) else otherwise


def _rest(state: State) -> State:
    return {name: value for name, value in state.items() if name != "process"}


def finish(request: HttpRequest, sign_on: SingleSignOn, provider: Oidc, now: datetime) -> tuple[Told, State]:
    """What the provider says of the person who came back, and what this browser had begun. Raises Forged."""
    state = statekit.unstash_state(request, provider_id=provider.id, state_id=request.GET.get("state", ""))
    if state is None:
        raise Forged("state")
    made = _Provider(request, sign_on, provider)
    try:
        return _told(request, made, state, now), state
    except (requests.RequestException, KeyError, ValueError) as error:
        raise Forged(_unreached(error, "exchange")) from None


def _told(request: HttpRequest, made: _Provider, state: State, now: datetime) -> Told:
    adapter = made.get_oauth2_adapter(request)
    _require_same_issuer(request, made.of, adapter.openid_config)
    if "error" in request.GET or not request.GET.get("code"):
        raise Forged("cancelled")
    answer = _exchange(made, adapter, request.GET["code"], state)
    expected = Expected(
        made.of.issuer, made.of.client_id, made.of.algorithms, state["nonce"], answer["access_token"], now
    )
    keys = _json(made.line().ask("GET", adapter.openid_config["jwks_uri"]))
    claims = claims_of(answer.get("id_token"), keys, expected)
    if not single_sign_on.first_use(made.of, f"nonce {state['nonce']}", now + OLDEST + LEEWAY, now):
        raise Forged("replay")
    if made.of.userinfo:
        claims = _with_userinfo(made, adapter, answer["access_token"], claims)
    return _as_told(made.of, claims)


def _require_same_issuer(request: HttpRequest, provider: Oidc, metadata: dict[str, Any]) -> None:
    """RFC 9207: which issuer answered, so that the answer of one is never taken to another."""
    told = request.GET.get("iss")
    promised = metadata.get("authorization_response_iss_parameter_supported") is True
    if (told is not None or promised) and told != provider.issuer:
        raise Forged("issuer")


def _exchange(made: _Provider, adapter: _Adapter, code: str, state: State) -> dict[str, Any]:
    """The code for tokens. allauth's own takes any kind of answer, and puts a refused one, tokens and all, in its error."""
    data = {"grant_type": "authorization_code", "code": code, "redirect_uri": made.callback}
    data["code_verifier"] = state["pkce_code_verifier"]
    client = (made.app.client_id, made.app.secret)
    if not adapter.basic_auth:
        data |= dict(zip(("client_id", "client_secret"), client, strict=True))
    auth = client if adapter.basic_auth else None
    answer = _json(made.line().ask("POST", adapter.access_token_url, data=data, auth=auth))
    if str(answer.get("token_type", "")).lower() != "bearer" or not isinstance(answer.get("access_token"), str):
        raise Forged("answer")
    return answer


def _json(response: requests.Response) -> dict[str, Any]:
    if response.status_code != 200 or "json" not in response.headers.get("Content-Type", ""):
        raise Forged("answer")
    return whole_json(response.content)


def _metadata(provider: Oidc, line: asking.Line) -> dict[str, Any]:
    """Discovery: the issuer must be the file's, letter by letter, and every address on a host of the file."""
    found = _json(line.ask("GET", f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"))
    if found.get("issuer") != provider.issuer:
        raise Forged("issuer")
    needed = ["authorization_endpoint", "token_endpoint", "jwks_uri"]
    for name in [*needed, "userinfo_endpoint"] if provider.userinfo else needed:
        line.require(found.get(name))
    return found


def _with_userinfo(made: _Provider, adapter: _Adapter, token: str, claims: dict[str, Any]) -> dict[str, Any]:
    """Address and groups from the provider's page about the person; of the same person only."""
    headers = {"Authorization": f"Bearer {token}"}
    told = _json(made.line().ask("GET", adapter.openid_config["userinfo_endpoint"], headers=headers))
    if told.get("sub") != claims["sub"]:
        raise Forged("subject")
    wanted = ("email", "email_verified", made.of.groups)
    return claims | {name: told[name] for name in wanted if name in told}


def _as_told(provider: Oidc, claims: dict[str, Any]) -> Told:
    email = claims.get("email")
    return Told(
        subject=claims["sub"],
        email=email.strip().lower() if isinstance(email, str) else "",
        email_verified=claims.get("email_verified") is True,
        groups=groups_of(provider, claims.get(provider.groups)),
        authenticated_at=_moment(claims.get("auth_time")),
    )


def _moment(told: object) -> datetime | None:
    timed = isinstance(told, int) and not isinstance(told, bool) and 0 < told < 2**33
    return datetime.fromtimestamp(told, UTC) if timed else None  # type: ignore[arg-type]


def groups_of(provider: Any, told: object) -> frozenset[str] | None:
    """Those that rules name. None where nothing was said, or what was said is no list of names or endless."""
    listed = [told] if isinstance(told, str) else told
    if not isinstance(listed, list) or len(listed) > _MOST_GROUPS or not all(isinstance(one, str) for one in listed):
        return None
    return frozenset(listed) & {rule.group for rule in provider.roles}


FRESH = timedelta(minutes=5)


def proved_since(told: Told, begin: datetime) -> bool:
    """Whether the person proved to the provider who they are after `begin`, not only some time before."""
    return told.authenticated_at is not None and told.authenticated_at >= begin - LEEWAY
