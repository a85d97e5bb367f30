"""What uptake stands on: the file system that a folder is really on, and homes that others may read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from uptake.config import load
from uptake.domain.findings import Finding
from uptake.site import surroundings

MOUNTS = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:26 / /srv rw shared:2 - nfs4 files:/srv rw
31 30 254:16 / /srv/up\\040take rw shared:3 - xfs /dev/vdb rw
32 22 0:27 / /run rw - tmpfs tmpfs rw
33 22 0:28 / /mnt/s rw - fuse.sshfs host:/ rw
34 32 254:32 / /run rw - btrfs /dev/vdc rw
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/var/lib/uptake", "ext4"),
        ("/srv/uptake", "nfs4"),
        ("/srv/up take/home", "xfs"),
        ("/srv/up takeover", "nfs4"),
        ("/mnt/s", "fuse.sshfs"),
        ("/run/uptake", "btrfs"),  # mounted over: the later one is what is seen
    ],
)
def test_the_nearest_mount_tells_the_file_system(folder: str, kind: str) -> None:
    assert surroundings.kind_of(Path(folder), MOUNTS) == kind


def of_part(found: list[Finding], part: str) -> Finding:
    return next(one for one in found if one.part == part)


def test_rights_and_room(tmp_path: Path) -> None:
    settings = replace(load({}), home=tmp_path, lake=tmp_path / "lake", reserve=0)
    tmp_path.chmod(0o700)
    assert of_part([*surroundings.look(settings)], "home").state == "ok"
    assert of_part([*surroundings.look(replace(settings, reserve=2**60))], "disk").state == "attention"
    (tmp_path / "master.key").write_text("x")
    (tmp_path / "master.key").chmod(0o644)
    assert "master.key" in of_part([*surroundings.look(settings)], "home").words
    (tmp_path / "master.key").chmod(0o600)
    tmp_path.chmod(0o755)
    assert of_part([*surroundings.look(settings)], "home").todo == f"chmod 700 {tmp_path}"
    assert of_part([*surroundings.look(replace(settings, home=tmp_path / "none"))], "home").state == "attention"
