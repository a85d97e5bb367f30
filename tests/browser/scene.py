"""The states of an installation that pages are looked at in. Run inside the installation, as its operator."""

from __future__ import annotations

import csv
import os
import shutil
from datetime import UTC, datetime, timedelta
from io import StringIO

from uptake.site import boot

SETTINGS = boot.start(os.environ)

from tests.browser.hostile import NAMES  # noqa: E402  Django must be ready first
from tests.web import company  # noqa: E402
from uptake.actions import handover  # noqa: E402
from uptake.actions.accounts import create_sign_in_link  # noqa: E402
from uptake.actions.people import Wanted, import_csv  # noqa: E402
from uptake.domain.access import OPERATOR  # noqa: E402
from uptake.domain.days import ONE_DAY  # noqa: E402
from uptake.records.models import Connection, HeldBack, Revision, UnknownField  # noqa: E402

NOW = datetime.now(UTC)
THROUGH = NOW.date() - 3 * ONE_DAY
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft und Töchter mbH"
CAUSE = (
    "Anthropic refused the Analytics key on 17 Nov 2026 at 14:02 UTC (it answered 401: the key was revoked, has expired "
    "or is not known). Usage through 13 Nov 2026 stays; the roster still syncs. Nobody is shown as inactive because of this."
)
HINT = (
    "Ask the Primary Owner for a key with read:analytics, then replace it here; what is missing is fetched by itself."
)


def link(email: str) -> str:
    """A path that signs somebody of the cast in, once."""
    return create_sign_in_link(OPERATOR, email=email, now=datetime.now(UTC))


def empty() -> None:
    for email in company.CAST:
        company.account(email, company.PASSWORD)


def healthy() -> None:
    empty()
    connection = company.connected(now=NOW)
    company.hold_company(SETTINGS, connection.pk, THROUGH - 89 * ONE_DAY, THROUGH)
    connection.streams.filter(name="usage").update(newest_available=THROUGH)
    moved(connection)
    UnknownField.objects.create(
        connection=connection, name="x_metrics", first_seen_at=NOW, last_seen_at=NOW, first_day=THROUGH
    )
    for hours in (10, 6, 2):
        company.ran(connection, NOW - timedelta(hours=hours), flaws={"wrong_values": 3 if hours == 6 else 0})


def moved(connection: Connection) -> None:
    """Three weeks as first shown and as they are now; the oldest has not moved, of one measure nothing is told."""
    for back in range(21):
        for measure, first, more in (("members", 81, 1), ("chat_messages", 4_210, 96), ("code_sessions", 300, -4)):
            Revision.objects.create(
                connection=connection,
                day=THROUGH - back * ONE_DAY,
                measure=measure,
                old_total=first,
                new_total=first + more * (back % 3 if back < 14 else 0),
                at=NOW,
            )


def hostile() -> None:
    """Names that attack in every field that somebody else fills in."""
    empty()
    connection = company.connected(NAMES["connection"], now=NOW)
    company.hold_company(SETTINGS, connection.pk, THROUGH - 40 * ONE_DAY, THROUGH, name=NAMES["member"])
    connection.streams.filter(name="usage").update(newest_available=THROUGH)
    company.ran(connection, NOW - timedelta(hours=2), notes=[f"Held back: {NAMES['member']}"])
    import_csv(OPERATOR, SETTINGS, _hostile_directory(), Wanted(on=THROUGH - 30 * ONE_DAY), NOW)
    handover.create(OPERATOR, name=NAMES["connection"], slot="admin", now=NOW)


def _hostile_directory() -> bytes:
    file = StringIO()
    lines = csv.writer(file)
    lines.writerow(("Employee ID", "Name", "E-mail", "Manager", "Department", "Location", "Job title", "Groups"))
    cast = [*company.CAST, *(f"person{n}@acme.example" for n in range(100))]
    for number, email in enumerate(cast):
        above = "" if email.startswith("ada") else "ada@acme.example" if number < 40 else "mina@acme.example"
        named = (f"{NAMES['employee']}{number}", f"{NAMES['person']}{number}", email, above)
        teams = (NAMES["department"] if number % 2 else "Sales", NAMES["location"], NAMES["title"], NAMES["group"])
        lines.writerow((*named, *teams))
    return file.getvalue().encode()


def troubled() -> None:
    empty()
    connection = company.connected(LONG, now=NOW, key_state="stopped")
    connection.keys.filter(slot="analytics").update(cause=CAUSE, hint=HINT)
    connection.streams.filter(name="usage").update(state="stopped", cause=CAUSE, hint=HINT, newest_available=THROUGH)
    last = THROUGH - 7 * ONE_DAY
    company.hold_company(SETTINGS, connection.pk, last - 40 * ONE_DAY, last)
    missing = (last - 5 * ONE_DAY).isoformat()
    shutil.rmtree(SETTINGS.lake / "usage" / f"connection={connection.pk}" / f"day={missing}")
    reason = "The day shrank to less than half of its members; the rows held before stay."
    HeldBack.objects.create(
        connection=connection, stream="usage", day=last - 9 * ONE_DAY, reason=reason, since=NOW, seen_at=NOW
    )
    vanished = "41 of 120 members vanished from the roster at once. Nobody was marked as removed."
    HeldBack.objects.create(
        connection=connection,
        stream="roster",
        day=last,
        reason=vanished,
        since=NOW,
        seen_at=NOW,
        content_hash="ab" * 32,
    )
    company.ran(connection, NOW - timedelta(hours=2), "stopped", notes=[f"Held back: {reason}"])
