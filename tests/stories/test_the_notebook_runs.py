"""The notebook of docs/examples, cell by cell, against an installation that is synced: it finds what `uptake export` gives."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from house import House

NOTEBOOK = Path(__file__).parents[2] / "docs/examples/read_the_lake.ipynb"


def test_the_lake_is_read_with_other_tools(connected: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPTAKE_HOME", str(connected.home))
    polars = importlib.util.find_spec("polars") is not None
    told: dict[str, Any] = {}
    for cell in json.loads(NOTEBOOK.read_text())["cells"]:
        if cell["cell_type"] == "code" and (polars or "needs-polars" not in cell["metadata"].get("tags", ())):
            exec(compile("".join(cell["source"]), cell["id"], "exec"), told)
    rows = connected.usage()
    days = sorted({row["day"] for row in rows})
    assert [str(day) for day, _, _ in told["by_day"]] == days and len(days) == 12
    for day, active, total in told["by_day"]:
        sent = [row["chat_messages"] or 0 for row in rows if row["day"] == str(day)]
        assert (active, total) == (sum(count > 0 for count in sent), sum(sent))
    members = [member for member in connected.members() if member["member_id"] and member["status"] != "unlisted"]
    assert sum(count for _, count in told["roster"]) == len(members)
    assert told["entry"]
    if polars:
        assert [row[1:] for row in told["by_day_again"].rows()] == [row[1:] for row in told["by_day"]]
