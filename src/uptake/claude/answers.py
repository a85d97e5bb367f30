"""What the vendor can answer, as types: a reply, or one of the failures the sync acts upon. No upstream text in any."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Reply:
    """A 200 with a JSON body, undecoded."""

    body: bytes
    organization_id: str
    request_id: str


class ClaudeError(Exception):
    """Any failure of a request. `words` says what happened, without anything the other side wrote."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class Rejected(ClaudeError):
    """401, 402, 403, or 404 on a known route: the key does not open this. Retrying does not help."""

    def __init__(self, status: int, needed: str = "") -> None:
        super().__init__(f"Anthropic answered {status}")
        self.status = status
        self.needed = needed  # the scope Anthropic asked for, where it named one we know


class NoSuchRoute(ClaudeError):
    """404 on a roster route whose neighbour answers: the contract changed, nobody left."""


class TooRecent(ClaudeError):
    """The day is not available yet. `newest` is the day the answer named, where it was one to believe."""

    def __init__(self, newest: date | None) -> None:
        super().__init__("the day is not available yet")
        self.newest = newest


class TooEarly(ClaudeError):
    """The day lies before what the vendor still serves."""


class NotForThisOrganization(ClaudeError):
    """The endpoint says it does not exist for this kind of organisation (no Enterprise plan)."""


class CursorExpired(ClaudeError):
    """410, or a cursor the vendor no longer knows: the pages must be read again from the first."""


class Wait(ClaudeError):
    """429 asking for more patience than a run has. `seconds` is what the vendor asked for, capped at an hour."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Anthropic asks to wait {seconds:.0f} s")
        self.seconds = seconds


class Unavailable(ClaudeError):
    """Network, TLS, 5xx, endless 429: no answer within the patience of the run. It says nothing about the data."""


class Unreadable(ClaudeError):
    """A 200 that is not the JSON it should be: HTML, truncated, too large, another shape."""
