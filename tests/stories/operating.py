"""What the stories of backup and restore need beside the commands: erasing somebody, and archives that were tampered with."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import msgspec

from house import House
from uptake.lake import Lake
from uptake.lake.archive import Manifest, Piece, _root_of

_ERASE = """
import os, sys
from datetime import UTC, datetime
from uptake.site import boot
settings = boot.start(os.environ)
from uptake.actions import erasures
from uptake.domain.access import OPERATOR
erasures.erase(OPERATOR, settings, who=sys.argv[1], now=datetime.now(UTC))
"""

Members = list[tuple[tarfile.TarInfo, bytes]]


def erase(house: House, who: str) -> None:
    """What the page People does."""
    command = [sys.executable, "-c", _ERASE, who]
    done = subprocess.run(command, env=house.environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def somebody(house: House) -> tuple[str, str]:
    """The member with usage on the most days held: id and address."""
    rows = Counter((row["member_id"], row["email"]) for row in house.usage() if row["email"])
    return rows.most_common(1)[0][0]


def tree(folder: Path) -> dict[str, str]:
    """Every file below a folder, by the sum of its bytes."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "running.lock"]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def days(home: Path) -> dict[str, str]:
    lake = Lake(home / "lake", home / "aside")
    return {str(path.relative_to(lake.root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in lake.files()}


def members_of(path: Path) -> Members:
    with tarfile.open(path) as tar:
        return [(info, (tar.extractfile(info) or io.BytesIO()).read()) for info in tar]


def rewritten(path: Path, to: Path, change: Callable[[Members], Members]) -> Path:
    """The archive with other members."""
    with tarfile.open(to, "w", format=tarfile.USTAR_FORMAT) as tar:
        for info, body in change(members_of(path)):
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
    return to


def listed(members: Members, keep: Callable[[Manifest], Manifest] = lambda manifest: manifest) -> Members:
    """The members under a manifest that agrees with them, made by somebody without the master key."""
    manifest = msgspec.json.decode(members[0][1], type=Manifest)
    files = {info.name: Piece(len(body), hashlib.sha256(body).hexdigest()) for info, body in members[1:]}
    manifest = keep(msgspec.structs.replace(manifest, files=files, root=_root_of(files)))
    return [(members[0][0], msgspec.json.encode(manifest)), *members[1:]]
