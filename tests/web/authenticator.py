"""An authenticator app and a passkey in software, written from their specifications (RFC 6238, WebAuthn level 2)."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import struct
from base64 import b32decode, urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor

_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def totp(secret: str, seconds: float) -> str:
    """The six digits of a moment."""
    counter = struct.pack(">Q", int(seconds) // 30)
    digest = hmac.new(b32decode(secret), counter, hashlib.sha1).digest()
    start = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


@dataclass
class Passkey:
    """One credential at one site. `verified` says whether its owner unlocks it."""

    site: str = "localhost"
    origin: str = "http://localhost"
    verified: bool = True
    handle: bytes = b""
    id: bytes = field(default_factory=lambda: os.urandom(16))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """What a browser gives for creation options."""
        asked = options["publicKey"]
        self.handle = _raw(asked["user"]["id"])
        public = self.key.public_key().public_numbers()
        cose = cbor.encode({1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32, "big"), -3: public.y.to_bytes(32, "big")})
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cose
        told = {"fmt": "none", "attStmt": {}, "authData": self._data(_ATTESTED) + attested}
        response = {"clientDataJSON": self._client("webauthn.create", asked), "attestationObject": cbor.encode(told)}
        return self._answer(response)

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """What a browser gives for request options."""
        client, data = self._client("webauthn.get", options["publicKey"]), self._data()
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        response = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        return self._answer(response | {"userHandle": self.handle})

    def _client(self, kind: str, asked: dict[str, Any]) -> bytes:
        told = {"type": kind, "challenge": asked["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def _data(self, more: int = 0) -> bytes:
        flags = _PRESENT | more | (_VERIFIED if self.verified else 0)
        return hashlib.sha256(self.site.encode()).digest() + bytes([flags]) + bytes(4)

    def _answer(self, response: dict[str, bytes]) -> dict[str, Any]:
        told = {name: _text(value) for name, value in response.items()}
        return {"type": "public-key", "id": _text(self.id), "rawId": _text(self.id), "response": told,
                "clientExtensionResults": {"credProps": {"rk": True}}}  # fmt: skip


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
