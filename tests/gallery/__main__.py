"""`python -m tests.gallery`: made-up companies are served and every page and state is photographed."""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tests.gallery.sheet import sheet
from tests.gallery.shots import Shot, timed
from tests.gallery.states import STATES, State

AT_ONCE = 2
LARGE = (50_000, 28)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.gallery", description=__doc__)
    parser.add_argument("--into", type=Path, default=Path("gallery"), help="folder for the pictures")
    parser.add_argument("--state", choices=[state.name for state in STATES], action="append", help="this state alone")
    parser.add_argument("--page", action="append", default=[], help="this page alone")
    parser.add_argument("--large", action="store_true", help="“many” is 50,000 members, which takes minutes")
    asked = parser.parse_args()
    wanted = [_sized(state, asked.large) for state in STATES if not asked.state or state.name in asked.state]
    shots = _all(wanted, asked.into, tuple(asked.page))
    now = datetime.now(UTC)
    name = "index.html" if not (asked.state or asked.page) else "part.html"
    (asked.into / name).write_text(sheet(shots, now), encoding="utf-8")
    for shot in shots:
        if shot.odd:
            print(f"odd: {shot.file}: {shot.odd}")
    print(f"{len(shots)} pictures: {asked.into / name}")
    return 0


def _sized(state: State, large: bool) -> State:
    return replace(state, demo=LARGE) if large and state.name == "many" else state


def _all(wanted: list[State], into: Path, only: tuple[str, ...]) -> list[Shot]:
    """The states side by side, in the end in their order."""
    found: dict[str, list[Shot]] = {}
    with ProcessPoolExecutor(AT_ONCE) as pool:
        running = {pool.submit(timed, state, into, only): state for state in wanted}
        for one in as_completed(running):
            shots, seconds = one.result()
            found[running[one].name] = shots
            print(f"{running[one].name}: {len(shots)} pictures in {seconds:.0f} s", flush=True)
    return [shot for state in wanted for shot in found[state.name]]


if __name__ == "__main__":
    raise SystemExit(main())
