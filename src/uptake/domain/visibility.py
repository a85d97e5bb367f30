"""The visibility policy: who sees named people's usage, the smallest group shown, how long it is kept. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from uptake.domain.access import Role
from uptake.domain.problems import Refused


class Named(StrEnum):
    """Whose usage is seen by name, from the narrowest on. Everybody sees their own under each of them."""

    NOBODY = "nobody"
    HR = "hr"
    MANAGERS = "managers"

    @property
    def words(self) -> str:
        return {
            "nobody": "Aggregate only: nobody sees the usage of another named person",
            "hr": "Named for HR: Company Admin and HR Admin may look at one person and, where files about persons are made, "
            "take everybody's days along as a file; each look and each file is written down",
            "managers": "Named for managers too: of the people who report to them, directly or not",
        }[self.value]


class Relation(StrEnum):
    """What the viewer is to the person looked at."""

    SELF = "self"
    REPORT = "report"  # the viewer is above the person in the tree of managers
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Policy:
    """What a Company Admin decides. Lengths are days; `strict` is the works council's preset, locked behind two people."""

    named: Named = Named.NOBODY
    threshold: int = 5
    person_exports: bool = True
    person_days: int = 396
    runs: int = 396
    audit: int = 396
    strict: bool = False


STRICT = Policy(Named.NOBODY, threshold=10, person_exports=False, person_days=184, runs=184, audit=396, strict=True)

_LIMITS = {"threshold": (5, 50), "person_days": (35, 1100), "runs": (35, 1100), "audit": (184, 3660)}
_WORDS = {
    "threshold": "The smallest group",
    "person_days": "The time person-days are kept",
    "runs": "The time runs are kept",
    "audit": "The time the audit is kept",
}


def checked(wanted: Policy) -> Policy:
    """The policy, or Refused where a number is out of its limits or it is called strict and is not."""
    for name, (least, most) in _LIMITS.items():
        if not least <= getattr(wanted, name) <= most:
            raise Refused(f"{_WORDS[name]} must lie between {least} and {most}. Nothing was changed.", "Choose again.")
    if wanted.strict and not at_least_as_strict(wanted, STRICT):
        raise Refused(
            "This is weaker than the works-council preset. Nothing was changed.",
            "Switch the preset off first: two do that.",
        )
    return wanted


def at_least_as_strict(one: Policy, other: Policy) -> bool:
    """Whether nothing is seen, exported or kept under the one that is not under the other."""
    order = list(Named)
    return (
        order.index(one.named) <= order.index(other.named)
        and one.threshold >= other.threshold
        and one.person_exports <= other.person_exports
        and one.person_days <= other.person_days
        and one.runs <= other.runs
    )


def sees_seat_use(policy: Policy) -> bool:
    """Whether those who manage seats see by name in which band of use a seat is. Counts and days they never see."""
    return not policy.strict


def sees_named(policy: Policy, role: Role, relation: Relation) -> bool:
    """Whether usage of the person may be shown by name. IT Admin and Auditor never: running it is no right to people."""
    if relation is Relation.SELF:
        return True
    if role in {Role.COMPANY_ADMIN, Role.HR_ADMIN}:
        return policy.named is not Named.NOBODY
    return policy.named is Named.MANAGERS and role is Role.MANAGER and relation is Relation.REPORT
