"""Whether an ID token is what it should be. Pure: token, keys and expectations in; claims or Forged out.

PyJWT does the cryptography; which key and which algorithm are ours to say, never the token's.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

LEEWAY = timedelta(seconds=60)
OLDEST = timedelta(minutes=10)
_LONGEST = 64 * 1024
_HASHES = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}
_CURVES = {"ES256": "secp256r1", "ES384": "secp384r1", "ES512": "secp521r1"}


class Forged(Exception):
    """Not what it should be; the text is one of our own words, for the audit."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say: set when the sign-in began, or in the host's file."""

    issuer: str
    client_id: str
    algorithms: tuple[str, ...]
    nonce: str
    access_token: str
    now: datetime


def claims_of(token: object, keys: Any, expected: Expected) -> dict[str, Any]:
    """The claims of a token that holds. Raises Forged."""
    if not isinstance(token, str) or len(token) > _LONGEST:
        raise Forged("no token")
    try:
        header = jwt.get_unverified_header(token)
        algorithm = _algorithm(header, expected)
        key = _key(header, algorithm, keys)
        claims = _decoded(token, key, algorithm, expected)
    except jwt.PyJWTError as error:
        raise Forged(_WHY.get(type(error), "token")) from None
    _check(claims, algorithm, expected)
    return claims


_WHY: dict[type[Exception], str] = {
    jwt.InvalidSignatureError: "signature",
    jwt.InvalidIssuerError: "issuer",
    jwt.InvalidAudienceError: "audience",
    jwt.ExpiredSignatureError: "expired",
    jwt.ImmatureSignatureError: "not yet",
    jwt.InvalidIssuedAtError: "not yet",
    jwt.MissingRequiredClaimError: "claim missing",
    jwt.InvalidAlgorithmError: "algorithm",
}


def _algorithm(header: dict[str, Any], expected: Expected) -> str:
    algorithm = header.get("alg")
    if algorithm not in expected.algorithms:
        raise Forged("algorithm")
    if "crit" in header or str(header.get("typ", "JWT")).upper() != "JWT":
        raise Forged("header")
    return str(algorithm)


def _key(header: dict[str, Any], algorithm: str, keys: Any) -> Any:
    """The one key of the provider's own list that the token names; the token's own `jwk`, `jku`, `x5u` are not looked at."""
    found = keys.get("keys") if isinstance(keys, dict) else None
    usable = [one for one in found or () if isinstance(one, dict) and _fits(one, algorithm)]
    named = [one for one in usable if one.get("kid") == header["kid"]] if "kid" in header else usable
    if len(named) != 1:
        raise Forged("key")
    try:
        key = jwt.PyJWK(named[0], algorithm).key
    except jwt.PyJWTError:
        raise Forged("key") from None
    if not _strong(key, algorithm):
        raise Forged("key")
    return key


def _fits(key: dict[str, Any], algorithm: str) -> bool:
    kind = {"R": "RSA", "P": "RSA", "E": "OKP" if algorithm == "EdDSA" else "EC"}[algorithm[0]]
    signs = key.get("use", "sig") == "sig" and "verify" in key.get("key_ops", ["verify"])
    return bool(signs and key.get("kty") == kind and key.get("alg", algorithm) == algorithm)


def _strong(key: object, algorithm: str) -> bool:
    if isinstance(key, rsa.RSAPublicKey):
        return algorithm[0] in "RP" and key.key_size >= 2048
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.curve.name == _CURVES.get(algorithm)
    return isinstance(key, ed25519.Ed25519PublicKey) and algorithm == "EdDSA"


def _decoded(token: str, key: Any, algorithm: str, expected: Expected) -> dict[str, Any]:
    return dict(
        jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=expected.client_id,
            issuer=expected.issuer,
            leeway=LEEWAY,
            options={"require": ["iss", "sub", "aud", "exp", "iat", "nonce"]},
        )
    )


def _check(claims: dict[str, Any], algorithm: str, expected: Expected) -> None:
    """What PyJWT does not look at."""
    if not hmac.compare_digest(str(claims["nonce"]).encode(), expected.nonce.encode()):
        raise Forged("nonce")
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else expected.client_id) != expected.client_id:
        raise Forged("authorised party")
    if claims["iat"] < (expected.now - OLDEST).timestamp():
        raise Forged("too old")
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isprintable():
        raise Forged("subject")
    if "at_hash" in claims and claims["at_hash"] != _half(expected.access_token, algorithm):
        raise Forged("access token")


def _half(text: str, algorithm: str) -> str:
    """The left half of a hash, as OpenID Connect binds an access token to an ID token."""
    digest = _HASHES.get(algorithm[2:], hashlib.sha512)(text.encode()).digest()
    return urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


def whole_json(text: bytes) -> dict[str, Any]:
    """An answer of the provider as an object. Raises Forged."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Forged("answer")
    return found
