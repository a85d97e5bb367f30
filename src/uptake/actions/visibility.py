"""policy.view, policy.set, policy.confirm: who sees what of people, and for how long it is kept.

While the works-council preset is on, a change is proposed by one Company Admin and takes force by another.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from uptake.domain.access import Viewer, require
from uptake.domain.problems import NotAllowed, Problem
from uptake.domain.visibility import Policy, checked
from uptake.records import audit
from uptake.records.models import AccessPolicy
from uptake.records.privacy import in_force, policy_of


@dataclass(frozen=True, slots=True)
class Standing:
    """The policy in force, by whom, and the change that waits for a second person, if there is one."""

    policy: Policy
    changed_by: str
    changed_at: datetime | None
    proposed: Policy | None
    proposed_by: str
    proposed_at: datetime | None


def standing(viewer: Viewer) -> Standing:
    """Raises NotAllowed."""
    require(viewer, "policy.view")
    row = AccessPolicy.objects.first() or AccessPolicy()
    proposed = policy_of(row.proposed) if row.proposed else None
    return Standing(row.policy, row.changed_by, row.changed_at, proposed, row.proposed_by, row.proposed_at)


def change(viewer: Viewer, *, wanted: Policy, now: datetime) -> bool:
    """Put a policy in force, or propose it where the strict preset is on. True: in force. Raises NotAllowed, Refused."""
    require(viewer, "policy.set")
    wanted = checked(wanted)
    with transaction.atomic():
        row = _row()
        if row.policy == wanted:
            raise Problem("This is how it is already. Nothing was changed.", "Change something first.")
        if row.policy.strict:
            row.proposed, row.proposed_by, row.proposed_at = _plain(wanted), viewer.name, now
            row.save()
            audit.record(
                viewer, "policy.set", "visibility policy", now, outcome="proposed", **_told(row.policy, wanted)
            )
            return False
        _apply(viewer, row, wanted, "policy.set", now)
    return True


def confirm(viewer: Viewer, *, accept: bool, now: datetime) -> None:
    """Accept what somebody else proposed, or turn down what anybody did. Raises NotAllowed or Problem."""
    require(viewer, "policy.confirm")
    with transaction.atomic():
        row = _row()
        if not row.proposed:
            raise Problem("No change waits any more. Nothing was changed.", "Look at the policy again.")
        if accept and row.proposed_by == viewer.name:
            raise NotAllowed("A change takes two people: you proposed this one.", "Another Company Admin accepts it.")
        wanted = policy_of(row.proposed)
        if accept:
            _apply(viewer, row, wanted, "policy.confirm", now)
        else:
            told = _told(row.policy, wanted)
            _forget(row)
            row.save()
            audit.record(viewer, "policy.confirm", "visibility policy", now, outcome="turned down", **told)


def require_person_exports() -> None:
    """Raise NotAllowed where the policy keeps people's data from leaving as files."""
    if not in_force().person_exports:
        raise NotAllowed(
            "Files about persons are switched off by the visibility policy. Nothing was exported.",
            "A Company Admin sets the policy; your own data stay open to you under My data.",
        )


def _row() -> AccessPolicy:
    AccessPolicy.objects.get_or_create(only=True)
    return AccessPolicy.objects.select_for_update().get()


def _apply(viewer: Viewer, row: AccessPolicy, wanted: Policy, action: str, now: datetime) -> None:
    told = _told(row.policy, wanted)
    for name, value in _plain(wanted).items():
        setattr(row, name, value)
    row.changed_by, row.changed_at, row.kept_to_at = viewer.name, now, None  # the retention looks again at once
    _forget(row)
    row.save()
    audit.record(viewer, action, "visibility policy", now, outcome="done", **told)


def _forget(row: AccessPolicy) -> None:
    row.proposed, row.proposed_by, row.proposed_at = None, "", None


def _plain(policy: Policy) -> dict[str, object]:
    return {**asdict(policy), "named": policy.named.value}


def _told(before: Policy, after: Policy) -> dict[str, str | int]:
    """What changes, as the audit keeps it: each field with both values."""
    old, new = _plain(before), _plain(after)
    return {name: f"{old[name]} → {new[name]}" for name in new if old[name] != new[name]}
