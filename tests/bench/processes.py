"""Commands measured from outside: CPU seconds of the process and all its children, and its peak memory."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_MEASURED = Path(__file__).with_name("measured.py")


@dataclass(frozen=True, slots=True)
class Spent:
    """What a command used. `cpu` and `wall` in seconds, `peak_mb` of its largest process."""

    code: int
    cpu: float
    wall: float
    peak_mb: float


def measured(command: Sequence[str], environ: Mapping[str, str], output: Path | None = None) -> Spent:
    """Run a command to its end; what it prints goes to `output`. That it fails is told by `code` alone."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        starter = [sys.executable, "-S", str(_MEASURED), str(result), str(output or Path(folder) / "output")]
        done = subprocess.run(
            [*starter, *command], env=dict(environ), cwd=ROOT, stderr=subprocess.PIPE, text=True, check=False
        )
        if not result.exists():
            raise RuntimeError(done.stderr)
        return Spent(**json.loads(result.read_text()))
