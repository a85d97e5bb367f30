"""What a pasted key is, before any request: cleaned, checked, its kind told from its prefix. No message quotes it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from uptake.domain.problems import Refused
from uptake.domain.secret import Secret

Kind = Literal["enterprise", "console", "unknown"]

_PREFIXES: tuple[tuple[str, Kind, str], ...] = (
    ("sk-ant-admin", "console", "an Admin key of a Claude Console organisation"),
    ("sk-ant-api01-", "enterprise", "a Claude Enterprise key"),
    ("sk-ant-api", "unknown", "a key for calling Claude's models, by its look, which reads neither roster nor usage"),
    ("sk-ant-oat", "unknown", "a sign-in token of Claude Code, by its look, not a key"),
    ("sk-ant-sid", "unknown", "a browser session of claude.ai, by its look, not a key"),
    ("", "unknown", "a Claude key of a kind we do not know"),
)
_SHORTEST = 20
_LONGEST = 512
_PLAIN = re.compile(r"[A-Za-z0-9_\-]+")
_QUOTES = "\"'`“”„‘’‚«»‹›"


@dataclass(frozen=True, slots=True)
class CleanKey:
    """A key fit for a header, with what may be shown of it. `looks`: what it is by its prefix, in words."""

    secret: Secret
    kind: Kind
    last_four: str
    looks: str


def clean(raw: Secret, slot_label: str) -> CleanKey:
    """Trim what pasting adds (spaces, quotes, zero-width characters) and refuse what is no key.

    Raises Refused, which never quotes the key.
    """
    text = _trimmed(raw.expose())
    trouble = _trouble(text)
    if trouble:
        raise Refused(
            f"The {slot_label} {trouble} Nothing was stored.",
            "Copy the whole key again where it was made; it is shown only once.",
        )
    kind, looks = next((kind, looks) for prefix, kind, looks in _PREFIXES if text.startswith(prefix))
    return CleanKey(Secret(text), kind, text[-4:], looks)


def _trimmed(text: str) -> str:
    visible = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return visible.strip().strip(_QUOTES).strip()


def _trouble(text: str) -> str:
    troubles = (
        (not text, "is empty."),
        (len(text) > _LONGEST, "is longer than any Claude key."),
        (any(mark in text for mark in ("…", "...", "***", "•••")), "is a shortened display of a key, not the key."),
        (any(char.isspace() for char in text), "has spaces or line breaks inside."),
        (
            not _PLAIN.fullmatch(text),
            "has characters that no Claude key has (a quote, a look-alike letter or a control character).",
        ),
        (not text.startswith("sk-ant-"), "does not start with sk-ant-, as every Claude key does."),
        (len(text) < _SHORTEST, "is too short: part of it is missing."),
    )
    return next((words for found, words in troubles if found), "")
