"""Problem: the one kind of error meant for people. One JSON shape, one page, one CLI format are made from it."""

from __future__ import annotations


class Problem(Exception):
    """Something a person can act on.

    `message` says what happened and what it means for the data; `hint` says what to do. Neither ever holds a key, an
    upstream text or a path of a member.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class Refused(Problem):
    """A key or an input was checked and not accepted; nothing was stored."""


class NotAllowed(Problem):
    """The viewer's role does not carry this action."""


class Busy(Problem):
    """Another process holds the writer's lock on the lake."""


class Absent(Problem):
    """What was asked for is not there, or not for this viewer: both look the same."""


class NotYet(Problem):
    """What was asked for is under way and not ready."""


class TooMany(Problem):
    """The viewer has as much under way as anybody may."""
