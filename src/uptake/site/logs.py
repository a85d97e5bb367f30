"""Logs: one line an event on standard error, for people on a terminal and as JSON elsewhere. No key ever gets through."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

# Claude keys, our own tokens, sign-in and hand-over links, and bearer headers, wherever they stand in a text.
_SECRETS = re.compile(
    r"sk-ant-[A-Za-z0-9_\-%]{4,}|uptake_[A-Za-z0-9_\-]{20,}"
    r"|(?i:(?<=bearer )\S+)"
)
# However the address was mangled on its way: such a request does not use the link up.
_LINKS = re.compile(r"(?i)((?:sign-in|hand-over|unsubscribe)(?:/|%2F)(?:/|%2F|\s|%20)*)[A-Za-z0-9_\-]{16,}")
STARS = "***"


def redact(text: str) -> str:
    """The text without keys, tokens and one-time links."""
    return _LINKS.sub(rf"\1{STARS}", _SECRETS.sub(STARS, text))


def configure(level: int = logging.INFO) -> None:
    """Send structlog and the standard library's loggers through one formatter that redacts the finished line."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Redacting(shared))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for talkative in ("httpx2", "httpcore2", "waitress.queue", "fido2"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    # Apprise writes addresses of channels, which are secrets: messages/channels.py hears it, and nobody else.
    logging.getLogger("apprise").propagate = False
    logging.getLogger("apprise").addHandler(logging.NullHandler())


class _Redacting(structlog.stdlib.ProcessorFormatter):
    """Redacts what is really written: message, values and traceback alike."""

    def __init__(self, shared: list[structlog.typing.Processor]) -> None:
        terminal = sys.stderr.isatty()
        # Tracebacks without local variables: those may hold a key or somebody's row.
        plain = structlog.dev.ConsoleRenderer(colors=terminal, exception_formatter=structlog.dev.plain_traceback)
        last: structlog.typing.Processor = plain if terminal else structlog.processors.JSONRenderer()
        super().__init__(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _without_request,
                *([] if terminal else [structlog.processors.format_exc_info]),
                last,
            ],
        )

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def _without_request(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event.pop("request", None)  # Django attaches it; its repr holds the address asked for
    return event
