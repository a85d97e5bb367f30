"""What a member-day costs from the response's body to the committed file, step by step, in this process.

The bodies are made before; nothing here waits for a network. Medians of several rounds, CPU time.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median

import msgspec

from tests.bench.company import SEED
from tests.bench.report import Figure, Section, Table, amount, figures
from uptake.claude import sieve
from uptake.fake import Organisation, encode
from uptake.lake import Entry, Lake, content_hash, sort
from uptake.sync import fetch

DAY = date(2026, 11, 18)
PAGE = 1000
STEPS = ("msgspec alone", "decode to columns", "pack, one table, sort", "hash", "encode, seal, write durably")
_decode_alone = msgspec.json.Decoder(sieve._PAGE).decode

Micros = dict[str, float]


def measure(rows: int = 100_000, rounds: int = 5) -> Section:
    """A day of `rows` member-days, read and committed `rounds` times."""
    bodies = day_of_bodies(rows)
    seen = [_round(bodies, rows) for _ in range(rounds)]
    cost = {step: median(micros[step] for micros in seen) for step in STEPS}
    whole = median(sum(micros.values()) - micros[STEPS[0]] for micros in seen)
    size = sum(map(len, bodies)) / rows
    steps = Table(("step", "µs of CPU a member-day"), tuple((step, f"{cost[step]:.2f}") for step in STEPS[1:]))
    found = [
        Figure("body to committed file, CPU a member-day", whole, "µs", 40),
        Figure("msgspec alone decoding the same bodies", cost[STEPS[0]], "µs"),
        Figure("the whole over msgspec alone", whole / cost[STEPS[0]], "×"),
    ]
    note = f"{rows:,} member-days in {len(bodies)} bodies of {amount(size, 'bytes')} a member-day; {rounds} rounds."
    return Section("cost", "What a member-day costs", (figures(found), steps), (note,))


def day_of_bodies(rows: int) -> list[bytes]:
    """The pages of one day with exactly `rows` members in it, as the made-up organisation writes them."""
    told = Organisation(members=max(50, 3 * rows), seed=SEED).usage(DAY)
    assert len(told.ids) >= rows
    last = range(0, rows, PAGE)[-1]
    return [
        encode.page(told.rows(at, min(at + PAGE, rows)), None if at == last else str(at)) for at in range(0, rows, PAGE)
    ]


def _round(bodies: list[bytes], rows: int) -> Micros:
    spent: Micros = {}

    @contextmanager
    def timed(step: str) -> Iterator[None]:
        began = time.process_time()
        yield
        spent[step] = 1e6 * (time.process_time() - began) / rows

    with timed(STEPS[0]):
        for body in bodies:
            _decode_alone(body)
    with timed(STEPS[1]):
        pages = [sieve.usage_page(body) for body in bodies]
    with timed(STEPS[2]):
        packed = fetch._Packed()
        for page in pages:
            packed.add(page.rows)
        table = sort("usage", fetch._without_duplicates(packed.table())[0])
    with timed(STEPS[3]):
        digest = content_hash("usage", "bench", DAY, table)
    entry = Entry(DAY, "usage", "bench", table.num_rows, digest, datetime.now(UTC), "bench", 1, len(bodies))
    with tempfile.TemporaryDirectory(prefix="uptake-bench-") as folder, timed(STEPS[4]):
        Lake(Path(folder) / "lake", Path(folder) / "aside").replace(entry, table)
    return spent
