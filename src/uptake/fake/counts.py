"""The counts of a made-up day: a matrix of people by measures that agrees with who was present on which surface.

Heavy tails as in real organisations: log-normal people, negative binomial days, features that most never touch.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from uptake.domain.measures import BY_COLUMN, COLUMNS, MEASURES
from uptake.fake import presence
from uptake.fake.people import Bools, Floats
from uptake.fake.rhythm import ARTIFACTS_DAY, DESIGN_DAY, PLUGINS_DAY, SCIENCE_DAY, SLACK_DAY, WORD_AND_OUTLOOK_DAY
from uptake.fake.traits import Traits

Matrix = npt.NDArray[np.int32]
Picked = npt.NDArray[np.intp]

NULL = -1
"""The vendor says null: not enabled, or not computable."""
ABSENT = -2
"""The block is not in the row at all."""

_AT = {column: number for number, column in enumerate(COLUMNS)}
_NULLABLE = np.array([number for number, measure in enumerate(MEASURES) if measure.nullable])
_SELDOM_NULL = 0.004
_LATE_BLOCKS = (
    ("design_", DESIGN_DAY),
    ("science_", SCIENCE_DAY),
    ("office_word_", WORD_AND_OUTLOOK_DAY),
    ("office_outlook_", WORD_AND_OUTLOOK_DAY),
    ("tag_", SLACK_DAY),
)
_PLUGIN_COLUMNS = (
    "plugins_used",
    "edits",
    "file_edits",
    "multi_edits",
    "notebook_edits",
    "plugin_uses",
    "sessions_with_file_edits",
    "writes",
)
OFFICE_APPS = ("excel", "outlook", "powerpoint", "word")

# Share of active days on which a feature is used at all, and how often then, at most about.
CHAT_FEATURES: dict[str, tuple[float, float]] = {
    "connector_calls": (0.12, 3.0),
    "artifacts_created": (0.10, 0.8),
    "files_uploaded": (0.15, 1.2),
    "projects_created": (0.02, 0.2),
    "projects_used": (0.20, 0.6),
    "shared_artifacts_viewed": (0.02, 0.4),
    "skills_used": (0.08, 0.5),
    "shared_conversations_viewed": (0.03, 0.4),
}
COWORK_FEATURES: dict[str, tuple[float, float]] = {
    "actions": (0.9, 12.0),
    "artifacts_created": (0.12, 0.8),
    "connector_calls": (0.3, 4.0),
    "dispatch_turns": (0.25, 6.0),
    "plugins_used": (0.08, 0.3),
    "file_edits": (0.35, 4.0),
    "multi_edits": (0.1, 1.0),
    "notebook_edits": (0.02, 0.5),
    "writes": (0.3, 2.0),
    "skill_uses": (0.2, 2.0),
}


@dataclass(frozen=True, slots=True)
class Draw:
    """What one day's counts are drawn from: the rows' people (positions), their bits, their traits."""

    day: date
    rows: Picked
    bits: npt.NDArray[np.uint16]
    traits: Traits
    rng: np.random.Generator

    def on(self, surface: int, *, unified: bool | None = None) -> Picked:
        """Rows that used the surface; for Chat and Cowork told in one block or the other."""
        found = self.bits & surface != 0
        if unified is not None:
            found &= (self.bits & presence.UNIFIED != 0) == unified
        return np.flatnonzero(found)

    def burst(self, at: Picked, mean: Floats | float, shape: float = 1.2) -> Matrix:
        """1 + a negative binomial around the mean, one a row."""
        rate = self.rng.gamma(shape, np.broadcast_to(np.asarray(mean) / shape, at.shape))
        return np.asarray(1 + self.rng.poisson(rate), dtype=np.int32)

    def seldom(self, count: int, share: float, mean: float) -> Matrix:
        """Mostly 0; where it happens, 1 or more."""
        happens = self.rng.random(count, dtype=np.float32) < share
        return np.where(happens, 1 + self.rng.poisson(mean, count), 0).astype(np.int32)


def counts(draw: Draw) -> Matrix:
    """Rows by measures; NULL and ABSENT are negative, everything else is a count."""
    matrix = np.zeros((len(draw.rows), len(COLUMNS)), dtype=np.int32)
    for unified in (False, True):
        _chat(draw, matrix, "unified_chat_" if unified else "chat_", draw.on(presence.CHAT, unified=unified))
        _cowork(draw, matrix, "unified_cowork_" if unified else "cowork_", draw.on(presence.COWORK, unified=unified))
        viewers = draw.on(presence.PASSIVE, unified=unified)
        _put(matrix, viewers, "unified_chat_" if unified else "chat_", "shared_conversations_viewed", 1)
    _code(draw, matrix, draw.on(presence.CODE))
    _office(draw, matrix, draw.on(presence.OFFICE))
    _design(draw, matrix, draw.on(presence.DESIGN))
    _science(draw, matrix, draw.on(presence.SCIENCE))
    _slack(draw, matrix, draw.on(presence.SLACK))
    _nulls(draw, matrix)
    _absent(draw, matrix)
    return matrix


def _put(matrix: Matrix, at: Picked, prefix: str, name: str, values: npt.NDArray[np.integer] | int) -> None:
    matrix[at, _AT[prefix + name]] = values


def _chat(draw: Draw, matrix: Matrix, prefix: str, at: Picked) -> None:
    traits, people = draw.traits, draw.rows[at]
    messages = draw.burst(at, traits.messages[people])
    _put(matrix, at, prefix, "messages", messages)
    _put(matrix, at, prefix, "conversations", 1 + draw.rng.binomial(messages - 1, traits.threads[people]))
    _put(matrix, at, prefix, "thinking_messages", draw.rng.binomial(messages, traits.thinking[people]))
    for name, (share, mean) in CHAT_FEATURES.items():
        _put(matrix, at, prefix, name, draw.seldom(len(at), share, mean))
    calls = matrix[at, _AT[prefix + "connector_calls"]]
    _put(matrix, at, prefix, "connectors_used", np.minimum(calls, 1 + calls // 4))
    matrix[at, _AT["web_searches"]] += draw.seldom(len(at), 0.3, 2.0)


def _cowork(draw: Draw, matrix: Matrix, prefix: str, at: Picked) -> None:
    messages = draw.burst(at, 5.0 * draw.traits.volume[draw.rows[at]])
    _put(matrix, at, prefix, "messages", messages)
    _put(matrix, at, prefix, "sessions", 1 + messages // 9)
    for name, (share, mean) in COWORK_FEATURES.items():
        _put(matrix, at, prefix, name, draw.seldom(len(at), share, mean))
    calls = matrix[at, _AT[prefix + "connector_calls"]]
    _put(matrix, at, prefix, "connectors_used", np.minimum(calls, 1 + calls // 5))
    uses = matrix[at, _AT[prefix + "skill_uses"]]
    _put(matrix, at, prefix, "skills_used", np.minimum(uses, 1 + uses // 3))
    _put(matrix, at, prefix, "plugin_uses", 2 * matrix[at, _AT[prefix + "plugins_used"]])
    edits = matrix[at, _AT[prefix + "file_edits"]]
    _put(matrix, at, prefix, "edits", edits - edits // 3)
    _put(matrix, at, prefix, "sessions_with_file_edits", np.minimum(edits, 1))


def _code(draw: Draw, matrix: Matrix, at: Picked) -> None:
    rng, people = draw.rng, draw.rows[at]
    volume = draw.traits.volume[people]
    _put(matrix, at, "code_", "sessions", 1 + rng.poisson(1.5 * volume))
    decisions = draw.burst(at, 24.0 * volume, shape=1.0)
    left = decisions.copy()
    for tool, share in (("write", 0.25), ("multi_edit", 0.16), ("notebook_edit", 0.05), ("edit", 1.0)):
        asked = rng.binomial(left, share)
        taken = rng.binomial(asked, draw.traits.acceptance[people])
        _put(matrix, at, "code_", f"{tool}_accepted", taken)
        _put(matrix, at, "code_", f"{tool}_rejected", asked - taken)
        left -= asked.astype(np.int32)
    lines = rng.lognormal(4.2, 1.1, len(at)) * np.where(rng.random(len(at)) < 0.01, 20.0, 1.0)
    _put(matrix, at, "code_", "lines_added", lines.astype(np.int32))
    _put(matrix, at, "code_", "lines_removed", (lines * rng.beta(2, 5, len(at))).astype(np.int32))
    _put(matrix, at, "code_", "commits", rng.poisson(0.9 * volume))
    _put(matrix, at, "code_", "pull_requests", rng.poisson(0.25 * volume))
    _put(matrix, at, "code_", "artifacts_created", draw.seldom(len(at), 0.04, 0.5))
    matrix[at, _AT["web_searches"]] += draw.seldom(len(at), 0.1, 1.0)


def _office(draw: Draw, matrix: Matrix, at: Picked) -> None:
    favourite = draw.traits.apps[draw.rows[at]]
    other = draw.rng.integers(0, len(OFFICE_APPS), len(at))
    app = np.where(draw.rng.random(len(at)) < 0.75, favourite, other)
    if draw.day < WORD_AND_OUTLOOK_DAY:
        app = np.where(app % 2 == 1, 0, app)  # outlook and word came later
    for number, name in enumerate(OFFICE_APPS):
        rows = at[app == number]
        prefix = f"office_{name}_"
        _put(matrix, rows, prefix, "messages", draw.burst(rows, 3.0 * draw.traits.volume[draw.rows[rows]]))
        _put(matrix, rows, prefix, "sessions", 1 + draw.rng.poisson(0.5, len(rows)))
        uses, calls = draw.seldom(len(rows), 0.12, 1.0), draw.seldom(len(rows), 0.1, 1.0)
        _put(matrix, rows, prefix, "skill_uses", uses)
        _put(matrix, rows, prefix, "skills_used", np.minimum(uses, 1))
        _put(matrix, rows, prefix, "connector_calls", calls)
        _put(matrix, rows, prefix, "connectors_used", np.minimum(calls, 1))


def _design(draw: Draw, matrix: Matrix, at: Picked) -> None:
    _put(matrix, at, "design_", "messages", draw.burst(at, 6.0 * draw.traits.volume[draw.rows[at]]))
    _put(matrix, at, "design_", "sessions", 1 + draw.rng.poisson(0.7, len(at)))
    _put(matrix, at, "design_", "projects_created", draw.seldom(len(at), 0.15, 0.2))
    _put(matrix, at, "design_", "projects_used", 1 + draw.rng.poisson(0.3, len(at)))


def _science(draw: Draw, matrix: Matrix, at: Picked) -> None:
    _put(matrix, at, "science_", "messages", draw.burst(at, 7.0 * draw.traits.volume[draw.rows[at]]))
    _put(matrix, at, "science_", "sessions", 1 + draw.rng.poisson(0.4, len(at)))
    for name, share in (("delegations", 0.4), ("remote_compute_jobs", 0.2), ("skill_uses", 0.3)):
        _put(matrix, at, "science_", name, draw.seldom(len(at), share, 2.0))


def _slack(draw: Draw, matrix: Matrix, at: Picked) -> None:
    _put(matrix, at, "tag_", "active_days", 1)
    _put(matrix, at, "tag_", "active_messages", draw.burst(at, 2.5))


def _nulls(draw: Draw, matrix: Matrix) -> None:
    """What was not enabled yet, what is never computed, and a few counts that just could not be."""
    now_and_then = draw.rng.random((len(matrix), len(_NULLABLE)), dtype=np.float32) < _SELDOM_NULL
    matrix[:, _NULLABLE] = np.where(now_and_then, NULL, matrix[:, _NULLABLE])
    for prefix in ("cowork_", "unified_cowork_"):
        for name in _PLUGIN_COLUMNS if draw.day < PLUGINS_DAY else ():
            matrix[:, _AT[prefix + name]] = NULL
        if draw.day < ARTIFACTS_DAY:
            matrix[:, _AT[prefix + "artifacts_created"]] = 0
    if draw.day < ARTIFACTS_DAY:
        matrix[:, _AT["code_artifacts_created"]] = 0
    matrix[:, _AT["unified_chat_shared_artifacts_viewed"]] = NULL


def _absent(draw: Draw, matrix: Matrix) -> None:
    """Blocks that a row does not have: before their launch, or because nobody there uses them."""
    for prefix, launch in _LATE_BLOCKS:
        if draw.day < launch:
            matrix[:, [at for column, at in _AT.items() if column.startswith(prefix)]] = ABSENT
    unified: Bools = draw.bits & presence.UNIFIED != 0
    columns = [at for column, at in _AT.items() if BY_COLUMN[column].path.startswith("chat_cowork_unified")]
    matrix[np.ix_(np.flatnonzero(~unified), np.array(columns))] = ABSENT
    tagged: Bools = draw.traits.slack_linked[draw.rows]
    told = np.array([_AT["tag_active_days"], _AT["tag_active_messages"]])
    matrix[np.ix_(np.flatnonzero(~tagged), told)] = ABSENT
