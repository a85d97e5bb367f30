"""The facts: one sealed Parquet file a day. Only this room touches the files; it knows no HTTP and no SQL."""

from uptake.lake.dayfile import Damaged, Entry, content_hash, sort
from uptake.lake.lock import is_held, writer
from uptake.lake.members import Member, listed, members, snapshot, unlisted
from uptake.lake.people import DIRECTORY, chart, charts
from uptake.lake.reading import reader
from uptake.lake.reserve import given_away, keep
from uptake.lake.schema import MEMBERS, PEOPLE, SUMMARIES, USAGE, Kind
from uptake.lake.store import DamagedDay, Lake

__all__ = [
    "DIRECTORY",
    "MEMBERS",
    "PEOPLE",
    "SUMMARIES",
    "USAGE",
    "Damaged",
    "DamagedDay",
    "Entry",
    "Kind",
    "Lake",
    "Member",
    "chart",
    "charts",
    "content_hash",
    "given_away",
    "is_held",
    "keep",
    "listed",
    "members",
    "reader",
    "snapshot",
    "sort",
    "unlisted",
    "writer",
]
