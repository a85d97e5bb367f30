"""member.history: what the rosters said of one person over time. Changes of address, absences and returns stay visible."""

from __future__ import annotations

from datetime import date, datetime

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from uptake.config import Settings
from uptake.domain.access import Viewer, require
from uptake.domain.problems import Problem
from uptake.lake import Damaged, Lake, reader
from uptake.records import audit
from uptake.records.models import Connection
from uptake.records.vault import open_vault

_SHOWN = ("member_id", "email", "name", "claude_role", "status", "left_at")


class Chapter(msgspec.Struct, frozen=True):
    """What was known of a member from a day on, until the next chapter."""

    connection: str
    member_id: str
    since: date
    email: str | None
    name: str | None
    claude_role: str | None
    status: str  # active | removed
    left_at: datetime | None


def history(viewer: Viewer, settings: Settings, *, who: str, now: datetime) -> list[Chapter]:
    """Every chapter of a member, named by id or by any e-mail address ever held, oldest first.

    Two members who had the address one after the other are two. Raises NotAllowed, Sealed, or Problem for nobody.
    """
    require(viewer, "member.history")
    found: list[Chapter] = []
    vault = open_vault(settings.master_key_file)
    for connection in Connection.objects.order_by("connected_at"):
        chapters = _chapters(reader(settings.lake, settings.aside), connection, who.strip())
        found += chapters
        for member in {chapter.member_id: chapter for chapter in chapters}.values():
            audit.record(viewer, "member.history", connection.name, now, member.email or member.member_id, vault)
    if not found:
        raise Problem("No roster that was read knows this person.", "Give a member id or an e-mail address in full.")
    return found


def _chapters(lake: Lake, connection: Connection, who: str) -> list[Chapter]:
    snapshots = [(day, table) for day in lake.held("members", connection.pk) if (table := _read(lake, connection, day))]
    ids = pa.array({member_id for _, table in snapshots for member_id in _ids(table, who)}, pa.string())
    last: dict[str, Chapter] = {}
    found: list[Chapter] = []
    for day, table in snapshots:
        for row in table.filter(pc.is_in(table["member_id"], ids)).to_pylist():
            chapter = Chapter(connection.name, since=day, **row)
            before = last.get(chapter.member_id)
            if before is None or msgspec.structs.replace(before, since=day) != chapter:
                last[chapter.member_id] = chapter
                found.append(chapter)
    return sorted(found, key=lambda chapter: (chapter.member_id, chapter.since))


def _read(lake: Lake, connection: Connection, day: date) -> pa.Table | None:
    try:
        table = lake.read("members", connection.pk, day, columns=list(_SHOWN))
    except (Damaged, FileNotFoundError):
        return None
    return table.filter(pc.is_valid(table["member_id"]))


def _ids(table: pa.Table, who: str) -> list[str]:
    by_email = pc.fill_null(pc.equal(table["email"], who.lower()), fill_value=False)
    ids: list[str] = table.filter(pc.or_(by_email, pc.equal(table["member_id"], who)))["member_id"].to_pylist()
    return ids
