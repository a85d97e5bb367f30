"""The core promise: content that the vendor sends, and the keys, are found nowhere in what uptake writes, says or shows."""

from __future__ import annotations

from pathlib import Path

import pytest

import proof
from house import House
from promises.scan import Scanner
from promises.walk import MARK, LadenClaude, Walk, forget, walk_through
from uptake.fake import FAULTS, Organisation

EVERYDAY = ("canary-errors", "revoked-midway", "other-organisation")
"""Others that matter here are played one by one by `make faults`."""


def _key_text(key: str) -> str:
    """What is secret in a key: its kind may be shown, its last four characters are."""
    return key.rsplit("-", 1)[1][:-4]


def _walk(tmp_path: Path, members: int, days: int, faults: tuple[str, ...]) -> tuple[Walk, LadenClaude]:
    company = Organisation(members=members, seed=5)
    with LadenClaude(company, requests_per_minute=None) as fake:
        keys = ("members", "analytics", "foreign_analytics")
        secrets = {f"{name} key": _key_text(getattr(fake.keys, name)) for name in keys}
        house = House(tmp_path / "home", fake.url, {"UPTAKE_BACKFILL_DAYS": str(days)})
        walk = Walk(house, tmp_path / "said", Scanner({"canary": MARK, **secrets}))
        walk_through(walk, fake, faults)
    proof.figures(
        "content and key canaries",
        canaries=fake.planted, places=len(fake.places), keys=len(secrets), encodings=8,
        bytes_scanned=walk.scanner.bytes_looked_at, found=len(walk.found),
    )  # fmt: skip
    return walk, fake


def test_nothing_of_it_is_anywhere(tmp_path: Path) -> None:
    walk, fake = _walk(tmp_path, members=50, days=6, faults=EVERYDAY)
    assert walk.found == []
    assert fake.planted >= 10_000
    assert len(fake.places) >= 40
    _require_the_scan_works(walk, fake)


def _require_the_scan_works(walk: Walk, fake: LadenClaude) -> None:
    """The same look finds an allowed value in the exports and a leak that is planted among what was said."""
    allowed = Scanner({"an e-mail": "ada@example.com", "a word": "SealedKey and all", "a name": "member_id"})
    names = {found.name for found in allowed.look_through(walk.folder)}
    assert names == {"an e-mail", "a name"}
    (walk.folder / "stderr").write_text(f"could not read {MARK}.planted with {fake.keys.members}")
    assert {found.name for found in walk.scanner.look_through(walk.folder)} == {"canary", "members key"}


@pytest.mark.full
def test_nothing_of_it_is_anywhere_whatever_goes_wrong(tmp_path: Path) -> None:
    """A company of 400, and every fault there is, one after the other."""
    walk, fake = _walk(tmp_path, members=400, days=31, faults=tuple(sorted(FAULTS)))
    assert walk.found == []
    assert fake.planted >= 100_000
    forget(walk)
