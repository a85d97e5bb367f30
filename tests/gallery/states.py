"""Which states there are, who looks, and at which pages: the list at the end of the interface's reference, as rows."""

from __future__ import annotations

from dataclasses import dataclass

from tests.gallery.pages import PAGES, Page

ADA = "ada@acme.example"
FIGURES = ("overview", "teams", "surfaces", "claude_code", "onboarding", "seats")
DESKS = ("seats_list", "integrations", "people", "people_teams")


@dataclass(frozen=True, slots=True)
class State:
    """One installation: made by a line of scenes.py, or by the demo of so many members and days."""

    name: str
    words: str
    scene: str = ""
    pages: tuple[str, ...] = FIGURES
    who: str = ADA
    demo: tuple[int, int] | None = None
    held: bool = False  # figures are asked for and never answered
    syncing: bool = False  # a sync has the writer's lock

    def asked(self) -> tuple[Page, ...]:
        return tuple(PAGES[name] for name in self.pages)


AS_USUAL = State(
    "as-usual",
    "A company of 500, connected for sixteen weeks",
    pages=tuple(name for name in PAGES if name != "person"),
    demo=(500, 112),
)
NOT_ALLOWED = ("overview", "integrations", "people", "audit", "accounts", "seats_list")
STATES = (
    AS_USUAL,
    State("empty", "Nothing is connected", "empty()", (*FIGURES, *DESKS, "audit", "mine", "help", "people_matches")),
    State("connecting", "Connected a moment ago, nothing held", "connecting()", (*FIGURES, "seats_list", "integrations"),
          syncing=True),
    State("first-day", "The first days are held, the first sync runs", "first_day()", (*FIGURES, "integrations"),
          syncing=True),
    State("loading", "Figures are still being drawn", "healthy()", FIGURES, held=True),
    State("one-member", "One member", "one_member()", (*FIGURES, "seats_list", "people_matches")),
    State("one-team", "One team", "one_team()", (*FIGURES, "team", "people", "people_teams")),
    State("400-teams", "Four hundred teams", "four_hundred_teams()", (*FIGURES, "people_teams")),
    State("many", "Many members", pages=(*FIGURES, *DESKS), demo=(5_000, 28)),
    State("longest-name", "The longest names", "longest_name()", (*FIGURES, *DESKS, "team", "people_matches", "mine")),
    State("right-to-left", "Names from right to left", "right_to_left()", (*FIGURES, *DESKS, "team", "people_matches")),
    State("withheld", "Four people: everything is withheld", "withheld()", (*FIGURES, "team")),
    State("key-lost", "A key was lost, a day is missing, one held back", "troubled()", (*FIGURES, *DESKS)),
    State("sealed", "The master key is not there", "sealed()", ("overview", "integrations", "connect", "integration_keys")),
    State("disconnected", "Disconnected: what was read stays", "disconnected()", (*FIGURES, "integrations", "people")),
    State("read-only", "For who may look and not act: an Auditor", "healthy()", ("integrations", "audit", "policy", "mine"),
          "otto@acme.example"),
    State("by-name", "The policy opens usage by name to HR", "by_name()", ("people", "person", "policy", "seats_list")),
    State("no-right", "No right to see: an Employee", "healthy()", NOT_ALLOWED, "emil@acme.example"),
)  # fmt: skip
