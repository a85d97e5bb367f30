"""When somebody counts as active on a surface: at least one intentional action, never a view or a background turn.

`web_searches` spans the surfaces: it is a feature, and no surface here. SQL for the rule stands beside it.
"""

from __future__ import annotations

from typing import Literal

ActiveSurface = Literal["chat", "claude_code", "cowork", "office", "design", "science", "slack"]

ACTIVE_IF: dict[ActiveSurface, tuple[str, ...]] = {
    "chat": ("chat_messages", "unified_chat_messages"),
    "claude_code": (
        "code_sessions",  # may be null: work that left a trace counts as well
        "code_commits",
        "code_pull_requests",
        "code_lines_added",
        "code_lines_removed",
        "code_edit_accepted",
        "code_edit_rejected",
        "code_multi_edit_accepted",
        "code_multi_edit_rejected",
        "code_notebook_edit_accepted",
        "code_notebook_edit_rejected",
        "code_write_accepted",
        "code_write_rejected",
    ),
    "cowork": ("cowork_messages", "unified_cowork_messages", "cowork_sessions", "unified_cowork_sessions"),
    "office": (
        "office_excel_messages",
        "office_outlook_messages",
        "office_powerpoint_messages",
        "office_word_messages",
    ),
    "design": ("design_messages", "design_sessions"),
    "science": ("science_messages", "science_sessions"),
    "slack": ("tag_active_messages",),
}
"""Active on the surface if any of these counts is above zero; null counts as nothing here."""

SURFACES: tuple[ActiveSurface, ...] = tuple(ACTIVE_IF)

SURFACE_LABELS: dict[ActiveSurface, str] = {
    "chat": "Chat",
    "claude_code": "Claude Code",
    "cowork": "Cowork",
    "office": "Office",
    "design": "Design",
    "science": "Science",
    "slack": "Slack",
}


def bit(surface: str) -> int:
    """The surface's bit in a member-day's `surfaces`."""
    return 1 << SURFACES.index(surface)


def surfaces_sql() -> str:
    """SQL for one member-day's surfaces as a sum of bits; 0 where the day holds no intentional action."""
    return " + ".join(
        f"CASE WHEN {' OR '.join(f'{column} > 0' for column in columns)} THEN {bit(surface)} ELSE 0 END"
        for surface, columns in ACTIVE_IF.items()
    )
