"""The host's file of identity providers, with the secrets and certificates it names: read at the start, modes looked at."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from uptake.domain.identity_providers import Oidc, Saml, SamlSide, SingleSignOn, parse
from uptake.domain.problems import Problem
from uptake.domain.secret import Secret

_MOST = 1024 * 1024
_LEAST_BITS = 2048
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_NOTHING = "Single sign-on is not set up; nothing was started or changed."


def load(path: Path | None) -> SingleSignOn:
    """What is in force. Raises Problem on whatever is wrong, in words that say where; without a file nothing is."""
    if path is None:
        return SingleSignOn()
    file = parse(_text(path, _OTHERS_WRITE, "written"), path.name)
    secrets = {one.id: _secret(path, one) for one in file.provider if isinstance(one, Oidc)}
    return SingleSignOn(
        public_address=file.public_address.rstrip("/"),
        providers=file.provider,
        passwords_for_admins_only=file.passwords_for == "company_admins",
        secrets=secrets,
        authorities={one.id: _authorities(path, one) for one in file.provider if isinstance(one, Oidc) and one.ca_file},
        saml={one.id: _side(path, one) for one in file.provider if isinstance(one, Saml)},
    )


def _text(path: Path, forbidden: int, what: str) -> str:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise Problem(f"{path} is not a file. {_NOTHING}", "Look at UPTAKE_SSO_FILE and what it names.")
        if mode & forbidden:
            raise Problem(f"{path} can be {what} by others than its owner. {_NOTHING}", f"chmod 600 {path}")
        with path.open("rb") as file:
            return file.read(_MOST).decode()
    except OSError as error:
        raise Problem(f"{path} cannot be read: {error.strerror}. {_NOTHING}", "Look at its name and rights.") from None
    except UnicodeDecodeError:
        raise Problem(f"{path} is not UTF-8 text. {_NOTHING}", "Look at what is in it.") from None


def _secret(path: Path, one: Oidc) -> Secret:
    text = _text(path.parent / one.client_secret_file, _OTHERS, "read").strip()
    if not text or "\n" in text:
        raise Problem(f"{one.client_secret_file} is not one line with the client secret of {one.id}. {_NOTHING}", "")
    return Secret(text)


def _authorities(path: Path, one: Oidc) -> str:
    """The file in full, once it is known to hold certificates."""
    file = path.parent / one.ca_file
    text = _text(file, _OTHERS_WRITE, "written")
    try:
        x509.load_pem_x509_certificates(text.encode())
    except ValueError:
        raise Problem(
            f"{one.ca_file} holds no PEM certificate of an authority for {one.id}. {_NOTHING}",
            "It is the certificate that signed the provider's, not the provider's key; several may follow each other.",
        ) from None
    return str(file.absolute())


def _side(path: Path, one: Saml) -> SamlSide:
    if not one.metadata_file:
        text = _text(path.parent / one.certificate_file, _OTHERS_WRITE, "written")
        return SamlSide(one.sign_in_url, tuple(_certificates(text, one)))
    side = _metadata(_text(path.parent / one.metadata_file, _OTHERS_WRITE, "written"), one)
    if side is None:
        raise Problem(
            f"{one.metadata_file} says nothing of {one.issuer}: an https address for sign-in and a certificate. {_NOTHING}",
            "Fetch the metadata of the provider again, or give sign_in_url and certificate_file instead.",
        )
    return side


def _metadata(text: str, one: Saml) -> SamlSide | None:
    """From the metadata of exactly this issuer; None where it does not have what is needed."""
    from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser

    try:
        found = OneLogin_Saml2_IdPMetadataParser.parse(text, entity_id=one.issuer).get("idp", {})
    except Exception:  # noqa: BLE001  # the parser raises whatever comes: it is no metadata
        return None
    url = found.get("singleSignOnService", {}).get("url", "")
    bodies = found.get("x509certMulti", {}).get("signing") or [found.get("x509cert", "")]
    pem = "".join(f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n" for body in bodies if body)
    if found.get("entityId") != one.issuer or not url.startswith(("https://", "http://127.0.0.1:")) or not pem:
        return None
    return SamlSide(url, tuple(_certificates(pem, one)))


def _certificates(text: str, one: Saml) -> Iterator[str]:
    try:
        found = x509.load_pem_x509_certificates(text.encode())
    except ValueError:
        raise Problem(f"The certificate of {one.id} is not a PEM certificate. {_NOTHING}", "") from None
    for certificate in found:
        key = certificate.public_key()
        strong = isinstance(key, rsa.RSAPublicKey) and key.key_size >= _LEAST_BITS
        if not strong and not isinstance(key, ec.EllipticCurvePublicKey):
            raise Problem(
                f"The certificate of {one.id} holds a key that is too weak: RSA of {_LEAST_BITS} bits or EC is needed. "
                f"{_NOTHING}",
                "Give the provider a new signing key.",
            )
        yield certificate.public_bytes(Encoding.PEM).decode()
