"""A TLS line in front of the made-up organisation, with a certificate as it should be or as it should not."""

from __future__ import annotations

import select
import socket
import ssl
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Self
from unittest import mock
from urllib.parse import urlsplit

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from uptake.claude import lines

KINDS = ("expired", "wrong-host", "self-signed", "tls-1.0")


class Authority:
    """A certificate authority that this machine trusts, for as long as `trusted` lasts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = _certificate("made-up authority", self.key, self.key, "made-up authority", authority=True)
        self.file = folder / "authority.pem"
        self.file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, kind: str) -> Path:
        """Certificate and key of a server, in one file."""
        key = ec.generate_private_key(ec.SECP256R1())
        host = "127.0.0.2" if kind == "wrong-host" else "127.0.0.1"
        signer, issuer = (key, host) if kind == "self-signed" else (self.key, "made-up authority")
        made = _certificate(host, key, signer, issuer, ended=kind == "expired")
        plain = serialization.NoEncryption()
        private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        file = self.folder / f"{kind}.pem"
        file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
        return file


def _certificate(
    host: str, key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey, issuer: str,
    *, ended: bool = False, authority: bool = False,
) -> x509.Certificate:  # fmt: skip
    now = datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    by = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(by).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=30))
    made = made.not_valid_after(now - timedelta(days=1) if ended else now + timedelta(days=1))
    if not authority:
        made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    return made.sign(signer, hashes.SHA256())


@contextmanager
def trusted() -> Iterator[Authority]:
    """A machine that trusts a further authority: certificates fail for what is wrong with them, not for who issued them."""
    real = httpx2.create_ssl_context
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))

        def trusting(**options: bool) -> ssl.SSLContext:
            context = real(**options)
            context.load_verify_locations(authority.file)
            return context

        lines._tls.cache_clear()
        try:
            with mock.patch.object(httpx2, "create_ssl_context", trusting):
                yield authority
        finally:
            lines._tls.cache_clear()


class Line:
    """Takes TLS and passes on what it hears to the organisation. `heard` counts bytes of requests."""

    def __init__(self, authority: Authority, kind: str, to: str) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(authority.issue(kind))
        if kind == "tls-1.0":
            self._context.minimum_version = self._context.maximum_version = ssl.TLSVersion.TLSv1
            self._context.set_ciphers("ALL:@SECLEVEL=0")
        target = urlsplit(to)
        self._to = (target.hostname or "", target.port or 80)
        self._server = socket.create_server(("127.0.0.1", 0))
        self.shakes = 0
        self.heard = 0

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self._server.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._server.accept()
                self.shakes += 1
                threading.Thread(target=self._pass_on, args=(line,), daemon=True).start()

    def _pass_on(self, raw: socket.socket) -> None:
        with (
            suppress(OSError),
            raw,
            self._context.wrap_socket(raw, server_side=True) as line,
            socket.create_connection(self._to) as to,
        ):
            while True:  # one thread: a TLS line must not be read and written by two at once
                ready = [line] if line.pending() else select.select([line, to], [], [])[0]
                if line in ready:
                    heard = line.recv(1 << 16)
                    self.heard += len(heard)
                    to.sendall(heard)
                else:
                    heard = to.recv(1 << 16)
                    line.sendall(heard)
                if not heard:
                    return
