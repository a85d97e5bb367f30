"""Lines to the vendor with one deadline for a whole answer, its headers included.

A read timeout starts anew with every byte: a server that sends one header byte a second would hold a thread for ever.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import httpcore2
import httpx2


class Deadline(threading.local):
    """When the answer under way in this thread must have ended, on the monotonic clock."""

    ends: float = float("inf")

    def within(self, timeout: float | None) -> float:
        """The timeout of one read or write: what is asked for, but not beyond the deadline."""
        left = self.ends - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the reply did not end in time")
        return left if timeout is None else min(timeout, left)


def transport(deadline: Deadline) -> httpx2.HTTPTransport:
    """The real transport: no proxy, nothing from the environment, every read within the deadline."""
    made = httpx2.HTTPTransport(verify=_tls(), trust_env=False)
    made._pool = httpcore2.ConnectionPool(
        ssl_context=_tls(),
        max_keepalive_connections=10,
        keepalive_expiry=5.0,
        network_backend=_Backend(deadline),
    )
    return made


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """One for all clients of a process: reading the list of authorities costs more than many a sync."""
    return httpx2.create_ssl_context(trust_env=False)


class _Backend(httpcore2.SyncBackend):
    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        stream = super().connect_tcp(host, port, self._deadline.within(timeout), local_address, socket_options)
        return _Stream(stream, self._deadline)


class _Stream(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.within(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.within(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.within(timeout))
        return _Stream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
