"""people.connect, people.disconnect, people.sync, people.accept: sources of the directory that are read by the schedule."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import F

from uptake.actions import claude_groups, directory, scim_directory, scim_tokens
from uptake.actions.directory import Held
from uptake.config import Settings
from uptake.domain.access import Viewer, require
from uptake.domain.members import removals_allowed
from uptake.domain.problems import Problem, Refused
from uptake.domain.secret import Secret
from uptake.people import changes
from uptake.people.changes import Plan
from uptake.people.delivery import CLAUDE_GROUPS, FIFTEEN_FIVE, SCIM, Delivery
from uptake.people.fifteen_five import Busy, FifteenFive, Rejected, Unavailable, clean_key
from uptake.people.from_fifteen_five import Detail, detail_of, told
from uptake.people.person import Said
from uptake.people.sources import LABELS
from uptake.records import audit
from uptake.records.models import DirectorySource
from uptake.records.vault import open_vault, place_of, require_current

_WHO = "An Account Admin of 15Five makes a key: Settings › Integrations › Public API › Company API keys. It dies after a year."
_DETAILS_AGAIN = timedelta(days=2)  # `updated_after` is asked for with room: 15Five's clock and zone are its own
Sleep = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Read:
    """How one reading of a source ended. `outcome`: current, held_back, stopped, failed."""

    outcome: str
    words: str
    plan: Plan | None = None


def connect_fifteen_five(viewer: Viewer, settings: Settings, key: Secret, now: datetime, sleep: Sleep) -> None:
    """Check a key with the question the reading asks, then seal it. Raises NotAllowed, Refused or Problem."""
    require(viewer, "people.connect")
    cleaned = clean_key(key)
    form = _checked(settings, cleaned.secret, sleep)
    vault = open_vault(settings.master_key_file)
    row = directory.source(FIFTEEN_FIVE)
    with transaction.atomic():
        require_current(vault)
        row.version += 1
        row.sealed = vault.seal(cleaned.secret, place_of(row))
        row.fingerprint, row.last_four = vault.fingerprint(cleaned.secret), cleaned.last_four
        row.address, row.header_form = settings.fifteen_five_url, form
        row.enabled, row.state, row.cause, row.hint = True, "ok", "", ""
        row.added_by, row.added_at, row.asked_at, row.not_before = viewer.name, now, now, None
        row.save()
        audit.record(viewer, "people.connect", FIFTEEN_FIVE, now, version=row.version)


def _checked(settings: Settings, key: Secret, sleep: Sleep) -> str:
    client = FifteenFive(settings.fifteen_five_url, key, sleep=sleep)
    try:
        return client.settle_form()
    except Rejected:
        raise Refused("15Five does not accept this key. Nothing was stored.", _WHO) from None
    except (Unavailable, Busy) as trouble:
        raise Problem(f"15Five could not be asked: {trouble}. Nothing was stored.", "Try again later.") from None
    finally:
        client.close()


def disconnect(viewer: Viewer, name: str, now: datetime) -> None:
    """Destroy a source's key or tokens, read it no more. What it told stays, until another source says otherwise."""
    require(viewer, "people.disconnect")
    if name not in (FIFTEEN_FIVE, SCIM, CLAUDE_GROUPS):
        raise Problem("There is no such source to disconnect. Nothing was changed.", "The page lists the sources.")
    with transaction.atomic():
        DirectorySource.objects.filter(pk=name).update(
            enabled=False, sealed=None, last_four="", fingerprint="", state="ok", cause="", hint="", asked_at=None
        )
        tokens = scim_tokens.revoke_all(viewer, now) if name == SCIM else 0
        audit.record(viewer, "people.disconnect", name, now, tokens=tokens)


def request(viewer: Viewer, name: str, now: datetime) -> None:
    """Ask for a source to be read soon. Raises NotAllowed or Problem."""
    require(viewer, "people.sync")
    if not DirectorySource.objects.filter(pk=name, enabled=True).update(asked_at=now):
        raise Problem(f"{LABELS.get(name, name)} is not connected. Nothing was started.", "Connect it first.")


def accept(viewer: Viewer, name: str, mark: str, now: datetime) -> None:
    """Say that a delivery held back, exactly that one, is meant. Raises NotAllowed or Problem."""
    require(viewer, "people.accept")
    with transaction.atomic():
        held_back = DirectorySource.objects.filter(pk=name, state="held_back", held_hash=mark).exclude(held_hash="")
        if not held_back.update(accepted_hash=F("held_hash"), asked_at=now):
            raise Problem("This is not what is held back any more. Nothing was accepted.", "Look at the page again.")
        audit.record(viewer, "people.accept", name, now)


def read(viewer: Viewer, settings: Settings, name: str, now: datetime, sleep: Sleep) -> Read:
    """Read a connected source and apply what it tells; its state says how that ended. Raises NotAllowed or Problem."""
    require(viewer, "people.sync")
    row = DirectorySource.objects.filter(pk=name, enabled=True).first()
    if row is None:
        raise Problem(f"{LABELS.get(name, name)} is not connected. Nothing was read.", "Connect it first.")
    found = _outcome(viewer, settings, row, now, sleep)
    state = {"current": "ok", "failed": "failing"}.get(found.outcome, found.outcome)
    DirectorySource.objects.filter(pk=name).update(
        tried_at=now, state=state, cause=found.words[:400], hint=_hint(name, found)
    )
    if found.plan is not None and found.outcome == "current":
        people = sum(said.source == name and said.listed for said in found.plan.chart)
        DirectorySource.objects.filter(pk=name).update(
            last_ok_at=now, people=people, held_hash="", accepted_hash="", not_before=None
        )
    return found


def _hint(name: str, found: Read) -> str:
    hints = {
        "stopped": f"Connect with another key; what is held stays until then. {_WHO if name == FIFTEEN_FIVE else ''}".strip(),
        "held_back": "If that is meant, accept it here; else look at the source. The directory stays as it was.",
        "failed": "It is tried again by itself; the directory stays as it was.",
    }
    return hints.get(found.outcome, "")


def _outcome(viewer: Viewer, settings: Settings, row: DirectorySource, now: datetime, sleep: Sleep) -> Read:
    label = LABELS[row.name]
    if row.name == FIFTEEN_FIVE and row.address != settings.fifteen_five_url:
        words = "UPTAKE_FIFTEEN_FIVE_URL was changed since the key was given; the key goes to no other address."
        return Read("stopped", words)
    try:
        delivery = _told(settings, row, sleep)
        plan = directory.commit(
            viewer, settings, "people.sync", lambda held: _believed(held, delivery, row, now), now.date(), now
        )
    except Rejected as rejected:
        return Read("stopped", str(rejected) or f"15Five refused the key on {now:%-d %b %Y at %H:%M} UTC.")
    except Busy as busy:
        DirectorySource.objects.filter(pk=row.pk).update(not_before=now + timedelta(seconds=busy.seconds))
        return Read("failed", f"{label} could not be read: {busy}.")
    except Unavailable as trouble:
        return Read("failed", f"{label} could not be read: {trouble}.")
    except _HeldBack as held_back:
        DirectorySource.objects.filter(pk=row.pk).update(held_hash=held_back.mark)
        return Read("held_back", str(held_back))
    return Read("current", "", plan)


def _told(settings: Settings, row: DirectorySource, sleep: Sleep) -> Delivery:
    if row.name == SCIM:
        return scim_directory.delivered(row)
    if row.name == CLAUDE_GROUPS:
        return claude_groups.delivered(settings, row)
    return _delivered(settings, row, sleep)


class _HeldBack(Exception):
    """A delivery by which many would leave at once, and which nobody has accepted."""

    def __init__(self, plan: Plan, mark: str) -> None:
        super().__init__(
            f"{len(plan.left):,} of {plan.present:,} people would leave at once, more than "
            f"{removals_allowed(plan.present):,}."
        )
        self.mark = mark


def _believed(held: Held, delivery: Delivery, row: DirectorySource, now: datetime) -> Plan:
    plan = changes.plan(held.said, held.people, delivery, now.date(), lambda: uuid4().hex[:12])
    mark = hashlib.sha256("\0".join(sorted(one.person_id for one in plan.left)).encode()).hexdigest()
    if plan.large_loss and row.accepted_hash != mark:
        raise _HeldBack(plan, mark)
    return plan


def _delivered(settings: Settings, row: DirectorySource, sleep: Sleep) -> Delivery:
    key = open_vault(settings.master_key_file).open(bytes(row.sealed or b""), place_of(row))
    form = "bare" if row.header_form == "bare" else "bearer"
    client = FifteenFive(settings.fifteen_five_url, key, form=form, sleep=sleep)  # type: ignore[arg-type]
    try:
        found = told(
            client.users(), client.groups(), _Details(client, directory.held(settings).said, row.last_ok_at).of
        )
    except Rejected:
        client.settle_form()  # the other form may be the one that is accepted now; raises where neither is
        DirectorySource.objects.filter(pk=row.pk).update(header_form=client.form)
        found = told(
            client.users(), client.groups(), _Details(client, directory.held(settings).said, row.last_ok_at).of
        )
    finally:
        client.close()
    return Delivery(FIFTEEN_FIVE, row.rank, found.people, found.fields, found.findings)


class _Details:
    """A user's details where the list lacks them: known ones are asked for again only if 15Five says they changed."""

    def __init__(self, client: FifteenFive, said: tuple[Said, ...], last_ok_at: datetime | None) -> None:
        self._client = client
        ours = {one.person_id: one for one in said if one.source == FIFTEEN_FIVE}
        self._known: dict[str, Detail] = {}
        for one in ours.values() if last_ok_at else ():
            manager = ours.get(one.manager_id or "")
            self._known[one.key] = Detail(one.employee_id, one.title, manager.key if manager else None)
        self._since = last_ok_at
        self._changed: frozenset[object] | None = None

    def of(self, number: int) -> Detail:
        known = self._known.get(f"user {number}")
        if known is not None and number not in self._changes():
            return known
        page = self._client.user(number)
        return detail_of(page) if page else known or Detail()

    def _changes(self) -> frozenset[object]:
        if self._changed is None and self._since is not None:
            since = (self._since - _DETAILS_AGAIN).strftime("%Y-%m-%d")
            self._changed = frozenset(user.get("id") for user in self._client.users(updated_after=since))
        return self._changed or frozenset()
