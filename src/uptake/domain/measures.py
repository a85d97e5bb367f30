"""The list of measures: every count uptake reads, one line each, and nothing else.

The response decoder, the lake's columns, the export, the "What we read" page and docs/data.md are made from this
list. A field that is not named here is skipped while decoding and never becomes an object.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Surface = Literal["chat", "claude_code", "cowork", "office", "design", "science", "web_search", "slack"]

MAX_COUNT = 1_000_000_000
"""A count above this is not believed: it reads as null and is counted as a flaw of the run."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A count we read.

    `column` is our name in lake, export and SQL; `path` the vendor's, dotted, below one row of /analytics/users.
    `adds_up` says whether it may be summed over days (a distinct count may not). `nullable` counts may be null while
    their block is there; the block of an `optional` count may be absent altogether.
    """

    column: str
    path: str
    surface: Surface
    adds_up: bool = True
    nullable: bool = False
    optional: bool = False


_M = Measure

# fmt: off
# The order is the vendor's order on the wire: the decoder finds the next field faster where it is expected.
MEASURES: tuple[Measure, ...] = (
    _M("chat_connector_calls", "chat_metrics.connectors_used_count", "chat"),
    _M("chat_artifacts_created", "chat_metrics.distinct_artifacts_created_count", "chat"),
    _M("chat_connectors_used", "chat_metrics.distinct_connectors_used_count", "chat", adds_up=False, nullable=True),
    _M("chat_conversations", "chat_metrics.distinct_conversation_count", "chat", adds_up=False, nullable=True),
    _M("chat_files_uploaded", "chat_metrics.distinct_files_uploaded_count", "chat", adds_up=False, nullable=True),
    _M("chat_projects_created", "chat_metrics.distinct_projects_created_count", "chat"),
    _M("chat_projects_used", "chat_metrics.distinct_projects_used_count", "chat", adds_up=False, nullable=True),
    _M("chat_shared_artifacts_viewed", "chat_metrics.distinct_shared_artifacts_viewed_count", "chat", adds_up=False, nullable=True),
    _M("chat_skills_used", "chat_metrics.distinct_skills_used_count", "chat", adds_up=False, nullable=True),
    _M("chat_messages", "chat_metrics.message_count", "chat"),
    _M("chat_shared_conversations_viewed", "chat_metrics.shared_conversations_viewed_count", "chat"),
    _M("chat_thinking_messages", "chat_metrics.thinking_message_count", "chat"),
    _M("code_artifacts_created", "claude_code_metrics.core_metrics.artifacts_created_count", "claude_code"),
    _M("code_commits", "claude_code_metrics.core_metrics.commit_count", "claude_code"),
    _M("code_sessions", "claude_code_metrics.core_metrics.distinct_session_count", "claude_code", nullable=True),
    _M("code_lines_added", "claude_code_metrics.core_metrics.lines_of_code.added_count", "claude_code"),
    _M("code_lines_removed", "claude_code_metrics.core_metrics.lines_of_code.removed_count", "claude_code"),
    _M("code_pull_requests", "claude_code_metrics.core_metrics.pull_request_count", "claude_code"),
    _M("code_edit_accepted", "claude_code_metrics.tool_actions.edit_tool.accepted_count", "claude_code"),
    _M("code_edit_rejected", "claude_code_metrics.tool_actions.edit_tool.rejected_count", "claude_code"),
    _M("code_multi_edit_accepted", "claude_code_metrics.tool_actions.multi_edit_tool.accepted_count", "claude_code"),
    _M("code_multi_edit_rejected", "claude_code_metrics.tool_actions.multi_edit_tool.rejected_count", "claude_code"),
    _M("code_notebook_edit_accepted", "claude_code_metrics.tool_actions.notebook_edit_tool.accepted_count", "claude_code"),
    _M("code_notebook_edit_rejected", "claude_code_metrics.tool_actions.notebook_edit_tool.rejected_count", "claude_code"),
    _M("code_write_accepted", "claude_code_metrics.tool_actions.write_tool.accepted_count", "claude_code"),
    _M("code_write_rejected", "claude_code_metrics.tool_actions.write_tool.rejected_count", "claude_code"),
    _M("cowork_actions", "cowork_metrics.action_count", "cowork"),
    _M("cowork_artifacts_created", "cowork_metrics.artifacts_created_count", "cowork"),
    _M("cowork_connector_calls", "cowork_metrics.connectors_used_count", "cowork"),
    _M("cowork_dispatch_turns", "cowork_metrics.dispatch_turn_count", "cowork"),
    _M("cowork_connectors_used", "cowork_metrics.distinct_connectors_used_count", "cowork", adds_up=False, nullable=True),
    _M("cowork_plugins_used", "cowork_metrics.distinct_plugins_used_count", "cowork", adds_up=False, nullable=True),
    _M("cowork_sessions", "cowork_metrics.distinct_session_count", "cowork", adds_up=False, nullable=True),
    _M("cowork_skills_used", "cowork_metrics.distinct_skills_used_count", "cowork", adds_up=False, nullable=True),
    _M("cowork_edits", "cowork_metrics.edit_tool_count", "cowork", nullable=True),
    _M("cowork_file_edits", "cowork_metrics.file_edit_count", "cowork", nullable=True),
    _M("cowork_messages", "cowork_metrics.message_count", "cowork"),
    _M("cowork_multi_edits", "cowork_metrics.multi_edit_tool_count", "cowork", nullable=True),
    _M("cowork_notebook_edits", "cowork_metrics.notebook_edit_tool_count", "cowork", nullable=True),
    _M("cowork_plugin_uses", "cowork_metrics.plugins_used_count", "cowork", nullable=True),
    _M("cowork_sessions_with_file_edits", "cowork_metrics.sessions_with_file_edits_count", "cowork", adds_up=False, nullable=True),
    _M("cowork_skill_uses", "cowork_metrics.skills_used_count", "cowork"),
    _M("cowork_writes", "cowork_metrics.write_tool_count", "cowork", nullable=True),
    _M("design_projects_created", "design_metrics.distinct_projects_created_count", "design"),
    _M("design_projects_used", "design_metrics.distinct_projects_used_count", "design", adds_up=False, nullable=True),
    _M("design_sessions", "design_metrics.distinct_session_count", "design", adds_up=False, nullable=True),
    _M("design_messages", "design_metrics.message_count", "design"),
    _M("office_excel_connector_calls", "office_metrics.excel.connectors_used_count", "office"),
    _M("office_excel_connectors_used", "office_metrics.excel.distinct_connectors_used_count", "office", adds_up=False, nullable=True),
    _M("office_excel_sessions", "office_metrics.excel.distinct_session_count", "office", adds_up=False, nullable=True),
    _M("office_excel_skills_used", "office_metrics.excel.distinct_skills_used_count", "office", adds_up=False, nullable=True),
    _M("office_excel_messages", "office_metrics.excel.message_count", "office"),
    _M("office_excel_skill_uses", "office_metrics.excel.skills_used_count", "office"),
    _M("office_outlook_connector_calls", "office_metrics.outlook.connectors_used_count", "office"),
    _M("office_outlook_connectors_used", "office_metrics.outlook.distinct_connectors_used_count", "office", adds_up=False, nullable=True),
    _M("office_outlook_sessions", "office_metrics.outlook.distinct_session_count", "office", adds_up=False, nullable=True),
    _M("office_outlook_skills_used", "office_metrics.outlook.distinct_skills_used_count", "office", adds_up=False, nullable=True),
    _M("office_outlook_messages", "office_metrics.outlook.message_count", "office"),
    _M("office_outlook_skill_uses", "office_metrics.outlook.skills_used_count", "office"),
    _M("office_powerpoint_connector_calls", "office_metrics.powerpoint.connectors_used_count", "office"),
    _M("office_powerpoint_connectors_used", "office_metrics.powerpoint.distinct_connectors_used_count", "office", adds_up=False, nullable=True),
    _M("office_powerpoint_sessions", "office_metrics.powerpoint.distinct_session_count", "office", adds_up=False, nullable=True),
    _M("office_powerpoint_skills_used", "office_metrics.powerpoint.distinct_skills_used_count", "office", adds_up=False, nullable=True),
    _M("office_powerpoint_messages", "office_metrics.powerpoint.message_count", "office"),
    _M("office_powerpoint_skill_uses", "office_metrics.powerpoint.skills_used_count", "office"),
    _M("office_word_connector_calls", "office_metrics.word.connectors_used_count", "office"),
    _M("office_word_connectors_used", "office_metrics.word.distinct_connectors_used_count", "office", adds_up=False, nullable=True),
    _M("office_word_sessions", "office_metrics.word.distinct_session_count", "office", adds_up=False, nullable=True),
    _M("office_word_skills_used", "office_metrics.word.distinct_skills_used_count", "office", adds_up=False, nullable=True),
    _M("office_word_messages", "office_metrics.word.message_count", "office"),
    _M("office_word_skill_uses", "office_metrics.word.skills_used_count", "office"),
    _M("science_delegations", "science_metrics.delegation_count", "science"),
    _M("science_sessions", "science_metrics.distinct_session_count", "science", adds_up=False, nullable=True),
    _M("science_messages", "science_metrics.message_count", "science"),
    _M("science_remote_compute_jobs", "science_metrics.remote_compute_job_count", "science"),
    _M("science_skill_uses", "science_metrics.skills_used_count", "science"),
    _M("web_searches", "web_search_count", "web_search"),
    _M("unified_chat_connector_calls", "chat_cowork_unified_metrics.chat.connectors_used_count", "chat", optional=True),
    _M("unified_chat_artifacts_created", "chat_cowork_unified_metrics.chat.distinct_artifacts_created_count", "chat", optional=True),
    _M("unified_chat_connectors_used", "chat_cowork_unified_metrics.chat.distinct_connectors_used_count", "chat", adds_up=False, nullable=True, optional=True),
    _M("unified_chat_conversations", "chat_cowork_unified_metrics.chat.distinct_conversation_count", "chat", adds_up=False, nullable=True, optional=True),
    _M("unified_chat_files_uploaded", "chat_cowork_unified_metrics.chat.distinct_files_uploaded_count", "chat", adds_up=False, nullable=True, optional=True),
    _M("unified_chat_projects_created", "chat_cowork_unified_metrics.chat.distinct_projects_created_count", "chat", optional=True),
    _M("unified_chat_projects_used", "chat_cowork_unified_metrics.chat.distinct_projects_used_count", "chat", adds_up=False, nullable=True, optional=True),
    _M("unified_chat_shared_artifacts_viewed", "chat_cowork_unified_metrics.chat.distinct_shared_artifacts_viewed_count", "chat", adds_up=False, nullable=True, optional=True),
    _M("unified_chat_skills_used", "chat_cowork_unified_metrics.chat.distinct_skills_used_count", "chat", adds_up=False, nullable=True, optional=True),
    _M("unified_chat_messages", "chat_cowork_unified_metrics.chat.message_count", "chat", optional=True),
    _M("unified_chat_shared_conversations_viewed", "chat_cowork_unified_metrics.chat.shared_conversations_viewed_count", "chat", optional=True),
    _M("unified_chat_thinking_messages", "chat_cowork_unified_metrics.chat.thinking_message_count", "chat", optional=True),
    _M("unified_cowork_actions", "chat_cowork_unified_metrics.sessions.action_count", "cowork", optional=True),
    _M("unified_cowork_artifacts_created", "chat_cowork_unified_metrics.sessions.artifacts_created_count", "cowork", optional=True),
    _M("unified_cowork_connector_calls", "chat_cowork_unified_metrics.sessions.connectors_used_count", "cowork", optional=True),
    _M("unified_cowork_dispatch_turns", "chat_cowork_unified_metrics.sessions.dispatch_turn_count", "cowork", optional=True),
    _M("unified_cowork_connectors_used", "chat_cowork_unified_metrics.sessions.distinct_connectors_used_count", "cowork", adds_up=False, nullable=True, optional=True),
    _M("unified_cowork_plugins_used", "chat_cowork_unified_metrics.sessions.distinct_plugins_used_count", "cowork", adds_up=False, nullable=True, optional=True),
    _M("unified_cowork_sessions", "chat_cowork_unified_metrics.sessions.distinct_session_count", "cowork", adds_up=False, nullable=True, optional=True),
    _M("unified_cowork_skills_used", "chat_cowork_unified_metrics.sessions.distinct_skills_used_count", "cowork", adds_up=False, nullable=True, optional=True),
    _M("unified_cowork_edits", "chat_cowork_unified_metrics.sessions.edit_tool_count", "cowork", nullable=True, optional=True),
    _M("unified_cowork_file_edits", "chat_cowork_unified_metrics.sessions.file_edit_count", "cowork", nullable=True, optional=True),
    _M("unified_cowork_messages", "chat_cowork_unified_metrics.sessions.message_count", "cowork", optional=True),
    _M("unified_cowork_multi_edits", "chat_cowork_unified_metrics.sessions.multi_edit_tool_count", "cowork", nullable=True, optional=True),
    _M("unified_cowork_notebook_edits", "chat_cowork_unified_metrics.sessions.notebook_edit_tool_count", "cowork", nullable=True, optional=True),
    _M("unified_cowork_plugin_uses", "chat_cowork_unified_metrics.sessions.plugins_used_count", "cowork", nullable=True, optional=True),
    _M("unified_cowork_sessions_with_file_edits", "chat_cowork_unified_metrics.sessions.sessions_with_file_edits_count", "cowork", adds_up=False, nullable=True, optional=True),
    _M("unified_cowork_skill_uses", "chat_cowork_unified_metrics.sessions.skills_used_count", "cowork", optional=True),
    _M("unified_cowork_writes", "chat_cowork_unified_metrics.sessions.write_tool_count", "cowork", nullable=True, optional=True),
    _M("tag_active_days", "claude_tag_metrics.active_day_count", "slack", nullable=True, optional=True),
    _M("tag_active_messages", "claude_tag_metrics.active_message_count", "slack", nullable=True, optional=True),
)
# fmt: on

COLUMNS: tuple[str, ...] = tuple(measure.column for measure in MEASURES)
BY_COLUMN: dict[str, Measure] = {measure.column: measure for measure in MEASURES}

Tree = dict[str, "Tree | Measure"]
"""The measures as the vendor nests them: block names to blocks or measures."""


def tree(measures: Iterable[Measure] = MEASURES) -> Tree:
    """Nest the measures by the vendor's path: {"chat_metrics": {"message_count": Measure(...)}, ...}."""
    root: Tree = {}
    for measure in measures:
        *blocks, leaf = measure.path.split(".")
        node = root
        for block in blocks:
            below = node.setdefault(block, {})
            if isinstance(below, Measure):
                raise TypeError(f"{measure.path}: {block} is a count already")
            node = below
        node[leaf] = measure
    return root


IGNORED_FIELDS: dict[str, str] = {
    "user.id": "read as the member's id",
    "user.email_address": "read as the member's e-mail",
    "user.type": "always `user`",
    "distinct_user_count": "only on rows grouped by team, which we never ask for",
    "last_activity_date": "the day we asked for",
    "rbac_group_id": "only on grouped rows",
    "rbac_group_name": "only on grouped rows",
}
"""Fields of a row that the vendor documents and we leave, with the reason. A test walks the SDK's types: a field that is
neither a measure nor named here fails it, so that a new count is a decision."""

SUMMARY_COUNTS: tuple[str, ...] = (
    "assigned_seat_count",
    "pending_invite_count",
    "daily_active_user_count",
    "weekly_active_user_count",
    "monthly_active_user_count",
    "cowork_daily_active_user_count",
    "cowork_weekly_active_user_count",
    "cowork_monthly_active_user_count",
    "chat_daily_active_user_count",
    "chat_weekly_active_user_count",
    "chat_monthly_active_user_count",
    "claude_code_daily_active_user_count",
    "claude_code_weekly_active_user_count",
    "claude_code_monthly_active_user_count",
    "claude_design_daily_active_user_count",
    "claude_design_weekly_active_user_count",
    "claude_design_monthly_active_user_count",
    "office_agent_daily_active_user_count",
    "office_agent_weekly_active_user_count",
    "office_agent_monthly_active_user_count",
    "science_daily_active_user_count",
    "science_weekly_active_user_count",
    "science_monthly_active_user_count",
    "chat_cowork_unified_daily_active_user_count",
    "chat_cowork_unified_weekly_active_user_count",
    "chat_cowork_unified_monthly_active_user_count",
    "claude_tag_daily_active_user_count",
    "claude_tag_weekly_active_user_count",
    "claude_tag_monthly_active_user_count",
    "science_entitled_user_count",
)
"""The vendor's own organisation figures, a day each, kept apart from ours. Ratios are not read: they are recomputed."""
