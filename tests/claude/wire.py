"""Answers as Anthropic's API writes them, with invented values, and a slow, plain reading of them to compare with."""

from __future__ import annotations

import json
from typing import Any

from uptake.domain.measures import MAX_COUNT, MEASURES

JUNE_2026 = """
{"data": [{
  "user": {"id": "user_01June", "email_address": "June.Osborne@Example.com"},
  "chat_metrics": {"message_count": 41, "thinking_message_count": 3, "connectors_used_count": 7,
    "shared_conversations_viewed_count": 0, "distinct_projects_created_count": 1, "distinct_artifacts_created_count": 2,
    "distinct_conversation_count": 12, "distinct_projects_used_count": null, "distinct_files_uploaded_count": 4,
    "distinct_shared_artifacts_viewed_count": 5, "distinct_skills_used_count": 6},
  "claude_code_metrics": {
    "core_metrics": {"commit_count": 8, "pull_request_count": 9, "distinct_session_count": 10,
      "lines_of_code": {"added_count": 1100, "removed_count": 120}},
    "tool_actions": {"edit_tool": {"accepted_count": 13, "rejected_count": 14},
      "multi_edit_tool": {"accepted_count": 15, "rejected_count": 16},
      "write_tool": {"accepted_count": 17, "rejected_count": 18},
      "notebook_edit_tool": {"accepted_count": 19, "rejected_count": 20}}},
  "office_metrics": {"excel": {"message_count": 21, "skills_used_count": 22, "connectors_used_count": 23,
    "distinct_session_count": 24, "distinct_skills_used_count": 25, "distinct_connectors_used_count": 26}},
  "web_search_count": 27
}], "next_page": "page_two"}
"""
"""An older answer: no Cowork, design, science, unified or tag block, no user.type, no newer counts."""

TODAY = """
{"data": [{
  "user": {"type": "user", "id": "user_01Today", "email_address": "today@example.com"},
  "last_activity_date": "2026-11-19",
  "chat_metrics": {"message_count": 0, "thinking_message_count": 0, "connectors_used_count": 0,
    "shared_conversations_viewed_count": 0, "distinct_projects_created_count": 0, "distinct_artifacts_created_count": 0,
    "distinct_conversation_count": 0, "distinct_projects_used_count": 0, "distinct_files_uploaded_count": 0,
    "distinct_shared_artifacts_viewed_count": 0, "distinct_skills_used_count": 0, "distinct_connectors_used_count": 0},
  "chat_cowork_unified_metrics": {
    "chat": {"message_count": 31, "distinct_conversation_count": 32, "distinct_shared_artifacts_viewed_count": null},
    "sessions": {"message_count": 33, "action_count": 34, "distinct_session_count": 35, "file_edit_count": null}},
  "claude_tag_metrics": {"active_day_count": 1, "active_message_count": 36},
  "cowork_metrics": {"message_count": 37, "distinct_session_count": 38, "plugins_used_count": null},
  "design_metrics": {"message_count": 39, "distinct_session_count": 40},
  "science_metrics": {"message_count": 41, "delegation_count": 42},
  "office_metrics": {"word": {"message_count": 43}, "outlook": null},
  "web_search_count": 44, "distinct_user_count": null
}], "next_page": null}
"""
"""The present shape, with the unified and the tag block."""


def page(*rows: object, next_page: object = None) -> bytes:
    return json.dumps({"data": list(rows), "next_page": next_page}).encode()


def row(member_id: object = "user_1", email: object = "ada@example.com", **blocks: object) -> dict[str, Any]:
    return {"user": {"type": "user", "id": member_id, "email_address": email}, **blocks}


def full_row(member_id: str = "user_1", email: object = "ada@example.com", start: int = 1) -> dict[str, Any]:
    """A row with every measure there, each with a value of its own."""
    made = row(member_id, email)
    for value, measure in enumerate(MEASURES, start):
        put(made, measure.path, value)
    return made


def put(made: dict[str, Any], path: str, value: object) -> None:
    *blocks, leaf = path.split(".")
    for block in blocks:
        made = made.setdefault(block, {})
    made[leaf] = value


def plainly(body: str | bytes) -> list[dict[str, object]]:
    """The rows of a page read with the standard library: column to count, None where it is none to believe."""
    return [{measure.column: _at(made, measure.path) for measure in MEASURES} for made in json.loads(body)["data"]]


def _at(value: Any, path: str) -> int | None:
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_COUNT or value % 1:
        return None
    return int(value)
