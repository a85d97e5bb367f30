"""Who is who: what somebody said, ids, addresses, further addresses; a likeness is a suggestion and no more."""

from __future__ import annotations

import pytest

from uptake.people.matching import Link, Match, Member, Suggestions, match, population
from uptake.people.person import Person

PEOPLE = {
    person.person_id: person
    for person in (
        Person(person_id="p1", name="Zoë Müller", email="zoe@acme.example", emails=("zoe@acme.example", "zm@acme.example")),
        Person(person_id="p2", name="Ada L", email="ada@acme.example", emails=("ada@acme.example",), claude_id="user_ada"),
        Person(person_id="p3", name="Old Sam", email="sam@acme.example", emails=("sam@acme.example",), listed=False),
        Person(person_id="p4", name="New Sam", email="sam@acme.example", emails=("sam@acme.example",)),
        Person(person_id="p5", email="shared@acme.example", emails=("shared@acme.example",)),
        Person(person_id="p6", email="shared@acme.example", emails=("shared@acme.example",)),
        Person(person_id="p7", name="Gone", email="gone@acme.example", emails=("gone@acme.example",), listed=False),
    )
}  # fmt: skip


def member(member_id: str, email: str | None = None, name: str | None = None) -> Member:
    return Member("c1", member_id, name, email)


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        (member("user_ada", "somebody@else.example"), Match("p2", "id")),
        (member("u", "zoe@acme.example"), Match("p1", "email")),
        (member("u", "zm@acme.example"), Match("p1", "alias")),
        (member("u", "sam@acme.example"), Match("p4", "email")),
        (member("u", "gone@acme.example"), Match("p7", "email")),
        (member("u", "shared@acme.example"), None),
        (member("u", "zoe+claude@acme.example", "Zoë Müller"), None),
        (member("u"), None),
    ],
)
def test_what_tells_a_person(who: Member, expected: Match | None) -> None:
    found = match([who], PEOPLE, {})
    assert found.of.get(who.key) == expected
    assert bool(found.members) == (expected is None)


def test_what_somebody_said_comes_before_everything() -> None:
    who = member("user_ada", "zoe@acme.example")
    said = {who.key: Link("p4", decided=True)}
    assert match([who], PEOPLE, said).of[who.key] == Match("p4", "said")


def test_what_somebody_said_of_an_address_holds_in_every_connection() -> None:
    said = {("c1", "u1"): Link("p1", decided=True, email="zoe.private@x.example")}
    elsewhere = Member("c2", "u9", None, "zoe.private@x.example")
    assert match([elsewhere], PEOPLE, said).of[elsewhere.key] == Match("p1", "said")


def test_nobody_is_an_answer_too() -> None:
    who = member("u", "zoe@acme.example")
    found = match([who], PEOPLE, {who.key: Link(decided=True)})
    assert (found.of, found.members, found.aside) == ({}, (), (who,))


def test_a_service_account_is_not_looked_for_in_the_directory() -> None:
    bot = member("bot", "bot@acme.example")
    assert match([bot], PEOPLE, {bot.key: Link(population="service")}).aside == (bot,)


def test_a_link_to_a_person_who_is_no_more_falls_back() -> None:
    who = member("u", "zoe@acme.example")
    assert match([who], PEOPLE, {who.key: Link("erased", decided=True)}).of[who.key] == Match("p1", "email")


def test_people_without_a_member_are_those_who_are_still_there() -> None:
    found = match([member("u", "zoe@acme.example")], PEOPLE, {})
    assert {person.person_id for person in found.people} == {"p2", "p4", "p5", "p6"}


@pytest.mark.parametrize(
    ("who", "why"),
    [
        (member("u", "zoe+claude@acme.example"), "same address but for the part after +"),
        (member("u", "zoe@acme-labs.example"), "same address at another domain"),
        (member("u", None, "MULLER, Zoe"), "same name"),
        (member("u", "zoe.muller@x.example"), "the address spells the name"),
    ],
)
def test_suggestions_say_why(who: Member, why: str) -> None:
    (found,) = Suggestions(PEOPLE.values()).of(who)
    assert (found.person.person_id, found.why) == ("p1", why)


def test_no_likeness_no_suggestion() -> None:
    assert Suggestions(PEOPLE.values()).of(member("u", "someone@x.example", "Someone Else")) == ()


@pytest.mark.parametrize(
    ("person", "link", "expected"),
    [
        (None, None, "employee"),
        (Person(person_id="p", population="contractor"), None, "contractor"),
        (Person(person_id="p", population="contractor"), Link(population="service"), "service"),
        (Person(person_id="p"), Link("p", decided=True), "employee"),
    ],
)
def test_population(person: Person | None, link: Link | None, expected: str) -> None:
    assert population(person, link) == expected
