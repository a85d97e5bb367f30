"""Rows F55–F62: who is on the roster."""

from __future__ import annotations

import io

from faults.conftest import Flat
from faults.expect import Before, Expect, heals, played
from faults.matrix import Case, Row
from uptake.actions.exports import Wanted, export
from uptake.domain.access import OPERATOR
from uptake.lake import Member
from uptake.records.models import Account, Connection
from uptake.sync.run import RunResult

HELD = Expect("held_back", "true", {"roster": "held_back"})


def _removed(flat: Flat) -> list[Member]:
    return [member for member in flat.members() if member.status == "removed"]


def _again(applied: bool) -> object:
    """The same roster an hour and more later."""

    def check(flat: Flat, before: Before, _result: RunResult) -> None:
        gone = len(_removed(flat))
        flat.clock.forward(hours=2)
        result = flat.sync()
        if applied:
            assert result.outcome == "current"
            assert len(_removed(flat)) > gone
        else:
            assert result.outcome == "held_back"
            assert len(_removed(flat)) == gone
            flat.clock.forward(hours=30)
            assert flat.sync().outcome == "held_back"

    return check


def _renamed(flat: Flat, before: Before, _result: RunResult) -> None:
    (now,) = [member for member in flat.members() if member.email == "renamed@halden.example"]
    assert now.status == "active"
    (then,) = [member for member in before.members if member.member_id == now.member_id]
    assert then.email != now.email
    assert len([member for member in flat.members() if member.member_id == now.member_id]) == 1


def _gone_and_back(flat: Flat) -> None:
    assert flat.sync().outcome == "current"
    flat.clock.forward(hours=26)
    newest = flat.company.roster(flat.clock())[0].id
    flat.fake.fault = "one-gone"
    assert flat.sync().outcome == "current"
    (gone,) = [member for member in flat.members() if member.member_id == newest]
    assert gone.status == "removed"
    assert gone.left_at == flat.clock()
    flat.fake.fault = None
    heals(flat, hours=26)
    (back,) = [member for member in flat.members() if member.member_id == newest]
    assert (back.status, back.left_at) == ("active", None)
    lake, connection = flat._lake(), str(Connection.objects.get().pk)
    told = [
        {row["member_id"]: row["status"] for row in lake.read("members", connection, day).to_pylist()}.get(newest)
        for day in lake.held("members", connection)
    ]
    assert "removed" in told, "the gap is in the snapshots"
    assert told[-1] == "active"


def _new_holder(flat: Flat) -> None:
    assert flat.sync().outcome == "current"
    flat.clock.forward(hours=20)
    old = flat.company.roster(flat.clock())[0]
    flat.sync()
    held = flat.held()
    flat.fake.fault = "new-id"
    flat.clock.forward(hours=1)
    assert flat.sync().outcome == "current"
    both = {member.member_id: member.status for member in flat.members() if member.email == old.email.lower()}
    assert both == {old.id: "removed", "user_01made_up_anew": "active"}
    assert flat.held() == held, "the usage of the old holder stays with the old holder"
    flat.fake.fault = None
    heals(flat)


def _roles(flat: Flat) -> None:
    hana = Account.objects.create_user("hana@halden.example", role="hr_admin")
    assert flat.sync().outcome == "current"
    flat.fake.fault = "roles-changed"
    flat.clock.forward(hours=1)
    assert flat.sync().outcome == "current"
    assert {member.claude_role for member in flat.members() if member.status == "active"} == {"owner"}
    assert list(Account.objects.values_list("email", "role")) == [(hana.email, "hr_admin")]
    flat.fake.fault = None
    heals(flat)


def _inert(flat: Flat, _before: Before, _result: RunResult) -> None:
    names = [member.name or "" for member in flat.members()]
    assert names
    assert not [name for name in names if any(ord(char) < 32 or char in "\u202e\u200b\x7f" for char in name)]
    assert max(map(len, names)) <= 256
    sheet = io.BytesIO()
    export(OPERATOR, flat.settings, Wanted("members", "csv"), sheet, flat.clock())
    cells = [cell for line in sheet.getvalue().decode().splitlines() for cell in line.split(",")]
    assert not [cell for cell in cells if cell.lstrip('"')[:1] in "=+-@" and cell.lstrip('"')]


ROWS = (
    Row("F55", "an empty list, 200", "`empty-roster`", "nothing applied, told",
        (Case("empty", played("empty-roster", Expect("held_back", "true", {"roster": "held_back"}, note="came back empty")), everyday=True),)),
    Row("F56", "11, 30, 95 % are gone", "`roster-minus-*`, read again two hours later", "held back; 11 and 30 % applied when they come again; 95 % by a person only",
        (Case("11", played("roster-minus-11", HELD, _again(True))),  # type: ignore[arg-type]
         Case("30", played("roster-minus-30", HELD, _again(True))),  # type: ignore[arg-type]
         Case("95", played("roster-minus-95", HELD, _again(False))))),  # type: ignore[arg-type]
    Row("F57", "5xx on page 2", "`roster-page-2-500`", "not applied",
        (Case("page-2", played("roster-page-2-500", Expect("partly", "true", {"roster": "failing"}, {"admin": "degraded"}))),)),
    Row("F58", "an address changed", "`email-changed`", "the same member, one row", (Case("email", played("email-changed", Expect(), _renamed)),)),
    Row("F59", "gone and back, the same id", "`one-gone`", "the same member; the gap can be seen", (Case("back", _gone_and_back),)),
    Row("F60", "the same address, a new id", "`new-id`", "a new member; the old history stays with the old one", (Case("new-id", _new_holder),)),
    Row("F61", "roles change at Claude", "`roles-changed`", "nobody's rights here change", (Case("roles", _roles),)),
    Row("F62", "hostile names", "`hostile-names`", "stored clean, inert in a spreadsheet", (Case("names", played("hostile-names", Expect(), _inert)),)),
)  # fmt: skip
