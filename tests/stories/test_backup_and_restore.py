"""Backed up, erased, restored: figures are back, erased people are not; what is no whole backup changes nothing."""

from __future__ import annotations

import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from django.conf import settings as django_settings

from house import House, end
from promises.scan import Scanner
from stories import operating
from stories.operating import Members, days, erase, listed, members_of, rewritten, somebody, tree
from uptake.config import Settings
from uptake.domain.problems import Busy, Problem, Refused
from uptake.fake import FakeClaude
from uptake.lake import writer
from uptake.site import restoring

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def backed_up(house: House) -> Path:
    path = house.home.parent / "backup.tar"
    done = house.run("backup", str(path))
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture(scope="session")
def backup(synced_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that is connected and synced, and its backup beside it."""
    house = House(tmp_path_factory.mktemp("backup") / "home", "http://127.0.0.1:9")
    shutil.copytree(synced_home, house.home)
    return backed_up(house)


@pytest.fixture
def installed(backup: Path, fake: FakeClaude, tmp_path: Path) -> House:
    """The home of that backup, as it was then."""
    house = House(tmp_path / "home", fake.url, {"UPTAKE_BACKFILL_DAYS": "12"})
    shutil.copytree(backup.parent / "home", house.home)
    return house


def test_a_restore_brings_nobody_back_who_was_erased(installed: House, backup: Path, tmp_path: Path) -> None:
    member_id, email = somebody(installed)
    scanner = Scanner({"id": member_id, "email": email})
    with tarfile.open(backup) as tar:
        tar.extractall(tmp_path / "control", filter="data")
    assert {found.name for found in scanner.look_through(tmp_path / "control")} == {"id", "email"}
    erase(installed, email)
    assert scanner.look_through(installed.home) == []
    told = installed.ask("restore", str(backup), "--yes")
    assert (told["ended"]["erased"], told["notes"]) == (1, [])
    assert scanner.look_through(installed.home) == []
    assert len(days(installed.home)) == told["days"]
    assert installed.run("sync").returncode == 0
    assert scanner.look_through(installed.home) == []
    assert installed.run("audit", "verify").returncode == 0


def test_on_another_machine_figures_are_the_same_and_sync_goes_on(
    installed: House, backup: Path, fake: FakeClaude, tmp_path: Path
) -> None:
    there = House(tmp_path / "there", fake.url, dict(installed.environ))
    told = there.ask("restore", str(backup), "--yes")
    assert "Sealed" in told["notes"][0]
    assert there.usage() == installed.usage()
    assert there.run("sync").returncode == 3
    shutil.copy(installed.home / "master.key", there.home)
    assert there.run("sync").returncode == 0
    figures = [house.ask("ask", "active_day", "messages", "--by", "day")["rows"] for house in (there, installed)]
    assert figures[0] == figures[1] != []
    assert there.run("audit", "verify").returncode == 0
    assert told["kept"] == []


def test_over_damaged_records(installed: House, backup: Path) -> None:
    member_id, email = somebody(installed)
    erase(installed, email)
    held, records = installed.usage(), installed.home / "records.sqlite3"
    records.write_bytes(records.read_bytes()[:20_000] + b"not a database" * 2000)
    assert installed.run("status").returncode != 0
    before = tree(installed.home)
    found = {one["part"]: one["state"] for one in installed.ask("doctor", "--quick")["findings"]}
    assert (found["records"], tree(installed.home)) == ("broken", before)
    done = installed.run("restore", str(backup), "--yes")
    assert done.returncode == 0, done.stderr
    assert "could not be read" in done.stderr
    assert installed.usage() == held  # marks of who was erased are noted beside the records too
    assert Scanner({"id": member_id, "email": email}).look_through(installed.home / "lake") == []
    (kept,) = installed.home.glob("before-restore-*")
    assert b"not a database" in (kept / "records.sqlite3").read_bytes()
    found = {one["part"]: one["state"] for one in installed.ask("doctor")["findings"]}
    assert (found["records"], found["lake"], found["audit"], found["master key"]) == ("ok", "ok", "ok", "ok")
    assert (found["backup"], found["before a restore"]) == ("ok", "attention")
    assert installed.run("doctor").returncode == 3


def test_what_was_ended_stays_ended(installed: House, backup: Path) -> None:
    home = installed.home
    assert installed.run("account", "create", "--email", "ivan@acme.example", "--role", "it_admin").returncode == 0
    assert installed.run("token", "create", "--email", "ivan@acme.example").returncode == 0
    link = installed.run("handover", "create", "--slot", "analytics")
    later = home.parent / "later.tar"
    assert (link.returncode, installed.run("backup", str(later)).returncode) == (0, 0)
    with sqlite3.connect(home / "records.sqlite3") as line:
        line.execute("UPDATE records_apitoken SET revoked_at = '2026-11-25 10:00:00'")
    assert installed.run("account", "deactivate", "--email", "ivan@acme.example").returncode == 0
    ended = installed.ask("restore", str(later), "--yes")["ended"]
    names = ("tokens", "accounts", "sign_in_links", "hand_over_links")
    assert {name: ended[name] for name in names} == dict.fromkeys(names, 1)


def test_nothing_secret_is_in_a_backup(backup: Path, fake: FakeClaude, tmp_path: Path) -> None:
    with tarfile.open(backup) as tar:
        tar.extractall(tmp_path / "out", filter="data")
    master = (backup.parent / "home" / "master.key").read_text().strip()
    django_key = (backup.parent / "home" / "django.key").read_text().strip()
    keys = {name: getattr(fake.keys, name).rsplit("-", 1)[1][:-4] for name in ("members", "analytics")}
    secret = {**keys, "master": master, "master as bytes": bytes.fromhex(master).hex(), "django": django_key}
    scanner = Scanner(secret)
    assert scanner.look_through(tmp_path / "out") == []
    assert scanner.look(backup.read_bytes(), "tar") == []
    assert bytes.fromhex(master) not in backup.read_bytes()
    (tmp_path / "out" / "leak").write_text(" ".join(secret.values()))
    assert {found.name for found in scanner.look_through(tmp_path / "out")} == set(secret)
    assert backup.stat().st_mode & 0o777 == 0o600


def test_a_backup_is_never_written_over_another_file(installed: House, backup: Path) -> None:
    before = backup.read_bytes()
    for place in (backup, installed.home / "backup.tar"):
        assert installed.run("backup", str(place)).returncode == 2
    assert backup.read_bytes() == before
    assert installed.run("restore", str(backup)).returncode == 2  # without --yes
    installed.environ["UPTAKE_DATABASE_URL"] = "postgresql://nobody@127.0.0.1:9/none"
    assert "PostgreSQL" in installed.run("restore", str(backup), "--yes").stderr


def test_not_while_somebody_uses_the_home(installed: House, backup: Path) -> None:
    serving = installed.start("serve", "--port", "0", "--no-schedule")
    assert "serves on" in serving.stdout.readline()  # type: ignore[union-attr]
    before = days(installed.home)
    done = installed.run("restore", str(backup), "--yes")
    assert (done.returncode, days(installed.home)) == (4, before)
    assert "uptake is running" in done.stderr
    end(serving)
    assert installed.run("restore", str(backup), "--yes").returncode == 0


def _other_day(members: Members) -> Members:
    """Everything agrees and every seal holds, but one day is missing."""
    return listed([member for member in members if member is not members[-1]])


def _named(name: str, kind: bytes = tarfile.REGTYPE) -> Callable[[Members], Members]:
    def change(members: Members) -> Members:
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, "/etc/passwd" if kind == tarfile.SYMTYPE else ""
        return [*members, (info, b"" if kind == tarfile.SYMTYPE else b"x")]

    return change


def _flipped(members: Members) -> Members:
    info, body = members[-1]
    return [*members[:-1], (info, body[:2000] + bytes([body[2000] ^ 1]) + body[2001:])]


def _instead(members: Members) -> Members:
    """A day file in the place of another one."""
    return listed([*members[:-1], (members[-1][0], members[-2][1])])


def _newer(members: Members) -> Members:
    def with_records(line: sqlite3.Connection) -> None:
        line.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('records', '9999_later', 'now')")

    return _records(members, with_records, "records.9999_later")


def _records(members: Members, change: Callable[[sqlite3.Connection], None], migration: str) -> Members:
    info, body = members[1]
    line = sqlite3.connect(":memory:")
    line.deserialize(body)
    change(line)
    line.commit()

    def told(manifest: operating.Manifest) -> operating.Manifest:
        names = tuple(sorted((*manifest.about.migrations, migration)))
        return msgspec.structs.replace(manifest, about=msgspec.structs.replace(manifest.about, migrations=names))

    return listed([members[0], (info, line.serialize()), *members[2:]], told)


ALTERED: dict[str, tuple[Callable[[Members], Members], str]] = {
    "a byte of a day": (_flipped, "altered"),
    "a file missing": (lambda members: members[:-1], "missing"),
    "a file twice": (lambda members: [*members, members[-1]], "manifest lists"),
    "a day under another name": (_instead, "another day"),
    "one file less, agreed": (_other_day, "without the master key"),
    "outside": (_named("../evil"), "manifest lists"),
    "outside, agreed": (lambda members: listed(_named("../evil")(members)), "no file of a backup"),
    "a path of the system": (lambda members: listed(_named("/etc/cron.d/evil")(members)), "no file of a backup"),
    "a link": (lambda members: listed(_named("lake/usage", tarfile.SYMTYPE)(members)), "no file of a backup"),
    "the master key": (lambda members: listed(_named("master.key")(members)), "no file of a backup"),
    "no manifest": (lambda members: members[1:], "no backup of uptake"),
    "a newer schema": (_newer, "newer version"),
}


def at(house: House) -> Settings:
    home = house.home
    return replace(
        django_settings.UPTAKE, home=home, lake=home / "lake", master_key_file=home / "master.key", database_url=""
    )


def refused(house: House, path: Path) -> Problem:
    """A restore that is refused, and after which every byte of the home is what it was."""
    before = tree(house.home)

    def up() -> None:
        raise AssertionError("it went through")

    with pytest.raises(Problem) as problem:
        restoring.restore(at(house), path, NOW, up)
    assert tree(house.home) == before
    assert not list(house.home.rglob(".restore-*"))
    return problem.value


@pytest.mark.parametrize("how", ALTERED)
def test_an_altered_archive_is_refused(how: str, installed: House, backup: Path, tmp_path: Path) -> None:
    change, words = ALTERED[how]
    problem = refused(installed, rewritten(backup, tmp_path / "altered.tar", change))
    assert isinstance(problem, Refused)
    assert words in problem.message
    assert "Nothing was changed" in problem.message
    assert not (tmp_path / "evil").exists()


def test_any_cut_and_anything_behind_is_refused(installed: House, backup: Path, tmp_path: Path) -> None:
    body, path = backup.read_bytes(), tmp_path / "cut.tar"
    for cut in (0, 10, 700, len(body) // 3, len(body) // 2, len(body) - 30_000):
        path.write_bytes(body[:cut])
        refused(installed, path)
    path.write_bytes(body + b"more")
    refused(installed, path)
    refused(installed, tmp_path / "nowhere.tar")


def test_another_master_key_or_a_lake_in_use(installed: House, backup: Path) -> None:
    with writer(installed.home / "lake"):
        assert isinstance(refused(installed, backup), Busy)
    check = msgspec.json.decode(members_of(backup)[0][1], type=operating.Manifest).about.master_key
    (installed.home / "master.key").write_text("0123456789abcdef" * 4)
    assert check in refused(installed, backup).hint
    erase_marks = "INSERT INTO records_tombstone VALUES ('m', 1, 'e', '2026-11-25 10:00:00', NULL)"
    with sqlite3.connect(installed.home / "records.sqlite3") as line:
        line.execute(erase_marks)
    (installed.home / "master.key").unlink()
    assert "people erased since" in refused(installed, backup).message


def test_an_older_program_leaves_newer_records_alone(installed: House) -> None:
    with sqlite3.connect(installed.home / "records.sqlite3") as line:
        line.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('records', '9999_later', 'now')")
    done = installed.run("status")
    assert done.returncode == 3
    assert "newer version of uptake (9999_later)" in done.stderr
    found = {one["part"]: one["state"] for one in installed.ask("doctor", "--quick")["findings"]}
    assert found["records"] == "broken"


def test_a_lake_on_another_disk(installed: House, backup: Path) -> None:
    elsewhere = Path("/dev/shm")
    if not elsewhere.is_dir() or elsewhere.stat().st_dev == installed.home.stat().st_dev:
        pytest.skip("there is no second file system here")
    with tempfile.TemporaryDirectory(dir=elsewhere, prefix="uptake-lake-") as folder:
        lake, held = Path(folder) / "lake", days(installed.home)
        shutil.move(installed.home / "lake", lake)
        installed.environ["UPTAKE_LAKE_URL"] = str(lake)
        shutil.rmtree(lake / "usage")
        kept = installed.ask("restore", str(backup), "--yes")["kept"]
        assert {str(path.relative_to(lake)) for path in lake.glob("*/connection=*/day=*/day.parquet")} == set(held)
        assert sorted(Path(place).parent for place in kept) == sorted([installed.home, lake])
        assert installed.run("status").returncode == 0
