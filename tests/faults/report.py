"""docs/reliability.md, written by the run that proved it. Nothing in it is typed by hand; only a whole run writes it."""

from __future__ import annotations

import json
import os
import platform
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from faults.matrix import Row, rows

KILLS = ("random SIGKILL", "SIGKILL at every call")


@dataclass
class Played:
    """What became of a row's cases."""

    passed: int = 0
    failed: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def cases(self) -> int:
        return self.passed + len(self.failed) + len(self.skipped)


def gather(reports: Iterable[Any]) -> dict[str, Played]:
    """The test reports of a run, by row of the matrix."""
    found: dict[str, Played] = defaultdict(Played)
    for report in reports:
        given = dict(report.user_properties).get("fault")
        if given is None or (report.when != "call" and report.outcome == "passed"):
            continue
        row, case = given
        found[row].seconds += report.duration
        if report.outcome == "passed":
            found[row].passed += 1
        elif report.outcome == "skipped":
            found[row].skipped.append(f"{case} ({_reason(report)})")
        else:
            found[row].failed.append(case)
    return found


def _reason(report: Any) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")


def whole(played: dict[str, Played]) -> bool:
    """Whether every case of every row was there."""
    return all(row.id in played and played[row.id].cases == len(row.cases) for row in rows())


def page(played: dict[str, Played], figures: list[dict[str, Any]], seconds: float, now: datetime) -> str:
    """The page as text."""
    table = rows()
    good = [row for row in table if not played[row.id].failed and not played[row.id].skipped]
    cases, passed = sum(len(row.cases) for row in table), sum(played[row.id].passed for row in table)
    lines = [
        "# Reliability: what was broken, and what became of it",
        "",
        "Written by `make faults`; not edited by hand. Each case breaks one thing, checks what is held, what is said and",
        "which key and stream is how, then mends it and checks that everything is there and true after at most two runs.",
        "",
        f"**{len(good)} of {len(table)} rows** passed, {passed} of {cases} cases. "
        f"{now:%Y-%m-%d %H:%M} UTC, {seconds / 60:.0f} min, {_machine()}.",
        "",
        *_kills([figure for figure in figures if figure["proof"] in KILLS]),
        *_others([figure for figure in figures if figure["proof"] not in KILLS]),
        "## The fault matrix",
        "",
        "Names in `code` are faults of the made-up organisation: `uptake fake-claude --fault NAME`, or the row's own id.",
        "",
        "| id | fault | injection | expected | cases | outcome | s |",
        "|---|---|---|---|---|---|---|",
        *(_line(row, played[row.id]) for row in table),
        "",
    ]
    return "\n".join(lines)


def _line(row: Row, played: Played) -> str:
    outcome = "passed"
    if played.skipped:
        outcome = "skipped: " + "; ".join(played.skipped)
    if played.failed:
        outcome = "**failed**: " + ", ".join(played.failed)
    cells = (row.id, row.fault, row.injection, row.expected, f"{played.passed}/{len(row.cases)}", outcome)
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + f" | {played.seconds:.1f} |"


def _kills(figures: list[dict[str, Any]]) -> list[str]:
    lines = [
        "## Killed",
        "",
        "A process is killed at a random moment, or before each call that changes the disk (strace), each call once.",
        "",
        "| what | action | kills | lost days | duplicated | mixed | unclean | runs until well, most |",
        "|---|---|---|---|---|---|---|---|",
    ]
    columns = ("kills", "lost", "duplicated", "mixed", "unclean", "runs")
    for figure in sorted(figures, key=lambda figure: (figure["proof"], figure["action"])):
        lines.append(
            "| " + " | ".join([figure["proof"], figure["action"], *(str(figure[name]) for name in columns)]) + " |"
        )
    total = {name: sum(figure[name] for figure in figures) for name in columns[:-1]}
    most = max((figure["runs"] for figure in figures), default=0)
    lines.append("| **all** | | " + " | ".join(f"{total[name]:,}" for name in columns[:-1]) + f" | {most} |")
    return [*lines, ""]


def _others(figures: list[dict[str, Any]]) -> list[str]:
    """What other proofs of the same run came to, as they told it."""
    lines = [] if not figures else ["## Other proofs of the same run", "", "| proof | figures |", "|---|---|"]
    for figure in figures:
        told = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in figure.items() if name != "proof")
        lines.append(f"| {figure['proof']} | {told} |")
    return [*lines, ""] if lines else []


def read(path: Path) -> list[dict[str, Any]]:
    """The figures that proofs of this run left, one JSON object a line."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    system = f"{platform.system()} {platform.machine()}"
    return f"{os.cpu_count()} cores, {memory:.0f} GB, {system}, Python {platform.python_version()}"


def today() -> datetime:
    return datetime.now(UTC)
