"""CPU of drawing the Overview's charts, one drawing after the other, from answers computed before."""

from __future__ import annotations

import shutil
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from statistics import median

from tests.bench import metrics as lake_bench
from tests.bench.report import Figure, Section, figures
from uptake.domain.access import OPERATOR
from uptake.metrics import FigureAnswer
from uptake.metrics.dashboards import all_of

DRAWINGS = 2
"""Each chart is drawn for a wide and a narrow place."""


def measure(days: int = 90, rounds: int = 5) -> Section:
    """Milliseconds of CPU a drawing over all figures of the Overview with `days` days held."""
    answers = _answers(days)
    first = sum(_milliseconds(answers))
    each = [spent for _ in range(rounds) for spent in _milliseconds(answers)]
    found = [
        Figure("one drawing, median over the Overview's charts", median(each), "ms", 80),
        Figure("one drawing, the slowest", max(each), "ms"),
        Figure("all figures of a process just started, fonts and all", first, "ms"),
    ]
    note = f"CPU time of drawing alone; {days} days held, {rounds} rounds, nothing taken from the store of drawings."
    return Section("charts", "What a chart costs", (figures(found),), (note,))


def _answers(days: int) -> list[FigureAnswer]:
    home = Path(tempfile.mkdtemp(prefix="uptake-bench-"))
    try:
        for back in range(days):
            lake_bench._write_day(home, 500, lake_bench.LAST - timedelta(days=back), back)
        lake_bench._write_roster(home, 500)
        return list(all_of("overview", lake_bench._facts(home), OPERATOR, lake_bench.TODAY).values())
    finally:
        shutil.rmtree(home)


def _milliseconds(answers: list[FigureAnswer]) -> list[float]:
    """CPU a drawing of each figure that has any."""
    from uptake.web import svg
    from uptake.web.figures import drawn

    svg._draw.cache_clear()
    spent = []
    for answer in answers:
        began = time.process_time()
        drawings = DRAWINGS * len(drawn(answer).charts)
        if drawings:
            spent.append(1e3 * (time.process_time() - began) / drawings)
    return spent
