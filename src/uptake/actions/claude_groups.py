"""Claude's own groups as a source of the directory: for people who are known already, and only where switched on.

They tell in which groups somebody is at Claude and nothing else: nobody is created by them, and nobody leaves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from django.db import transaction

from uptake.actions import directory, identities
from uptake.claude import groups
from uptake.claude.answers import ClaudeError, NoSuchRoute, Reply, Wait
from uptake.claude.answers import Rejected as KeyRejected
from uptake.claude.client import Claude
from uptake.claude.limiter import Limiter
from uptake.claude.patience import Patience
from uptake.config import Settings
from uptake.domain.access import Viewer, require
from uptake.domain.problems import Problem
from uptake.people.delivery import CLAUDE_GROUPS, Delivery
from uptake.people.fifteen_five import Busy, Rejected, Unavailable
from uptake.people.rows import Told
from uptake.records import audit
from uptake.records.models import Connection, DirectorySource
from uptake.records.vault import open_vault, place_of

_SHARE = 10  # of the requests a minute, so that a sync beside it keeps its own
_PATIENCE = 300.0
_PAGES = 1_000


def switch_on(viewer: Viewer, now: datetime) -> None:
    """Have Claude's groups read from now on, with the Admin keys that are held. Raises NotAllowed or Problem."""
    require(viewer, "people.connect")
    if not Connection.objects.filter(state="connected").exists():
        raise Problem("No Claude organisation is connected, so there are no groups to read.", "Connect Claude first.")
    directory.source(CLAUDE_GROUPS)
    with transaction.atomic():
        DirectorySource.objects.filter(pk=CLAUDE_GROUPS).update(
            enabled=True, asked_at=now, state="ok", cause="", hint="", added_by=viewer.name, added_at=now
        )
        audit.record(viewer, "people.connect", CLAUDE_GROUPS, now)


def delivered(settings: Settings, row: DirectorySource) -> Delivery:
    """The groups of everybody whom the directory knows. Raises Rejected, Busy or Unavailable."""
    held = directory.held(settings)
    of = {key: match.person_id for key, match in identities.matches(settings).of.items()}
    mine: dict[str, list[str]] = defaultdict(list)
    mine |= {said.person_id: [] for said in held.said if said.source == CLAUDE_GROUPS}
    mine |= {person_id: [] for person_id in of.values()}
    for connection in Connection.objects.filter(state="connected").prefetch_related("keys"):
        for member_id, name in _memberships(settings, connection):
            person_id = of.get((str(connection.pk), member_id))
            if person_id is not None:
                mine[person_id].append(name)
    people = [
        Told(row=number, key=person_id, email=held.people[person_id].email, groups=tuple(dict.fromkeys(names)),
             employee_id=held.people[person_id].employee_id)
        for number, (person_id, names) in enumerate(sorted(mine.items()), start=1)
        if person_id in held.people and (held.people[person_id].email or held.people[person_id].employee_id)
    ]  # fmt: skip
    return Delivery(CLAUDE_GROUPS, row.rank, people, frozenset({"groups"}), whole=False)


def _memberships(settings: Settings, connection: Connection) -> Iterator[tuple[str, str]]:
    """Member id and group's name, of every group of a connection."""
    key = next((key for key in connection.keys.all() if key.slot == "admin"), None)
    if key is None:
        return
    secret = open_vault(settings.master_key_file).open(bytes(key.sealed), place_of(key))
    claude = Claude(settings.claude_url, secret, Limiter(settings.requests_per_minute / _SHARE))
    patience = Patience(_PATIENCE)
    try:
        for group in [one for page in _pages(patience, claude.groups) for one in page.groups]:
            for page in _pages(patience, partial(claude.group_members, group.id)):
                yield from ((member, group.name) for member in page.members)
    except (KeyRejected, NoSuchRoute):
        raise Rejected(
            f"The Admin key of {connection.name} does not open Claude's groups; that needs read:rbac_groups."
        ) from None
    except Wait as wait:
        raise Busy(wait.seconds) from None
    except ClaudeError as trouble:
        raise Unavailable(str(trouble)) from None
    finally:
        claude.close()


def _pages(patience: Patience, ask: Callable[[Patience, str | None], Reply]) -> Iterator[groups.Page]:
    at: str | None = None
    seen: set[str] = set()
    while True:
        page = groups.page(ask(patience, at).body)
        patience.progress()
        yield page
        at = page.next_page
        if at is None:
            return
        if at in seen or len(seen) > _PAGES:
            raise Unavailable("its list goes in a circle")
        seen.add(at)
