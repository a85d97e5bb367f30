"""What is sent, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["sent", "refused", "not_reached", "unsure"]


@dataclass(frozen=True, slots=True)
class Message:
    """One digest as it leaves. `short` is for channels, plain text; `picture` a PNG with `alt`, or empty.

    In `html` the picture stands as `cid:chart`. `unsubscribe` is the address of the link that ends them, for mails.
    """

    subject: str
    text: str
    html: str
    short: str
    picture: bytes = b""
    alt: str = ""
    unsubscribe: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """How a sending ended, in words that hold nothing of an address.

    `refused`: whoever was asked said no. `not_reached`: nobody was, so it may be tried again. `unsure`: the line broke
    after something was given, so that it may have arrived: never tried again by itself.
    """

    outcome: Outcome
    words: str

    @property
    def again(self) -> bool:
        return self.outcome in {"refused", "not_reached"}
