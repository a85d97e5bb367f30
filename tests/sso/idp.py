"""An identity provider of the tests' own, over HTTP on loopback: OpenID Connect whole, SAML with signatures by xmlsec.

It signs whatever it is told to: `twist` changes the next answer on its way out, as an attacker or a broken provider would.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

CLIENT, SECRET = "uptake-client", "a client secret of the tests"
Claims = dict[str, Any]


def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def pem_of(key: Any) -> bytes:
    form = serialization.PrivateFormat.PKCS8
    return bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))


def certificate_of(key: Any) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "the tests' provider")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    return built.public_bytes(serialization.Encoding.PEM).decode()


def jwk_of(key: Any, kid: str, **more: str) -> Claims:
    kind = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
    return {**json.loads(kind.to_jwk(key.public_key())), "kid": kid, "use": "sig", **more}


@dataclass
class Granted:
    """What a code stands for."""

    asked: dict[str, str]
    used: bool = False


@dataclass
class Person:
    """Who sits before the provider's page."""

    sub: str = "00u1ada"
    email: str = "ada@acme.example"
    email_verified: object = True
    groups: list[str] | None = None
    auth_time: int | None = None

    def claims(self) -> Claims:
        told: Claims = {"sub": self.sub, "email": self.email, "email_verified": self.email_verified}
        told["auth_time"] = int(time.time()) if self.auth_time is None else self.auth_time
        return told | ({"groups": self.groups} if self.groups is not None else {})


@dataclass
class Idp:
    """One provider. Change `person` and the twists between requests."""

    key: rsa.RSAPrivateKey = field(default_factory=rsa_key)
    person: Person = field(default_factory=Person)
    twist: Callable[[Claims, Claims, Idp], str] | None = None  # header, claims → the ID token
    twist_answer: Callable[[Claims], Any] | None = None  # the token endpoint's answer
    twist_metadata: Callable[[Claims], Claims] | None = None
    twist_back: Callable[[dict[str, str]], dict[str, str]] | None = None  # what the browser brings back
    twist_userinfo: Callable[[Claims], Claims] | None = None
    redirects: bool = False  # the token endpoint sends on
    keys: list[Claims] | None = None
    press: bool = False  # a page with a link instead of going back at once
    saml_page: Callable[[str], str] | None = None  # the page that takes a SAML request by its address
    asked: list[str] = field(default_factory=list)
    granted: dict[str, Granted] = field(default_factory=dict)
    client: str = CLIENT

    def __enter__(self) -> Idp:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.idp = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def plain(self) -> None:
        """An honest provider again."""
        self.twist = self.twist_answer = self.twist_metadata = self.twist_back = self.twist_userinfo = self.keys = None  # type: ignore[assignment]
        self.redirects, self.person = False, Person()

    def metadata(self) -> Claims:
        told = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }
        return self.twist_metadata(told) if self.twist_metadata else told

    def jwks(self) -> Claims:
        return {"keys": self.keys or [jwk_of(self.key, "first", alg="RS256")]}

    def way_back(self, asked: dict[str, str]) -> str:
        """Where the browser is sent after the person agreed."""
        code = secrets.token_urlsafe(16)
        self.granted[code] = Granted(asked)
        told = {"code": code, "state": asked["state"]}
        told = self.twist_back(told) if self.twist_back else told
        return f"{asked['redirect_uri']}?{urlencode(told)}"

    def exchange(self, sent: dict[str, str]) -> tuple[int, Any]:
        granted = self.granted.get(sent.get("code", ""))
        verifier = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        known = (sent.get("client_id"), sent.get("client_secret")) == (self.client, SECRET)
        if granted is None or granted.used or not known or challenge != granted.asked.get("code_challenge"):
            return 400, {"error": "invalid_grant"}
        granted.used = True
        answer = {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "expires_in": 300}
        answer["id_token"] = self.id_token(granted.asked["nonce"], str(answer["access_token"]))
        return 200, self.twist_answer(answer) if self.twist_answer else answer

    def id_token(self, nonce: str, access_token: str) -> str:
        now = int(time.time())
        claims = {"iss": self.url, "aud": self.client, "nonce": nonce, "iat": now, "exp": now + 300}
        claims["at_hash"] = half(access_token)
        claims |= self.person.claims()
        header = {"kid": "first"}
        return self.twist(header, claims, self) if self.twist else sign(claims, self.key, header)

    def userinfo(self) -> Claims:
        told = self.person.claims()
        return self.twist_userinfo(told) if self.twist_userinfo else told


def half(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:16]).rstrip(b"=").decode()


def sign(claims: Claims, key: Any, header: Claims | None = None, algorithm: str = "RS256") -> str:
    """By hand: a library refuses to write what must be refused when it is read."""
    head = {"typ": "JWT", "alg": algorithm} | (header or {})
    parts = [json.dumps(part).encode() for part in (head, claims)]
    signed = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    kind = hashes.SHA512() if algorithm == "RS512" else hashes.SHA256()
    seal = key.sign(signed, padding.PKCS1v15(), kind)
    return b".".join((signed, base64.urlsafe_b64encode(seal).rstrip(b"="))).decode()


def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


class _Server(ThreadingHTTPServer):
    idp: Idp


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        idp, parts = self.server.idp, urlsplit(self.path)
        idp.asked.append(f"GET {parts.path}")
        pages = {"/.well-known/openid-configuration": idp.metadata, "/jwks": idp.jwks, "/userinfo": idp.userinfo}
        if parts.path == "/authorize":
            self._back(idp.way_back(_flat(parts.query)))
        elif parts.path == "/saml" and idp.saml_page:
            self._send(200, idp.saml_page(self.path).encode(), "text/html", {})
        elif parts.path in pages:
            self._json(200, pages[parts.path]())
        else:
            self._send(204, b"", "text/plain", {})  # a browser wants an icon

    def do_POST(self) -> None:
        idp = self.server.idp
        idp.asked.append(f"POST {urlsplit(self.path).path}")
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if idp.redirects:
            self._send(307, b"", "text/plain", {"Location": f"{idp.url}/elsewhere"})
        else:
            self._json(*idp.exchange(_flat(body)))

    def _back(self, to: str) -> None:
        if self.server.idp.press:
            page = f'<!doctype html><title>Provider</title><a href="{escape(to)}">Agree</a>'
            self._send(200, page.encode(), "text/html", {})
        else:
            self._send(302, b"", "text/plain", {"Location": to})

    def _json(self, status: int, told: Any) -> None:
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        self._send(status, body, "application/json", {})

    def _send(self, status: int, body: bytes, kind: str, more: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in ({"Content-Type": kind, "Content-Length": str(len(body))} | more).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None: ...


def _flat(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}
