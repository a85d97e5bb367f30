"""A log filter: the token in /sign-in/<token>/ becomes stars before any handler sees the record."""

from __future__ import annotations

import logging
import re

_LINK = re.compile(r"(/sign-in/)[^/\s'\"]+")


class HideTokens(logging.Filter):
    """Rewrites message and arguments; drops the request, whose path holds the token too."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _LINK.sub(r"\1***", str(record.msg))
        if isinstance(record.args, tuple):
            record.args = tuple(_LINK.sub(r"\1***", arg) if isinstance(arg, str) else arg for arg in record.args)
        record.__dict__.pop("request", None)
        return True
