"""Access: every action for every role, written out; an action that nobody wrote down is a fault, not a permission."""

from __future__ import annotations

import pytest

from uptake.domain.access import ACTIONS, OPERATOR, PERMISSIONS, SCHEDULE, Role, Viewer, lookable, may, require
from uptake.domain.problems import NotAllowed

C, H, I, M, E, A = Role  # noqa: E741 - as the table in the docs abbreviates them

EXPECTED: dict[str, set[Role]] = {
    "connection.connect": {C, H, I},
    "connection.check_key": {C, H, I},
    "connection.replace_key": {C, H, I},
    "connection.disconnect": {C, H, I},
    "connection.erase": {C},
    "connection.view": {C, H, I, A},
    "handover.create": {C, H, I},
    "handover.withdraw": {C, H, I},
    "handover.receive": {C, H, I, M, E, A},
    "sync.run": {C, H, I},
    "held_back.release": {C, H, I},
    "teams.view": {C, H, I, M},
    "numbers.ask": {C, H, I},
    "numbers.export": {C, H, I, M},
    "numbers.ask_own_team": {M},
    "saved_view.view": {C, H, I, M},
    "saved_view.save": {C, H, I, M},
    "saved_view.rename": {C, H, I, M},
    "saved_view.share": {C, H, I, M},
    "saved_view.delete": {C, H, I, M},
    "insights.view": {C, H, I, M},
    "insights.of_use": {C, H, M},
    "seats.view": {C, H, I},
    "seats.ask": {C, H, I},
    "seats.price": {C, H, I},
    "seats.export": {C, H, I},
    "people.view": {C, H, I},
    "people.import": {C, H},
    "people.export": {C, H},
    "people.order": {C, H},
    "people.link": {C, H},
    "people.unlink": {C, H},
    "people.mark": {C, H},
    "people.connect": {C, H, I},
    "people.disconnect": {C, H, I},
    "people.accept": {C, H},
    "people.sync": {C, H, I},
    "facts.export": {C, H},
    "export.view": {C, H, I, M},
    "digest.view": {C, H, I, M, E, A},
    "digest.subscribe": {C, H, I, M},
    "digest.unsubscribe": {C, H, I, M, E, A},
    "digest.preview": {C, H, I, M},
    "digest.send": set(),
    "channel.view": {C, H, I},
    "channel.add": {C, H, I},
    "channel.test": {C, H, I},
    "channel.remove": {C, H, I},
    "scim.connect": {C, H, I},
    "scim.revoke": {C, H, I},
    "scim.view": {C, H, I},
    "scim.map_group": {C},
    "scim.provision": {C, H, I},
    "member.history": set(),
    "measures.read": {C, H, I, M, E, A},
    "style.view": {C},
    "view_as.start": {C, H},
    "view_as.stop": {C, H, I, M, E, A},
    "account.view": {C},
    "account.create": {C},
    "account.role": {C},
    "account.deactivate": {C},
    "account.activate": {C},
    "account.end_sessions": {C},
    "account.forget_factors": {C},
    "account.forget_password": {C},
    "token.create": {C, H, I, M, A},
    "token.view": {C, H, I, M, E, A},
    "token.revoke": {C, H, I, M, E, A},
    "session.view": {C, H, I, M, E, A},
    "session.end": {C, H, I, M, E, A},
    "password.set": {C, H, I, M, E, A},
    "second_factor.view": {C, H, I, M, E, A},
    "second_factor.add": {C, H, I, M, E, A},
    "second_factor.remove": {C, H, I, M, E, A},
    "second_factor.codes": {C, H, I, M, E, A},
    "link.create": {C},
    "identity.view": {C, H, I, M, E, A},
    "identity.link": {C, H, I, M, E, A},
    "identity.unlink": {C, H, I, M, E, A},
    "identity.expect": {C},
    "identity.role": set(),
    "account.sign_in": {C, H, I, M, E, A},
    "person.own": {C, H, I, M, E, A},
    "person.view": {C, H, M},
    "person.erase": {C, H},
    "person.readmit": {C, H},
    "policy.view": {C, H, I, M, E, A},
    "policy.set": {C},
    "policy.confirm": {C},
    "retention.apply": set(),
    "audit.prune": set(),
    "audit.view": {C, A},
    "audit.verify": {C, A},
    "audit.export": {C, A},
    "master_key.rotate": set(),
    "backup.make": set(),
    "backup.restore": set(),
    "doctor.look": set(),
}

CONFIRMED = {
    "connection.connect", "connection.replace_key", "connection.disconnect", "connection.erase", "handover.create",
    "people.export", "facts.export", "seats.export", "people.connect", "people.disconnect", "token.create", "audit.export",
    "policy.set", "policy.confirm", "person.erase", "person.readmit",
    "account.create", "account.role", "account.deactivate", "account.activate", "account.end_sessions",
    "account.forget_factors", "account.forget_password", "link.create",
    "second_factor.add", "second_factor.remove", "second_factor.codes",
    "identity.link", "identity.expect",
    "scim.connect", "scim.map_group", "channel.add",
}  # fmt: skip
"""What asks for password or second factor again."""

CASES = [(action, role) for action in PERMISSIONS for role in Role]


def test_the_table_here_and_the_table_there_name_the_same_actions() -> None:
    assert set(EXPECTED) == set(PERMISSIONS)


def test_what_matters_asks_for_the_password_again() -> None:
    assert {action for action, row in ACTIONS.items() if row.confirm} == CONFIRMED


def test_a_scope_narrows_and_never_widens() -> None:
    narrow = Viewer("x", Role.COMPANY_ADMIN, only=frozenset({"numbers.ask"}))
    wide = Viewer("x", Role.EMPLOYEE, only=frozenset(ACTIONS))
    assert {action for action in ACTIONS if may(narrow, action)} == {"numbers.ask"}
    assert {action for action in ACTIONS if may(wide, action)} == {a for a in ACTIONS if E in EXPECTED[a]}


@pytest.mark.parametrize("seen", Role)
@pytest.mark.parametrize("own", Role)
def test_looking_as_a_role_narrows_and_never_widens(own: Role, seen: Role) -> None:
    """Both carry it; of a manager's figures, whoever may ask for everybody's."""
    viewer = Viewer("x", own, account_id=1)
    looking = viewer.looking_as(seen, "tree:x")
    may_both = {action for action in ACTIONS if seen in EXPECTED[action] and own in EXPECTED[action]}
    if seen is M and own in EXPECTED["numbers.ask"]:
        may_both |= {"numbers.ask_own_team"}
    assert {action for action in ACTIONS if may(looking, action)} == may_both
    assert (looking.name, looking.account_id, looking.own_role) == ("x", 1, own)
    assert looking.looking_as(E).own_role is own
    assert not {action for action in ACTIONS if may(looking.looking_as(C), action)} - {
        action for action in ACTIONS if may(viewer, action)
    }


def test_one_looks_as_a_role_only_where_one_holds_all_it_sees() -> None:
    found = {role: set(lookable(Viewer("x", role))) for role in Role}
    assert found == {C: {H, I, M, E, A}, H: {I, M, E}, I: set(), M: set(), E: set(), A: set()}


@pytest.mark.parametrize(("action", "role"), CASES)
def test_a_role_may_do_what_its_row_says_and_nothing_else(action: str, role: Role) -> None:
    viewer = Viewer("somebody@example.com", role, account_id=1)
    allowed = role in EXPECTED[action]
    assert may(viewer, action) is allowed
    if allowed:
        require(viewer, action)
        return
    with pytest.raises(NotAllowed) as refusal:
        require(viewer, action)
    assert role.label in refusal.value.message
    assert ACTIONS[action].words in refusal.value.message
    assert action not in refusal.value.message
    assert all(other.label in refusal.value.hint for other in EXPECTED[action])


@pytest.mark.parametrize("action", PERMISSIONS)
@pytest.mark.parametrize("viewer", [OPERATOR, SCHEDULE])
def test_who_is_on_the_host_may_do_it_all(viewer: Viewer, action: str) -> None:
    require(viewer, action)


@pytest.mark.parametrize("viewer", [OPERATOR, Viewer("ada@example.com", Role.COMPANY_ADMIN)])
@pytest.mark.parametrize("action", ["", "connection", "connection.conect", "CONNECTION.VIEW"])
def test_an_unknown_action_raises_for_everybody(viewer: Viewer, action: str) -> None:
    with pytest.raises(KeyError):
        may(viewer, action)


def test_a_row_for_the_host_alone_sends_to_the_operator() -> None:
    with pytest.raises(NotAllowed) as refusal:
        require(Viewer("ada@example.com", Role.COMPANY_ADMIN), "member.history")
    assert refusal.value.hint == "Ask the operator on the host."


def test_roles_are_spelled_as_people_say_them() -> None:
    labels = ["Company Admin", "HR Admin", "IT Admin", "Manager", "Employee", "Auditor"]
    assert [role.label for role in Role] == labels
