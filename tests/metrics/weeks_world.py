"""Organisations over many weeks: made up at random, and the truth of the made-up Claude organisation."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pyarrow as pa

from metrics.world import Row, World, put
from uptake.fake import Organisation
from uptake.lake import USAGE

FIRST = date(2026, 7, 20)  # the Monday of a fixed four weeks
COUNTS = (
    "chat_messages", "unified_chat_messages", "chat_conversations", "unified_chat_conversations", "chat_thinking_messages",
    "chat_projects_created", "chat_projects_used", "chat_files_uploaded", "chat_artifacts_created", "chat_skills_used",
    "cowork_messages", "unified_cowork_messages", "cowork_sessions", "unified_cowork_sessions", "cowork_actions",
    "cowork_dispatch_turns", "cowork_artifacts_created", "cowork_connector_calls", "office_word_messages",
    "office_word_skill_uses", "design_messages", "design_projects_created", "science_messages", "tag_active_messages",
    "code_sessions", "code_lines_added", "code_lines_removed", "code_commits", "code_pull_requests",
    "code_edit_accepted", "code_edit_rejected", "code_write_accepted", "code_write_rejected",
    "code_multi_edit_accepted", "code_multi_edit_rejected", "web_searches",
)  # fmt: skip


def weeks_world(home: Path, seed: int, people: int = 40, days: int = 130, threshold: int = 1) -> World:
    """People who come, pause and go; now and then a day is missing, or not all of a person's counts are reported."""
    rnd = random.Random(seed)
    world = World(home, threshold)
    first = FIRST - timedelta(days=rnd.choice([0, 0, 3, 9]))
    habits = [_Habit(rnd, days) for _ in range(people)]
    missing = set(rnd.sample(range(days), rnd.choice([0, 0, 1, 2])))
    for number in range(days):
        day = first + timedelta(days=number)
        rows = [
            {"id": f"m{who}"} | habits[who].row(rnd) for who in range(people) if habits[who].works(rnd, number, day)
        ]
        if number not in missing:
            world.day("one", day, rows)
    return world.roster("one", [_seat(rnd, who, first, days) for who in range(people) if rnd.random() < 0.93])


class _Habit:
    """How often somebody is active, from when to when, with a pause, and with what."""

    def __init__(self, rnd: random.Random, days: int) -> None:
        self.keen = rnd.choice([0.02, 0.1, 0.25, 0.6, 0.9])
        self.starts = rnd.choice([0, 0, rnd.randint(0, days)])
        self.ends = rnd.choice([days, days, rnd.randint(0, days)])
        pause = rnd.randint(0, days)
        self.pause = range(pause, pause + rnd.choice([0, 0, 20, 45]))
        self.uses = rnd.sample(COUNTS, rnd.choice([1, 2, 5, 12, 30]))

    def works(self, rnd: random.Random, number: int, day: date) -> bool:
        there = self.starts <= number < self.ends and number not in self.pause
        return there and rnd.random() < self.keen * (0.2 if day.weekday() > 4 else 1)

    def row(self, rnd: random.Random) -> Row:
        return {name: rnd.choice([0, None, rnd.randint(1, 4), rnd.randint(1, 30)]) for name in self.uses}


def _seat(rnd: random.Random, who: int, first: date, days: int) -> Row:
    joined = first + timedelta(days=rnd.randint(-400, days)) if rnd.random() < 0.6 else first - timedelta(days=90)
    left = joined + timedelta(days=rnd.randint(1, 200)) if rnd.random() < 0.15 else None
    if left and left > first + timedelta(days=days + 2):
        left = None
    return {
        "member_id": f"console{who}" if rnd.random() < 0.1 else f"m{who}",
        "email": f"m{who}@example.com",
        "status": "removed" if left else "active",
        "claude_role": rnd.choice(["user", "user", "admin", None]),
        "joined_at": datetime.combine(joined, time(9), UTC),
        "left_at": datetime.combine(left, time(9), UTC) if left else None,
    }


def made_up_company(home: Path, members: int, seed: int, last: date, days: int, threshold: int = 1) -> World:
    """What the made-up Claude organisation would tell, without the way over HTTP."""
    company = Organisation(members=members, seed=seed)
    world = World(home, threshold)
    world.connect("one")
    for number in range(days):
        day = last - timedelta(days=number)
        rows = company.truth(day)
        world.usage.setdefault("one", {})[day] = rows
        put(world.lake, "usage", "one", day, pa.Table.from_pylist(rows, schema=USAGE))
    there = company.roster(datetime.combine(last + timedelta(days=2), time(12), UTC))
    seats = [
        {"member_id": m.id, "email": m.email, "status": "active", "claude_role": m.role, "joined_at": m.added_at,
         "left_at": None}
        for m in there
    ]  # fmt: skip
    return world.roster("one", seats, last)
