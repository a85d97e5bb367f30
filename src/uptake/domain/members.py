"""Members: how names and e-mails are cleaned, how two of them are the same, and how a status is derived.

The vendor's roster has no status field; who is removed is known only by comparing complete rosters.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Literal

Status = Literal["active", "invited", "invite_expired", "removed", "unlisted"]

MAX_NAME = 256
MAX_EMAIL = 320
MAX_ID = 128

# Control, format (bidi, zero-width), surrogate and private-use characters carry no name; they carry attacks.
_UNWANTED = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def clean_text(text: str, longest: int) -> str:
    """NFC, without control, direction and zero-width characters, trimmed, at most `longest` characters."""
    if text.isascii() and text.isprintable():
        return text.strip()[:longest].strip()
    kept = "".join(" " if char in "\t\r\n" else char for char in text)
    kept = "".join(char for char in kept if unicodedata.category(char) not in _UNWANTED)
    return unicodedata.normalize("NFC", kept).strip()[:longest].strip()


def clean_email(text: str) -> str | None:
    """Trimmed, lower case, cleaned; None where it cannot be an address. Plus-parts stay: they tell people apart."""
    email = clean_text(text, MAX_EMAIL + 1).lower()
    name, _, host = email.rpartition("@")
    if not name or not host or any(char.isspace() for char in email) or len(email) > MAX_EMAIL:
        return None
    return email


def clean_id(text: str) -> str | None:
    """An upstream id as it is, or None where it is not a plain printable ASCII word of sensible length."""
    if 0 < len(text) <= MAX_ID and text.isascii() and text.isprintable() and " " not in text:
        return text
    return None


def invite_status(status: str, expires_at: datetime | None, now: datetime) -> Status | None:
    """What an invite means for somebody who is not on the roster; None where it means nothing (accepted)."""
    if status == "pending":
        return "invite_expired" if expires_at is not None and expires_at <= now else "invited"
    return "invite_expired" if status in {"expired", "deleted"} else None


def removals_allowed(members: int) -> int:
    """How many members may vanish from one roster read without being held back for review."""
    return max(5, members // 10)
