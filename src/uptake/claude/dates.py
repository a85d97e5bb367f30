"""Reads the newest available day out of a too-recent answer: all known wordings, and nothing else from the text."""

from __future__ import annotations

import re
from datetime import date, timedelta

from uptake.domain.days import FLOOR_DAY, ONE_DAY

_DAY = re.compile(r"(?<!\d)(20\d\d)-(\d\d)-(\d\d)(?!\d)")
_DAYS_AGO = re.compile(r"at least (\d{1,2}) days? ago")
_FARTHEST = timedelta(days=14)
MAX_TEXT = 2_000


def newest_named(message: str, asked: date, today: date) -> date | None:
    """The newest day the message names, if it lies before the asked day by at most 14 days; else None.

    The message may name the floor and the asked day too; a hostile one may name anything.
    """
    text = message[:MAX_TEXT]
    named = [day for match in _DAY.finditer(text) if (day := _date(match)) is not None]
    sane = [day for day in named if max(FLOOR_DAY, asked - _FARTHEST) <= day < asked]
    if sane:
        return max(sane)
    ago = _DAYS_AGO.search(text)
    day = today - int(ago.group(1)) * ONE_DAY if ago else asked
    return day if max(FLOOR_DAY, asked - _FARTHEST) <= day < asked else None


def _date(match: re.Match[str]) -> date | None:
    try:
        return date(int(match.group(1)), int(match.group(2)), int(match.group(3)))
    except ValueError:
        return None
