"""What uptake asks of an identity provider: only hosts that the file names, no redirect, no proxy, and an end to everything.

allauth's own session follows redirects, obeys the environment (proxies, .netrc) and reads answers of any size.
"""

from __future__ import annotations

import ssl
import time
from typing import Any
from urllib.parse import urlsplit

import requests

MOST = 512 * 1024
_CONNECT, _READ, _LONGEST = 5.0, 10.0, 15.0


class Elsewhere(requests.RequestException):
    """An address that the file does not name, or an answer that sends us on."""


class Untrusted(requests.RequestException):
    """A certificate that is not believed; `why` in OpenSSL's words."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Line:
    """The line to one provider. `loopback`: without TLS too, as the file allows on this machine alone. `authorities`: a
    file of those that are believed, in the place of the public ones."""

    def __init__(self, hosts: frozenset[str], *, loopback: bool, authorities: str = "") -> None:
        self._hosts, self._loopback, self._authorities = hosts, loopback, authorities

    def ask(self, method: str, url: object, **more: Any) -> requests.Response:
        """One request and its whole answer. Raises requests.RequestException."""
        with requests.Session() as session:
            session.trust_env = False
            session.verify = self._authorities or True
            try:
                response = session.request(
                    method, self.require(url), allow_redirects=False, timeout=(_CONNECT, _READ), stream=True, **more
                )
            except requests.exceptions.SSLError as error:
                raise Untrusted(_why(error)) from None
            except OSError as error:
                if isinstance(error, requests.RequestException):
                    raise
                raise Untrusted("the file of its authorities is gone") from None
            if response.status_code // 100 == 3:
                raise Elsewhere("a redirect")
            response._content = _read(response)
            return response

    def require(self, url: object) -> str:
        """The address, if we may go there. Raises Elsewhere."""
        parts = urlsplit(url if isinstance(url, str) else "")
        schemes = {"https", "http"} if self._loopback else {"https"}
        if parts.scheme not in schemes or parts.netloc not in self._hosts:
            raise Elsewhere("an address outside of the file's")
        return str(url)


def _why(error: BaseException) -> str:
    """What OpenSSL says of the certificate, from inside the errors that are wrapped around it."""
    inner: BaseException | None = error
    while inner is not None and not isinstance(inner, ssl.SSLCertVerificationError):
        within = [one for one in (*inner.args, getattr(inner, "reason", None)) if isinstance(one, BaseException)]
        inner = within[0] if within else inner.__cause__ or inner.__context__
    return inner.verify_message if inner is not None else "no TLS that this machine speaks"


def _read(response: requests.Response) -> bytes:
    ends = time.monotonic() + _LONGEST
    body = b""
    for chunk in response.iter_content(16 * 1024):
        body += chunk
        if len(body) > MOST or time.monotonic() > ends:
            raise Elsewhere("an answer without an end")
    return body
