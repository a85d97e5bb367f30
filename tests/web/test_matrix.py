"""Every route × everybody × every method, against the table of the tests; and each line of the product's tables flipped."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from django.core.cache import cache

import proof
import uptake
from tests.domain.test_access import CONFIRMED, EXPECTED
from tests.web import company, everybody
from tests.web.matrix import API, DECIDED_BELOW, INITIALS, ROUTES, roles
from uptake.api.urls import api
from uptake.config import Settings
from uptake.domain import access
from uptake.domain.access import ACTIONS, PERMISSIONS, Role, Viewer, may
from uptake.web.policies import POLICIES, PUBLIC, SIGNED_IN, Gate

LEAST = 5_000


@pytest.fixture
def at(db: None, home: Settings, now: datetime) -> str:
    cache.clear()
    return everybody.connection(now).pk


def wrong(asked: list[everybody.Asked]) -> list[everybody.Asked]:
    return [one for one in asked if not one.right]


def test_everybody_reaches_what_is_theirs_and_nothing_else(at: str, now: datetime) -> None:
    asked = list(everybody.walk_pages(everybody.browsers(), at, whole=False))
    assert wrong(asked) == []
    assert len(asked) == len(ROUTES) * 10


def test_every_token_reaches_what_its_owner_may_and_nothing_else(at: str, now: datetime) -> None:
    asked = list(everybody.walk_api(everybody.programs(now), whole=False))
    assert wrong(asked) == []
    assert len(asked) == len(API) * 14


def test_the_api_has_no_operation_outside_the_table() -> None:
    assert set(api.get_openapi_schema()["paths"]) == set(API)


def test_what_matters_is_not_reached_without_the_password_given_again(at: str) -> None:
    company.account("ada@acme.example", company.PASSWORD)
    ada = everybody.signed_in("ada@acme.example")
    session = ada.session
    del session["confirmed_at"]
    session.save()
    for route, (method, address, _) in ROUTES.items():
        if POLICIES[route] in CONFIRMED:
            answer = ada.generic(method, address.format(id=at))
            assert answer.headers.get("Location", "").startswith("/account/confirm/"), route
            fragment = ada.generic(method, address.format(id=at), headers={"hx-request": "true"})
            assert fragment.headers.get("HX-Redirect", "").startswith("/account/confirm/"), route


@pytest.mark.full
def test_by_every_method_too(at: str, now: datetime) -> None:
    asked = list(everybody.walk_pages(everybody.browsers(), at, whole=True))
    asked += list(everybody.walk_api(everybody.programs(now), whole=True))
    proof.figures("permission matrix", checks=len(asked), wrong=len(wrong(asked)))
    assert wrong(asked) == []
    assert len(asked) >= LEAST


def agree(route: str) -> bool:
    """Whether the product's row of a route and the tests' row say the same."""
    policy, who = POLICIES[route], ROUTES[route][2]
    if policy == PUBLIC or who == "public":
        return policy == PUBLIC and who == "public"
    if route in DECIDED_BELOW:
        return policy == DECIDED_BELOW[route]
    meant = set(Role) if policy == SIGNED_IN else EXPECTED[policy]
    return meant == roles(who)


def test_the_route_table_and_the_action_table_say_the_same() -> None:
    assert [route for route in ROUTES if route in POLICIES and not agree(route)] == []


def guards() -> dict[str, set[str]]:
    """For each function of actions/ that takes a viewer: the words it requires itself."""
    found = {}
    for path in sorted((Path(uptake.__file__).parent / "actions").glob("*.py")):
        tree = ast.parse(path.read_text())
        constants = {
            node.targets[0].id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Constant)
        }
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and takes_viewer(node):
                found[f"{path.stem}.{node.name}"] = set(required(node, constants))
    return found


def takes_viewer(node: ast.FunctionDef) -> bool:
    return any(argument.arg == "viewer" for argument in [*node.args.args, *node.args.kwonlyargs])


def required(node: ast.FunctionDef, constants: dict[str, object]) -> Iterator[str]:
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "require":
            word = call.args[1]
            yield str(constants[word.id] if isinstance(word, ast.Name) else getattr(word, "value", ast.unparse(word)))


CALLERS_CONCERN = {
    "connections.join",
    "connections.swap",
    "directory.commit",
    "exports.require_opened",
    "whois.relation",
    "whois.below",
    "persondata.opens",
    "scim_audit.of_account",
    "scim_audit.of_group",
    "scim_audit.of_user",
}
"""Shared by several actions, which have asked before; see their docstrings."""

BY_THE_GATE_ALONE = {"measures.read", "account.sign_in", "style.view"}
"""Open to everybody, or about nobody: there is nothing to refuse below the pages."""


def test_every_action_asks_whether_it_is_allowed() -> None:
    found = guards()
    assert {name for name, words in found.items() if not words} == CALLERS_CONCERN
    assert all(words <= set(PERMISSIONS) for words in found.values())


def test_every_word_of_the_table_is_asked_for_somewhere() -> None:
    asked = {word for words in guards().values() for word in words}
    for path in Path(uptake.__file__).parent.rglob("*.py"):
        asked |= set(re.findall(r'require\(\w+, "([\w.]+)"\)', path.read_text()))
    assert set(PERMISSIONS) - asked == BY_THE_GATE_ALONE


class Survived(AssertionError):
    """A line was flipped and nothing noticed."""


def flip_actions(monkeypatch: pytest.MonkeyPatch) -> int:
    """Each role of each action given or taken once: how many were noticed. Raises Survived."""
    flips = [(action, role) for action in ACTIONS for role in Role]
    for action, role in flips:
        with monkeypatch.context() as patch:
            patch.setitem(access.PERMISSIONS, action, PERMISSIONS[action] ^ {role})
            noticed = any(may(Viewer("x", one), word) != (one in EXPECTED[word]) for word in ACTIONS for one in Role)
            if not noticed:
                raise Survived(f"{action} for {role}")
    return len(flips)


def flip_policies(at: str, who: list[everybody.Somebody], monkeypatch: pytest.MonkeyPatch, routes: list[str]) -> int:
    """Each route opened to all, to everybody signed in, to the roles of each other kind. Raises Survived.

    A route opened too far is still refused by its action (so asking alone may not notice); the tables must differ then.
    """
    kinds = {frozenset(EXPECTED[word]): word for word in EXPECTED}
    flips = [(route, policy) for route in routes for policy in (PUBLIC, SIGNED_IN, *kinds.values())]
    flips = [(route, policy) for route, policy in flips if _differs(policy, ROUTES[route][2])]
    for route, policy in flips:
        with monkeypatch.context() as patch:
            patch.setitem(POLICIES, route, policy)
            if agree(route) and not wrong(list(everybody.walk_pages(who, at, whole=False, only=route))):
                raise Survived(f"{route}: {policy}")
    return len(flips)


def _differs(policy: str, who: str) -> bool:
    if policy == PUBLIC or who == "public":
        return not (policy == PUBLIC and who == "public")
    return (set(Role) if policy == SIGNED_IN else EXPECTED[policy]) != roles(who)


def break_gate(at: str, who: list[everybody.Somebody], monkeypatch: pytest.MonkeyPatch) -> int:
    """The gate with one of its lines gone."""
    breaks = {
        "never asks": (Gate, "process_view", lambda *_args: None),
        "lets anybody in": (Gate, "_to_sign_in", lambda *_args: None),
        "every role may": ("uptake.web.policies.may", None, lambda *_args: True),
        "no role may": ("uptake.web.policies.may", None, lambda *_args: False),
        "refusal is a word only": ("uptake.web.policies.problem_page", None, lambda *_args: None),
    }
    for name, (target, attribute, broken) in breaks.items():
        with monkeypatch.context() as patch:
            if attribute:
                patch.setattr(target, attribute, broken)
            else:
                patch.setattr(target, broken)
            if not wrong(list(everybody.walk_pages(who, at, whole=False, only="integrations"))):
                raise Survived(name)
    return len(breaks)


def test_a_flipped_line_is_noticed(at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert flip_actions(monkeypatch) == len(ACTIONS) * len(Role)
    who = everybody.browsers()
    assert flip_policies(at, who, monkeypatch, ["audit"]) > 3
    assert break_gate(at, who, monkeypatch) == 5


@pytest.mark.full
def test_every_flipped_line_is_noticed(at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    killed = flip_actions(monkeypatch)
    who = everybody.browsers()
    killed += flip_policies(at, who, monkeypatch, list(ROUTES))
    killed += break_gate(at, who, monkeypatch)
    proof.figures("policy mutants", tried=killed, killed=killed)


def test_initials_are_all_roles() -> None:
    assert set(INITIALS.values()) == set(Role)
