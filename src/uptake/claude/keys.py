"""What a pasted key is, before any request: cleaned, checked, its kind told from its prefix. No message quotes it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from uptake.domain.problems import Refused
from uptake.domain.secret import Secret

Kind = Literal["enterprise", "console", "unknown"]

_PREFIXES: tuple[tuple[str, Kind], ...] = (("sk-ant-admin", "console"), ("sk-ant-api", "enterprise"))
_SHORTEST = 20
_LONGEST = 512
_PLAIN = re.compile(r"[A-Za-z0-9_\-]+")
_QUOTES = "\"'`“”‘’«»"


@dataclass(frozen=True, slots=True)
class CleanKey:
    """A key fit for a header, with what may be shown of it."""

    secret: Secret
    kind: Kind
    last_four: str


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
    return CleanKey(Secret(text), _kind(text), text[-4:])


def _trimmed(text: str) -> str:
    visible = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return visible.strip().strip(_QUOTES).strip()


def _trouble(text: str) -> str:
    troubles = (
        (not text, "is empty."),
        ("…" in text or "..." in text or "***" in text, "is a shortened display of a key, not the key."),
        (any(char.isspace() for char in text), "has spaces or line breaks inside."),
        (
            not _PLAIN.fullmatch(text),
            "has characters that no Claude key has (a quote, a look-alike letter or a control character).",
        ),
        (not text.startswith("sk-ant-"), "does not start with sk-ant-, as every Claude key does."),
        (len(text) < _SHORTEST, "is too short: part of it is missing."),
        (len(text) > _LONGEST, "is longer than any Claude key."),
    )
    return next((words for found, words in troubles if found), "")


def _kind(text: str) -> Kind:
    return next((kind for prefix, kind in _PREFIXES if text.startswith(prefix)), "unknown")
