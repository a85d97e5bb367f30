"""How second factors are kept: what has to stay secret of them is sealed under the kept key, so a rotation leaves it as it is.

allauth finds `SealedFactors` here by its setting. Of a passkey only the public half is ever known, in clear.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import ClassVar

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from uptake.records import keptkeys
from uptake.records.masters import Sealed
from uptake.records.vault import open_vault

_USE = b"second-factor"
_NONCE = 12


def seal(plain: str) -> str:
    """A secret as it may lie in the records: the version of the key, then AES-256-GCM. Raises Sealed."""
    root = keptkeys.newest(open_vault(settings.UPTAKE.master_key_file))
    nonce = os.urandom(_NONCE)
    sealed = nonce + AESGCM(root.derived(_USE)).encrypt(nonce, plain.encode(), _USE)
    return f"{root.version}.{urlsafe_b64encode(sealed).decode()}"


def unseal(text: str) -> str:
    """The secret again. Raises Sealed where the master key it was sealed under is away or lost."""
    version, _, sealed = text.partition(".")
    for root in keptkeys.every(open_vault(settings.UPTAKE.master_key_file)):
        if str(root.version) == version:
            try:
                raw = urlsafe_b64decode(sealed)
                return AESGCM(root.derived(_USE)).decrypt(raw[:_NONCE], raw[_NONCE:], _USE).decode()
            except (InvalidTag, ValueError):
                break
    raise Sealed(
        "A second factor does not open with this master key, so its codes cannot be checked. Nothing was changed.",
        "Sign in with a passkey, or ask the operator on the host: `uptake account forget-factors` removes it.",
    )


class SealedFactors(DefaultMFAAdapter):  # type: ignore[misc]
    """allauth's second factors, sealed."""

    error_messages: ClassVar[dict[str, str]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "This passkey was not accepted: it is not known here, or it was asked for too long ago.",
    }

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": "uptake"}
