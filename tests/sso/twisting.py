"""How the answers of a provider are forged: tokens, keys, metadata, and what the browser brings back."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives import serialization

from sso.idp import Claims, Idp, ec_key, jwk_of, rsa_key, sign

OTHER = rsa_key()
Row = tuple[Callable[[Idp], Any], str]


def unsigned(header: Claims, claims: Claims) -> str:
    parts = [json.dumps({"typ": "JWT", **header, "alg": "none"}), json.dumps(claims)]
    return ".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in parts) + "."


def public(key: Any) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return bytes(key.public_key().public_bytes(serialization.Encoding.PEM, form))


def by_hmac(header: Claims, claims: Claims, secret: bytes) -> str:
    """HS256, by whatever is taken for its secret."""
    head = json.dumps({"typ": "JWT", **header, "alg": "HS256"}).encode()
    parts = [base64.urlsafe_b64encode(part).rstrip(b"=") for part in (head, json.dumps(claims).encode())]
    seal = hmac.new(secret, b".".join(parts), hashlib.sha256).digest()
    return b".".join([*parts, base64.urlsafe_b64encode(seal).rstrip(b"=")]).decode()


def token(make: Callable[[Claims, Claims, Idp], str]) -> Callable[[Idp], None]:
    def twist(idp: Idp) -> None:
        idp.twist = make

    return twist


def claims(**changed: Any) -> Callable[[Idp], None]:
    """Signed rightly, with these claims changed; None takes one away."""

    def make(header: Claims, told: Claims, idp: Idp) -> str:
        new = {name: value for name, value in (told | changed).items() if value is not None}
        return sign(new, idp.key, header)

    return token(make)


def header(**changed: Any) -> Callable[[Idp], None]:
    return token(lambda old, told, idp: sign(told, idp.key, old | changed))


def answer(**changed: Any) -> Callable[[Idp], None]:
    def twist(idp: Idp) -> None:
        idp.twist_answer = lambda old: {name: value for name, value in (old | changed).items() if value is not None}

    return twist


def raw_answer(body: bytes) -> Callable[[Idp], None]:
    def twist(idp: Idp) -> None:
        idp.twist_answer = lambda old: body

    return twist


def metadata(**changed: Any) -> Callable[[Idp], None]:
    def twist(idp: Idp) -> None:
        idp.twist_metadata = lambda old: old | changed

    return twist


def back(**changed: Any) -> Callable[[Idp], None]:
    def twist(idp: Idp) -> None:
        idp.twist_back = lambda old: {name: value for name, value in (old | changed).items() if value is not None}

    return twist


def keys(*found: Claims) -> Callable[[Idp], None]:
    def twist(idp: Idp) -> None:
        idp.keys = list(found)

    return twist


def both(*twists: Callable[[Idp], None]) -> Callable[[Idp], None]:
    def twist(idp: Idp) -> None:
        for one in twists:
            one(idp)

    return twist


def redirected(idp: Idp) -> None:
    idp.redirects = True


def tampered(old: Claims, told_: Claims, idp: Idp) -> str:
    head, _, seal = sign(told_, idp.key, old).split(".")
    body = base64.urlsafe_b64encode(json.dumps(told_ | {"sub": "00u2boss"}).encode()).rstrip(b"=").decode()
    return f"{head}.{body}.{seal}"


def small() -> Callable[[Idp], None]:
    weak = rsa_key(1024)
    return both(keys(jwk_of(weak, "first", alg="RS256")), token(lambda old, new, idp: sign(new, weak, old)))


NOW = int(time.time())
HOUR = 3600
EC = ec_key()
