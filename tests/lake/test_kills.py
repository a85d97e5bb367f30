"""A process killed before any of its calls to the disk leaves the old day or the new one, whole, and no rest."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.lake.facts import DAY, entry, many
from uptake.lake import Lake

OLD, NEW = many(40, count=1), many(60, count=2)

CHILD = """
import os, signal, sys
from pathlib import Path
from tests.lake.test_kills import NEW
from tests.lake.facts import entry
from uptake.lake import Lake

root, left = Path(sys.argv[1]), [0]

def armed(name, call):
    def dying(*args, **named):
        left[0] -= 1
        if left[0] == 0:
            Path(sys.argv[2]).write_text(name)
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*args, **named)
    return dying

def replace(at):
    left[0] = at
    for name in ("open", "write", "fsync", "rename", "mkdir", "unlink", "close"):
        setattr(os, name, armed(name, getattr(os, name)))
    Lake(root / str(at), root / "aside").replace(entry(NEW), NEW)

for at in range(1, 100):
    child = os.fork()  # before anything of pyarrow has worked in this process
    if child == 0:
        replace(at)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    called = Path(sys.argv[2])
    print(at, called.read_text() if called.exists() else "end", flush=True)
    called.unlink(missing_ok=True)
    if not os.WIFSIGNALED(status):
        sys.exit(os.waitstatus_to_exitcode(status))
"""


@pytest.mark.parametrize("held_before", [True, False], ids=["replaced", "first day"])
def test_a_kill_before_any_call_leaves_a_whole_day_and_the_next_start_no_rest(
    tmp_path: Path, held_before: bool
) -> None:
    lakes = [Lake(tmp_path / str(at), tmp_path / "aside") for at in range(1, 40)]
    for lake in lakes if held_before else []:
        lake.replace(entry(OLD, run="run0"), OLD)
    command = [sys.executable, "-c", CHILD, str(tmp_path), str(tmp_path / "called")]
    run = subprocess.run(
        command, capture_output=True, text=True, timeout=60, cwd=Path(__file__).parents[2], check=False
    )
    assert run.returncode == 0, run.stderr
    killed = [line.split()[1] for line in run.stdout.splitlines()]
    assert killed[-1] == "end"
    assert {"open", "write", "fsync", "rename"} <= set(killed)
    renamed = killed.index("rename")
    for at, call in enumerate(killed):
        lake = lakes[at]
        expected = NEW if at > renamed else OLD if held_before else None
        assert _held(lake) == expected, f"killed before {call} ({at})"
        assert lake.gate() == []
        assert _held(lake) == expected
        assert not [path for path in lake.root.rglob("*.tmp")]


def _held(lake: Lake) -> object:
    return lake.read("usage", "c1", DAY) if lake.held("usage", "c1") else None
