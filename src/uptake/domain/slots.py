"""The two slots for keys: what each is for, what its key must open, who in Claude makes it and where. Told once, here.

Pages, commands, hand-over links and refusals all show these words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Slot = Literal["admin", "analytics"]


@dataclass(frozen=True, slots=True)
class Guide:
    """What a person needs to know to bring the right key. `makers`: a sentence for each way to get one.

    `ask`: the same as a request, for when a key was lost.
    """

    slot: Slot
    label: str
    purpose: str
    reads: str
    scope: str
    makers: tuple[str, ...]
    ask: str

    @property
    def who(self) -> str:
        return " ".join(self.makers)


GUIDES: dict[Slot, Guide] = {
    "admin": Guide(
        slot="admin",
        label="Admin key",
        purpose="for the roster",
        reads="Reads who is a member and who is invited.",
        scope="read:members",
        makers=(
            "The Claude Primary Owner makes one in claude.ai › Organization settings › API, with the scope read:members.",
            "For a Claude Console organisation an admin makes one in Console › Settings › Admin keys (sk-ant-admin01-…).",
        ),
        ask="Ask the Primary Owner for a key with read:members (claude.ai › Organization settings › API), or an admin of "
        "the Claude Console organisation for an Admin key (Console › Settings › Admin keys)",
    ),
    "analytics": Guide(
        slot="analytics",
        label="Analytics key",
        purpose="for usage",
        reads="Reads counts for each member and day.",
        scope="read:analytics",
        makers=(
            "Only the Claude Primary Owner makes one, in claude.ai › Organization settings › API, with the scope "
            "read:analytics.",
            "It needs the Claude Enterprise plan.",
        ),
        ask="Ask the Primary Owner for a key with read:analytics (claude.ai › Organization settings › API)",
    ),
}
SLOTS: tuple[Slot, ...] = ("admin", "analytics")


def slot_named(text: str) -> Slot | None:
    """The slot of that name, if there is one."""
    return next((slot for slot in SLOTS if slot == text), None)
