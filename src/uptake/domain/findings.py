"""What a look at an installation found: one line a part, and what to do where it is not well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "attention", "broken"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`broken`: something does not work. `attention`: it works, and somebody should look."""

    part: str
    state: State
    words: str
    todo: str = ""


def ok(part: str, words: str) -> Finding:
    return Finding(part, "ok", words)


def attention(part: str, words: str, todo: str) -> Finding:
    return Finding(part, "attention", words, todo)


def broken(part: str, words: str, todo: str) -> Finding:
    return Finding(part, "broken", words, todo)
