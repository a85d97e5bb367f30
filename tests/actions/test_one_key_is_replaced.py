"""One key is replaced beside the running one: checked first, swapped in one step, the other one untouched."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from uptake.actions.connections import replace_key
from uptake.actions.syncing import sync_now
from uptake.config import Settings
from uptake.domain.access import OPERATOR, Role, Viewer
from uptake.domain.problems import NotAllowed, Problem, Refused
from uptake.domain.secret import Secret
from uptake.domain.slots import Slot
from uptake.fake import FakeClaude
from uptake.records.models import AuditEntry, Connection, SealedKey
from uptake.records.vault import open_vault, place_of


def versions(connection: Connection) -> dict[str, int]:
    return dict(SealedKey.objects.filter(connection=connection).values_list("slot", "version"))


def key_in_force(home: Settings, connection: Connection, slot: str) -> Secret:
    row = SealedKey.objects.get(connection=connection, slot=slot)
    return open_vault(home.master_key_file).open(bytes(row.sealed), place_of(row))


@pytest.mark.parametrize("slot", ["admin", "analytics"])
def test_the_new_key_takes_the_place_and_the_other_stays(
    slot: Slot, home: Settings, fake: FakeClaude, connected: Connection, now: datetime
) -> None:
    before = {row.slot: bytes(row.sealed) for row in connected.keys.all()}
    later = now + timedelta(minutes=5)
    done = replace_key(OPERATOR, home, name="Acme", slot=slot, key=Secret(fake.keys.both), now=later)
    assert [report.slot for report in done.reports] == [slot]
    other = "analytics" if slot == "admin" else "admin"
    assert versions(connected) == {slot: 2, other: 1}
    assert key_in_force(home, connected, slot) == Secret(fake.keys.both)
    assert bytes(connected.keys.get(slot=other).sealed) == before[other]
    assert Connection.objects.get().sync_requested_at == later
    entry = AuditEntry.objects.filter(action="connection.replace_key").get()
    assert (entry.outcome, entry.details["slot"]) == ("done", slot)


def test_a_revoked_neighbour_does_not_stand_in_the_way(
    home: Settings, fake: FakeClaude, connected: Connection, now: datetime
) -> None:
    """The Analytics key is dead, the Admin key is to be replaced: nothing is asked with the dead one."""
    fake.revoke(fake.keys.analytics)
    fake.clear_requests()
    replace_key(OPERATOR, home, name="Acme", slot="admin", key=Secret(fake.keys.both), now=now)
    assert {request.key for request in fake.requests} == {"both"}


@pytest.mark.parametrize(
    ("slot", "key", "words"),
    [
        ("analytics", "foreign_analytics", "another Claude organisation"),
        ("admin", "foreign_members", "different Claude organisations"),
        ("analytics", "members", "read:analytics"),
        ("admin", "analytics", "place of the Analytics key"),
        ("analytics", "console", "Claude Console"),
    ],
)
def test_a_wrong_key_is_refused_and_the_one_before_stays(
    slot: Slot, key: str, words: str, home: Settings, fake: FakeClaude, connected: Connection, now: datetime
) -> None:
    with pytest.raises(Refused) as refusal:
        replace_key(OPERATOR, home, name="Acme", slot=slot, key=Secret(getattr(fake.keys, key)), now=now)
    assert words in str(refusal.value)
    assert "Nothing was stored" in refusal.value.message
    assert versions(connected) == {"admin": 1, "analytics": 1}
    assert AuditEntry.objects.filter(action="connection.replace_key").get().outcome == "refused"


def test_another_organisation_is_told_from_its_people_where_no_header_says_it(
    home: Settings, fake: FakeClaude, connected: Connection, now: datetime
) -> None:
    sync_now(OPERATOR, home, trigger="command")
    Connection.objects.update(organization_id="")
    for slot, key in (("admin", fake.keys.foreign_members), ("analytics", fake.keys.foreign_analytics)):
        with pytest.raises(Refused, match="different Claude organisations"):
            replace_key(OPERATOR, home, name="Acme", slot=slot, key=Secret(key), now=now)  # type: ignore[arg-type]
    done = replace_key(OPERATOR, home, name="Acme", slot="admin", key=Secret(fake.keys.console), now=now)
    assert "by e-mail" in done.match
    assert Connection.objects.get().roster_kind == "console"


@pytest.mark.parametrize("state", ["", "disconnected"])
def test_without_a_connected_connection_nothing_is_asked(
    state: str, home: Settings, fake: FakeClaude, connected: Connection, now: datetime
) -> None:
    if state:
        Connection.objects.update(state=state)
    else:
        connected.delete()
    fake.clear_requests()
    with pytest.raises(Problem, match="no connected connection"):
        replace_key(OPERATOR, home, name="Acme", slot="admin", key=Secret(fake.keys.both), now=now)
    assert fake.requests == []


def test_a_manager_replaces_no_key(home: Settings, connected: Connection, now: datetime) -> None:
    with pytest.raises(NotAllowed, match="may not replace a key"):
        replace_key(Viewer("mina@acme.example", Role.MANAGER), home, name="Acme", slot="admin", key=Secret(""), now=now)
