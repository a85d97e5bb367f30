"""Made-up answers and requests for the description. A test holds them against the shapes."""

from __future__ import annotations

from typing import Any

from uptake.metrics import CATALOGUE, describe

ANSWER: dict[str, Any] = {
    "question": {"metrics": ["active_week"], "by": "week"},
    "since": "2026-11-02",
    "until": "2026-11-15",
    "rows": [
        {
            "key": "2026-11-02",
            "cells": {"active_week": {"state": "value", "value": 312}},
            "settling": False,
            "days": 7,
            "days_expected": 7,
        },
        {
            "key": "2026-11-09",
            "cells": {"active_week": {"state": "withheld", "value": None, "reason": "too few people to show"}},
            "settling": True,
            "days": 6,
            "days_expected": 7,
        },
    ],
    "freshness": {
        "data_through": "2026-11-14",
        "settling_since": "2026-11-08",
        "first_day": "2026-10-01",
        "days_held": 45,
    },
    "withheld": 1,
    "notes": ["Weeks are always whole: Monday to Sunday."],
    "lake_version": "0f1e2d3c4b5a6978",
    "data_through": "2026-11-14",
    "settling_since": "2026-11-08",
    "definitions": {"active_week": describe(CATALOGUE["active_week"])},
}

TEAMS: dict[str, Any] = {
    "items": [
        {
            "id": "department:sales",
            "kind": "department",
            "name": "Sales",
            "people": "50 to 99",
            "small": False,
            "above": "",
        },
        {
            "id": "tree:8d1c40",
            "kind": "tree",
            "name": "Mina Example",
            "people": "fewer than 5",
            "small": True,
            "above": "tree:10ee72",
        },
    ],
    "next": "3f0a9c1185a5c5e9",
}

EXPORT: dict[str, Any] = {
    "id": "4f0c2f8e9f1d4b7aa3c5e6d7",
    "what": "figures",
    "format": "xlsx",
    "state": "queued",
    "asked_at": "2026-11-16T08:30:00Z",
    "ready_at": None,
    "expires_at": None,
    "bytes": None,
    "rows": None,
    "trouble": "",
}

WANTED_FIGURES = {"what": "figures", "format": "xlsx", "metric": ["active_day", "members"], "by": "day"}
WANTED_FACTS = {"what": "usage", "format": "parquet", "since": "2026-11-01", "until": "2026-11-14"}

MEMBERS: dict[str, Any] = {
    "items": [
        {
            "connection": "Acme",
            "member_id": "user_01",
            "name": "Emil Example",
            "email": "emil@acme.example",
            "claude_role": "user",
            "status": "active",
            "joined_at": "2026-09-01T07:00:00Z",
            "left_at": None,
        }
    ],
    "next": "9c1185a5c5e9fc54",
}
