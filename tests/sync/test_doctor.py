"""The key doctor says in words what a key is, what it reads, what is missing and who makes the right one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from uptake.claude import keys
from uptake.claude.client import Claude
from uptake.claude.limiter import Limiter
from uptake.domain.problems import Refused
from uptake.domain.secret import Secret
from uptake.domain.slots import GUIDES, Slot
from uptake.fake import FakeClaude, Organisation
from uptake.sync import doctor
from uptake.sync.doctor import Checkup, KeyReport, Match, Other

TODAY: date = datetime.now(UTC).date()


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeClaude]:
    with FakeClaude(Organisation(members=40, seed=11), requests_per_minute=None) as server:
        yield server


@pytest.fixture(autouse=True)
def healed(fake: FakeClaude) -> Iterator[None]:
    yield
    fake.fault = None


def client(fake: FakeClaude, key: str) -> Claude:
    return Claude(fake.url, Secret(getattr(fake.keys, key)), Limiter(60_000))


def look(fake: FakeClaude, slot: Slot, key: str) -> KeyReport:
    return doctor.look(client(fake, key), slot, cleaned(fake, key), TODAY)


def cleaned(fake: FakeClaude, key: str) -> keys.CleanKey:
    return keys.clean(Secret(getattr(fake.keys, key)), "key")


def check(fake: FakeClaude, admin: str, analytics: str) -> Checkup:
    pair = client(fake, admin), cleaned(fake, admin), client(fake, analytics), cleaned(fake, analytics)
    return doctor.check(*pair, TODAY)


LOOKS: list[tuple[Slot, str, tuple[str, ...], str]] = [
    ("admin", "members", (), "It can read the roster and invites."),
    ("admin", "both", (), "It can read the roster and invites."),
    ("admin", "console", (), "It could also change that organisation; uptake only ever reads."),
    ("admin", "analytics", ("roster", "invites"), "It can read usage. It cannot read the roster and invites"),
    ("analytics", "analytics", (), "It can read usage and the vendor's own figures."),
    ("analytics", "both", (), "It can read usage and the vendor's own figures."),
    ("analytics", "members", ("usage", "summaries"), "It can read the roster. It cannot read usage"),
    ("analytics", "console", ("usage", "summaries"), "an Admin key of a Claude Console organisation"),
]


@pytest.mark.parametrize(("slot", "key", "lacks", "words"), LOOKS)
def test_what_a_key_is_and_reads(slot: Slot, key: str, lacks: tuple[str, ...], words: str, fake: FakeClaude) -> None:
    report = look(fake, slot, key)
    assert report.lacks == lacks
    assert words in report.words
    if lacks:
        assert GUIDES[slot].scope in report.words
        assert GUIDES[slot].who in report.hint
        assert "belongs in the place" in report.hint
    else:
        assert report.hint == ""


def test_swapped_keys_are_told_so(fake: FakeClaude) -> None:
    with pytest.raises(Refused, match="in each other's place"):
        check(fake, "analytics", "members")


def test_one_key_with_both_scopes_fills_both_places(fake: FakeClaude) -> None:
    found = check(fake, "both", "both")
    assert [report.lacks for report in found.reports] == [(), ()]
    assert found.warnings == ()


def test_a_console_roster_says_what_it_means(fake: FakeClaude) -> None:
    found = check(fake, "console", "analytics")
    assert found.roster_kind == "console"
    assert found.match.by_id == 0
    assert "by e-mail" in found.match.words
    assert "show as unlisted" in found.warnings[0]


def test_no_plan_is_told_from_no_scope(fake: FakeClaude) -> None:
    fake.fault = "analytics-404"
    report = look(fake, "analytics", "analytics")
    assert "the scope or the Claude Enterprise plan is missing" in report.words
    fake.fault = None
    assert "plan" not in look(fake, "analytics", "members").words


@pytest.mark.parametrize("key", ["analytics", "members"])
def test_a_revoked_key_says_who_makes_another(key: str, fake: FakeClaude) -> None:
    slot: Slot = "analytics" if key == "analytics" else "admin"
    fake.revoke(getattr(fake.keys, key))
    try:
        with pytest.raises(Refused, match="revoked, has expired or is not complete") as refusal:
            look(fake, slot, key)
    finally:
        fake.restore(getattr(fake.keys, key))
    assert GUIDES[slot].who in refusal.value.hint
    assert getattr(fake.keys, key) not in str(refusal.value)


def test_a_large_organisation_is_not_judged_by_its_first_page() -> None:
    match = Match(seen=1000, by_id=20, by_email=1, whole=False)
    assert not match.short
    assert match.words.startswith("At least 21 of 1000")
    assert Match(1000, 20, 1, whole=True).short


@pytest.mark.parametrize(
    ("slot", "key", "other", "accepted"),
    [
        ("admin", "members", Other([], "", "enterprise"), True),  # nobody to compare with yet
        ("admin", "members", Other([("user_x", "x@elsewhere.example")], "", "enterprise"), True),  # same header below
        ("admin", "console", Other([("user_x", "x@elsewhere.example")], "", "enterprise"), False),
        ("admin", "foreign_members", Other([], "own", "enterprise"), False),
        ("analytics", "foreign_analytics", Other([], "own", "enterprise"), False),
        ("analytics", "analytics", Other([], "own", "console"), True),
    ],
)
def test_one_key_beside_what_is_held(slot: Slot, key: str, other: Other, accepted: bool, fake: FakeClaude) -> None:
    own = check(fake, "members", "analytics").organization_id
    known = own if other.organization_id == "own" or other.people else other.organization_id
    beside = Other(other.people, known, other.roster_kind)
    if accepted:
        doctor.check_one(client(fake, key), slot, cleaned(fake, key), beside, TODAY)
        return
    with pytest.raises(Refused, match=r"different Claude organisations|another Claude organisation"):
        doctor.check_one(client(fake, key), slot, cleaned(fake, key), beside, TODAY)
