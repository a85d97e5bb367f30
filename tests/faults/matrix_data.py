"""Rows F39–F54: what stands in the rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from faults.conftest import Flat
from faults.expect import Before, Expect, heals, played, require_true
from faults.matrix import Case, Row
from faults.matrix_paging import held_back
from faults.matrix_transport import _bounded, unread
from uptake.domain.measures import COLUMNS
from uptake.fake.fault_values import _COUNTS
from uptake.records.models import Connection
from uptake.sync.run import RunResult

NULLED = Expect("current", "nulls", flaws={"wrong_values": 7})
ACCEPTED = {"whole-decimal"}


def _one_null(flat: Flat, _before: Before, _result: RunResult) -> None:
    held, truth = flat.held(), flat.truth()
    for day in held:
        nulls = [
            (member, column)
            for member, counts in held[day].items()
            for column in COLUMNS
            if counts[column] is None and truth[day][member][column] is not None
        ]
        assert [column for _, column in nulls] in ([], ["chat_messages"])


def _one_row_less(flat: Flat, _before: Before, result: RunResult) -> None:
    """A row without an id costs itself where it is rare; here it is more than one in a hundred, so the day is not believed."""
    assert result.flaws.rejected_rows > 0


def _emails(flat: Flat, _before: Before, _result: RunResult) -> None:
    lake, connection = flat._lake(), str(Connection.objects.get().pk)
    for day in lake.held("usage", connection):
        if lake.held("usage", connection)[day].rows < 10:
            continue  # a weekend: not every kind of address is in it
        found = lake.read("usage", connection, day, columns=["email"])["email"].to_pylist()
        kept = [email for email in found if email is not None]
        assert len(kept) < len(found), "what is no address is null"
        assert all(email == email.strip().lower() and "@" in email and len(email) <= 320 for email in kept)
        assert any("+claude@" in email for email in kept)
        assert any("аda" in email for email in kept)


def _noticed(flat: Flat, _before: Before, result: RunResult) -> None:
    assert "robotics_metrics" in " ".join(result.notes), result.notes


def _revised(flat: Flat, before: Before, _result: RunResult) -> None:
    held = flat.held()
    moved = [day for day in before.held if held[day] != before.held[day]]
    assert len(moved) >= 6
    for day in moved:
        rows = [
            (rows["chat_messages"], flat.truth()[day][member]["chat_messages"]) for member, rows in held[day].items()
        ]
        assert all(now == told + -(-told * 3 // 100) for now, told in rows if told is not None)


def _twice_the_same(name: str) -> object:
    """A collapse is believed where the same answer comes again six hours later."""

    def check(flat: Flat, before: Before, _result: RunResult) -> None:
        flat.clock.forward(hours=7)
        flat.sync()
        sizes = {day: len(rows) for day, rows in flat.held().items()}
        settled = [day for day in before.held if len(before.held[day]) >= 10]
        assert any(sizes[day] < len(before.held[day]) // 2 for day in settled), (name, sizes)

    return check


def _large_days_stay(flat: Flat, before: Before, _result: RunResult) -> None:
    """Days of fewer than ten rows are not judged: a weekend may be empty."""
    held = flat.held()
    large = [day for day, rows in before.held.items() if len(rows) >= 10]
    assert len(large) >= 4
    assert all(held[day] == before.held[day] for day in large)


def _late_days(flat: Flat) -> None:
    """Days older than the settling window get their rows late; the weekly pass finds them."""
    flat.settings = replace(flat.settings, backfill_days=28)
    flat.fake.fault = "late-day"
    assert flat.sync().outcome == "current"
    day = (flat.clock().date() - timedelta(days=22)).isoformat()
    full = {row["member_id"] for row in flat.company.truth(flat.clock().date() - timedelta(days=22))}
    assert len(flat.held()[day]) < len(full)
    flat.fake.fault = None
    for _ in range(8):
        flat.clock.forward(days=1)
        assert flat.sync().outcome == "current"
    assert set(flat.held()[day]) == full


def _backwards(flat: Flat) -> None:
    assert flat.sync().outcome == "current"
    before = flat.held()
    flat.fake.fault = "lag-4"
    flat.clock.forward(hours=1)
    result = flat.sync()
    assert {day: flat.held()[day] for day in before} == before
    assert flat.view().data_through == flat.clock().date() - timedelta(days=1)
    assert result.notes, "that the newest day went back is told"
    flat.fake.fault = None
    heals(flat)


def _single_days_only(flat: Flat) -> None:
    assert flat.sync().outcome == "current"
    usage = [request.query for request in flat.fake.requests if request.path.endswith("/analytics/users")]
    assert usage
    assert all("date" in query and "starting_date" not in query and "ending_date" not in query for query in usage)
    require_true(flat)


def _value(name: str) -> Case:
    if name in ACCEPTED:
        return Case(name, played(f"value-{name}", Expect()))
    expect = Expect("current", "nulls", flaws={"missing_values": 7}) if name == "null" else NULLED
    return Case(name, played(f"value-{name}", expect), everyday=name == "bool")


ROWS = (
    Row("F39", "unknown fields full of content", "`content`", "dropped, 0 bytes kept", (Case("content", played("content", Expect())),)),
    Row("F40", "a field is renamed", "`renamed-field`", "held back for drift, told",
        (Case("renamed", played("renamed-field", held_back())),)),
    Row("F41", "a field is absent in one or all rows", "`missing-in-one`, `column-vanishes`", "null, or held back; never 0",
        (Case("one", played("missing-in-one", Expect("current", "nulls", flaws={"missing_values": 7}), _one_null)),
         Case("all", played("column-vanishes", held_back())))),
    Row("F42", 'null "" "12" 3.0 3.7 true −1 10^12 2^63 5,000 digits NaN Inf 1e309 −0', "`value-*`",
        "3.0 and −0 count; the rest null and counted",
        (*(_value(name) for name, _ in _COUNTS), Case("minus-zero", played("value-minus-zero", Expect())))),
    Row("F43", "an object, a list, a prompt for a count", "`value-object`, `-list`, `-prompt`", "null, counted, never kept",
        tuple(Case(name, played(f"value-{name}", NULLED)) for name in ("object", "list", "prompt"))),
    Row("F44", "the same key twice", "`duplicate-keys`", "the page is refused (its first row is looked at), usage as before",
        (Case("keys", played("duplicate-keys", unread("the same count twice", requests=40))),)),
    Row("F45", "nesting 100,000 deep, a million rows", "`nesting-bomb`, `million-rows`", "refused; process under 512 MiB",
        (Case("nesting", played("nesting-bomb", unread(requests=40), _bounded)),
         Case("rows", played("million-rows", unread(requests=40), _bounded)))),
    Row("F46", "BOM, UTF-16, bad UTF-8, half a character, NUL", "`bom`, `utf-16`, `bad-utf-8`, `half-character`, `nul`",
        "the page refused, or the text mended; never wrong rows",
        (*(Case(name, played(name, unread(requests=40))) for name in ("bom", "utf-16")),
         *(Case(name, played(name, Expect())) for name in ("bad-utf-8", "half-character", "nul")))),
    Row("F47", "an id that is null, empty, 10 kB, a number", "`id-*`, `ids-null`, `no-users`", "the row; more than 1 % of rows: the day",
        tuple(Case(name, played(name, held_back("no usable member id"), _one_row_less))
              for name in ("id-null", "id-empty", "id-10k", "id-number", "ids-null", "no-users"))),
    Row("F48", "addresses of every kind", "`odd-emails`", "cleaned or null; nobody is merged",
        (Case("emails", played("odd-emails", Expect(), _emails)),)),
    Row("F49", "a new surface", "`new-surface`", "not kept, but told", (Case("surface", played("new-surface", Expect(), _noticed)),)),
    Row("F50", "revised by +3 %", "`revised-up`", "replaced whole", (Case("up", played("revised-up", Expect("current", "any"), _revised)),)),
    Row("F51", "revised to empty, or by −90 %", "`empty-days`, `collapsed-days`", "held back until it comes twice",
        tuple(Case(name, played(name, held_back("shrank", held="any"), _large_days_stay, _twice_the_same(name)), everyday=name == "empty-days")  # type: ignore[arg-type]
              for name in ("empty-days", "collapsed-days"))),
    Row("F52", "late rows beyond the settling window", "`late-day`, eight days of syncs", "the weekly pass finds them", (Case("late", _late_days),)),
    Row("F53", "the newest day goes backwards", "`lag-4` after a good sync", "told; what is held stays", (Case("back", _backwards),)),
    Row("F54", "ranges give approximate numbers", "every request of a sync", "never asked for", (Case("days", _single_days_only),)),
)  # fmt: skip
