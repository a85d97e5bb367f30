"""A hand-over link takes one key, once, within a day; nobody but the vault ever has the key."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from uptake.actions import handover
from uptake.actions.connections import connect
from uptake.actions.disconnects import disconnect
from uptake.actions.handover import Gone, Link, create, links, receive, withdraw
from uptake.config import Settings
from uptake.domain.access import OPERATOR, Role, Viewer
from uptake.domain.problems import NotAllowed, Problem, Refused
from uptake.domain.secret import Secret
from uptake.domain.slots import Slot
from uptake.fake import FakeClaude
from uptake.records.models import Account, AuditEntry, Connection, HandOver, SealedKey

HANA = Viewer("hana@acme.example", Role.HR_ADMIN)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def hana(db: None) -> Account:
    return Account.objects.create_user(HANA.name, None, Role.HR_ADMIN.value)


def token(now: datetime, slot: Slot = "analytics", name: str = "Acme") -> str:
    return create(HANA, name=name, slot=slot, now=now).split("/")[-2]


def the_link(now: datetime) -> Link:
    return links(OPERATOR, now)[0]


def test_only_the_hash_of_a_link_is_kept(db: None, now: datetime) -> None:
    given = token(now)
    kept = str(list(HandOver.objects.values())) + str(list(AuditEntry.objects.values()))
    assert len(given) == 32
    assert given not in kept
    assert handover.asked_for(given, now).guide.label == "Analytics key"  # type: ignore[union-attr]
    assert handover.asked_for(given + "x", now) is None


def test_a_key_for_a_connection_is_swapped_in(
    home: Settings, fake: FakeClaude, connected: Connection, now: datetime
) -> None:
    given = token(now)
    done = receive(home, given, Secret(fake.keys.both), now)
    assert done.connected
    assert connected.keys.get(slot="analytics").version == 2
    assert connected.keys.get(slot="admin").version == 1
    assert the_link(now).state == "used"
    assert HandOver.objects.get().sealed is None
    words = str(list(AuditEntry.objects.filter(action="handover.receive").values()))
    assert HANA.name in words
    assert fake.keys.both not in words


def test_a_link_works_once(home: Settings, fake: FakeClaude, connected: Connection, now: datetime) -> None:
    given = token(now)
    receive(home, given, Secret(fake.keys.both), now)
    fake.clear_requests()
    with pytest.raises(Gone):
        receive(home, given, Secret(fake.keys.analytics), now)
    assert fake.requests == []
    assert connected.keys.get(slot="analytics").version == 2


def test_two_keys_at_the_same_moment_are_one(
    home: Settings, fake: FakeClaude, connected: Connection, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both were let in before either was through: the second finds the link used and stores nothing."""
    given = token(now)
    inside = handover.looked_at, handover.swap

    def swap(*args: object) -> object:
        monkeypatch.setattr(handover, "swap", inside[1])
        receive(home, given, Secret(fake.keys.both), now)
        return inside[1](*args)  # type: ignore[arg-type]

    monkeypatch.setattr(handover, "swap", swap)
    with pytest.raises(Gone):
        receive(home, given, Secret(fake.keys.analytics), now)
    assert connected.keys.get(slot="analytics").version == 2


def test_a_link_lasts_a_day(home: Settings, fake: FakeClaude, connected: Connection, now: datetime) -> None:
    given = token(now - DAY)
    assert the_link(now).state == "expired"
    with pytest.raises(Gone):
        receive(home, given, Secret(fake.keys.both), now)


def test_a_withdrawn_link_is_gone(home: Settings, fake: FakeClaude, connected: Connection, now: datetime) -> None:
    given = token(now)
    withdraw(HANA, link=the_link(now).id, now=now)
    assert the_link(now).state == "withdrawn"
    with pytest.raises(Gone):
        receive(home, given, Secret(fake.keys.both), now)
    with pytest.raises(Problem, match="no longer open"):
        withdraw(HANA, link=the_link(now).id, now=now)


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": Role.EMPLOYEE.value}])
def test_links_of_somebody_who_left_or_lost_the_role_are_gone(
    change: dict[str, object], home: Settings, fake: FakeClaude, connected: Connection, now: datetime
) -> None:
    given = token(now)
    Account.objects.update(**change)
    with pytest.raises(Gone):
        receive(home, given, Secret(fake.keys.both), now)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.EMPLOYEE, Role.AUDITOR])
def test_others_make_no_links(role: Role, db: None, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        create(Viewer("x@acme.example", role), name="Acme", slot="admin", now=now)


def test_a_refused_key_leaves_the_link_open_for_a_better_one(
    home: Settings, fake: FakeClaude, connected: Connection, now: datetime
) -> None:
    given = token(now)
    with pytest.raises(Refused, match="read:analytics"):
        receive(home, given, Secret(fake.keys.members), now)
    assert the_link(now).state == "open"
    assert receive(home, given, Secret(fake.keys.both), now).connected


def test_guessing_keys_through_a_link_ends(
    home: Settings, fake: FakeClaude, connected: Connection, now: datetime
) -> None:
    given = token(now)
    for _ in range(10):
        with pytest.raises(Refused):
            receive(home, given, Secret("no key at all"), now)
    with pytest.raises(Gone):
        receive(home, given, Secret(fake.keys.both), now)


def test_before_there_is_a_connection_the_first_key_waits_and_the_second_connects(
    home: Settings, fake: FakeClaude, now: datetime
) -> None:
    first, second = token(now, "analytics"), token(now, "admin")
    waits = receive(home, first, Secret(fake.keys.analytics), now)
    assert not waits.connected
    assert not Connection.objects.exists()
    assert {link.state for link in links(OPERATOR, now)} == {"waiting", "open"}
    assert receive(home, second, Secret(fake.keys.members), now).connected
    assert {key.slot for key in Connection.objects.get().keys.all()} == {"admin", "analytics"}
    assert not HandOver.objects.exclude(sealed=None).exists()


def test_a_waiting_key_is_taken_by_connect(home: Settings, fake: FakeClaude, now: datetime) -> None:
    receive(home, token(now, "analytics"), Secret(fake.keys.analytics), now)
    with pytest.raises(Refused, match="No Analytics key"):
        connect(HANA, home, name="Other", admin_key=Secret(fake.keys.members), analytics_key=None, now=now)
    connect(HANA, home, name="Acme", admin_key=Secret(fake.keys.members), analytics_key=None, now=now)
    assert SealedKey.objects.count() == 2


def test_a_second_key_of_another_organisation_is_refused_and_both_stay_as_they_were(
    home: Settings, fake: FakeClaude, now: datetime
) -> None:
    receive(home, token(now, "analytics"), Secret(fake.keys.analytics), now)
    given = token(now, "admin")
    with pytest.raises(Refused, match="different Claude organisations"):
        receive(home, given, Secret(fake.keys.foreign_members), now)
    assert not Connection.objects.exists()
    assert {link.state for link in links(OPERATOR, now)} == {"waiting", "open"}


def test_a_waiting_key_is_destroyed_after_a_week_or_by_hand(home: Settings, fake: FakeClaude, now: datetime) -> None:
    receive(home, token(now), Secret(fake.keys.analytics), now)
    handover.tidy(now + 6 * DAY)
    assert HandOver.objects.exclude(sealed=None).count() == 1
    handover.tidy(now + 8 * DAY)
    assert not HandOver.objects.exclude(sealed=None).exists()
    later = now + 8 * DAY
    receive(home, token(later), Secret(fake.keys.analytics), later)
    withdraw(HANA, link=the_link(later).id, now=later)
    assert not HandOver.objects.exclude(sealed=None).exists()


@pytest.mark.parametrize("erase", [False, True])
def test_disconnect_leaves_no_open_link(
    erase: bool, home: Settings, fake: FakeClaude, connected: Connection, now: datetime
) -> None:
    given = token(now)
    receipt = disconnect(OPERATOR, home, name="Acme", erase=erase, now=now)
    with pytest.raises(Gone):
        receive(home, given, Secret(fake.keys.both), now)
    assert HandOver.objects.exists() != erase
    assert receipt.counts["hand_over_links" if erase else "hand_over_links_withdrawn"] == 1
