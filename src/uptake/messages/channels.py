"""Sends into a channel, by Apprise. It gets the parts of an address that was taken apart before, and one kind of service.

Apprise writes addresses and tokens into its log. Its log goes nowhere: of each line only what kind of trouble it tells of
is kept.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from uptake.domain.problems import Refused
from uptake.messages.addresses import Target
from uptake.messages.shape import Message, Sent

WITH_PICTURE = frozenset({"slack_bot", "webhook"})
"""Who takes a picture along: webhooks of Slack and Teams take text alone."""

_TIMEOUT = 10
_STATUS = re.compile(r"error=(\d{3})")
_UNKNOWN_HOST = ("name resolution", "nodename nor servname", "name or service not known", "nameresolutionerror")
_NOT_REACHED = ("newconnectionerror", "connecttimeout", "connection refused", "timed out. (connect", "proxyerror")
_TLS = ("sslerror", "certificate verify")


def send(to: Target, message: Message) -> Sent:
    """Send into a channel, within a quarter of a minute a request. Raises Refused where Apprise knows no such address."""
    apprise = _apprise()
    asset = apprise.AppriseAsset(app_id="uptake", app_desc="uptake", http_redirects=False, secure_logging=True)
    with _listening() as heard:
        service = apprise.Apprise.instantiate(
            {**to.parts, "cto": _TIMEOUT, "rto": _TIMEOUT, "overflow": "truncate"}, asset=asset
        )
        if service is None:
            raise Refused("This address is not complete. Nothing was sent.", "Copy it once more, whole.")
        # Some read an address of their own accord; a redirect or a certificate that is not looked at never is ours.
        service.redirects, service.verify_certificate = False, True
        sender = apprise.Apprise(asset=asset)
        sender.add(service)
        done = sender.notify(
            title=message.subject,
            body=message.short,
            body_format=apprise.NotifyFormat.TEXT,
            attach=_picture(to, message),
        )
    return Sent("sent", f"{to.host} took it.") if done else heard.verdict(to.host)


def _apprise() -> Any:
    """Loaded where it is needed: it takes a quarter of a second."""
    import apprise

    logging.getLogger("urllib3").setLevel(logging.ERROR)  # it writes what is asked for, and here that is a secret
    return apprise


def _picture(to: Target, message: Message) -> Any:
    if not message.picture or to.service not in WITH_PICTURE:
        return None
    from apprise.apprise_attachment import AppriseAttachment
    from apprise.attachment.memory import AttachMemory

    memory: Any = AttachMemory
    return AppriseAttachment(memory(content=message.picture, name="chart.png", mimetype="image/png"))


class _Heard(logging.Handler):
    """What kind of trouble Apprise tells of while we send; no line of it is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.status = 0
        self.kinds: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        line = record.getMessage()
        if status := _STATUS.search(line):
            self.status = int(status[1])
        said = line.lower()
        for kind, marks in (("unknown", _UNKNOWN_HOST), ("away", _NOT_REACHED), ("tls", _TLS)):
            if any(mark in said for mark in marks):
                self.kinds.add(kind)

    def verdict(self, host: str) -> Sent:
        if self.status:
            return Sent("refused", _of_status(self.status, host))
        if "unknown" in self.kinds:
            return Sent("not_reached", f"The host {host} is not known: its name cannot be found from here.")
        if "tls" in self.kinds:
            return Sent("not_reached", f"The certificate of {host} is not one that this machine trusts.")
        if "away" in self.kinds:
            return Sent("not_reached", f"{host} cannot be reached from here.")
        return Sent("unsure", f"The line to {host} broke before it answered: it may have arrived.")


def _of_status(status: int, host: str) -> str:
    if status in {301, 302, 303, 307, 308}:
        return f"{host} refused it: it points elsewhere ({status}), and redirects are not followed."
    if status in {401, 403, 404, 410}:
        return f"{host} refused it ({status}): the address was withdrawn there, or is not whole."
    return f"{host} refused it ({status})."


_TURN = threading.Lock()


@contextmanager
def _listening() -> Iterator[_Heard]:
    """Apprise's log for the length of one sending; one at a time, so that each hears its own."""
    logger, heard = logging.getLogger("apprise"), _Heard()
    with _TURN:
        logger.propagate, logger.disabled = False, False
        logger.handlers[:] = [heard]
        logger.setLevel(logging.DEBUG)
        try:
            yield heard
        finally:
            logger.handlers[:] = []
            logger.setLevel(logging.CRITICAL + 1)
