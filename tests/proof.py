"""How large the proofs are, and where their figures go: `make faults` runs them at full size (tests marked `full`)."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

FIGURES = "PROOF_FIGURES"
"""Names a file that takes the figures of a run, a JSON object a line; without it they are printed only."""


@dataclass(frozen=True)
class Sizes:
    """One size of all proofs."""

    lives: int
    steps: int
    fuzzed: int
    api: int  # requests of each kind to each operation of the API, by each role
    charts: int  # random org charts
    companies: int  # random companies put to the solver that attacks figures of teams


EVERYDAY = Sizes(lives=3, steps=25, fuzzed=15_000, api=2, charts=30, companies=2)
FULL = Sizes(lives=500, steps=200, fuzzed=1_000_000, api=60, charts=2_000, companies=1_000)


def figures(proof: str, **found: object) -> None:
    """Say what a proof came to."""
    line = json.dumps({"proof": proof, **found}, default=str)
    print(line)
    if path := os.environ.get(FIGURES):
        with Path(path).open("a") as file:
            file.write(line + "\n")
