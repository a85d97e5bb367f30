"""Who may do what: one row an action. Pages, commands, API, docs and tests read this table; nothing else decides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from uptake.domain.problems import NotAllowed


class Role(StrEnum):
    COMPANY_ADMIN = "company_admin"
    HR_ADMIN = "hr_admin"
    IT_ADMIN = "it_admin"
    MANAGER = "manager"
    EMPLOYEE = "employee"
    AUDITOR = "auditor"

    @property
    def label(self) -> str:
        return {"hr_admin": "HR Admin", "it_admin": "IT Admin"}.get(self.value, self.value.replace("_", " ").title())


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks. The operator on the host (commands) is a viewer too: whoever can read the home folder can do it all."""

    name: str
    role: Role
    account_id: int | None = None
    on_host: bool = False
    only: frozenset[str] | None = None  # a token's scopes: of what the role carries, these alone
    real: Role | None = None  # while looking as another role: the account's own; only what both carry may be done
    tree: str = ""  # while looking as a Manager: the tree that is looked at as the own one

    @property
    def own_role(self) -> Role:
        """The role of the account itself: what the audit names."""
        return self.real or self.role

    def looking_as(self, role: Role, tree: str = "") -> Viewer:
        """The same account, seeing what a role sees, and never more than it sees itself."""
        return replace(self, role=role, real=self.own_role, tree=tree if role is Role.MANAGER else "")


OPERATOR = Viewer(name="operator on the host", role=Role.COMPANY_ADMIN, on_host=True)
SCHEDULE = Viewer(name="schedule", role=Role.COMPANY_ADMIN, on_host=True)

ADMINS = frozenset({Role.COMPANY_ADMIN, Role.HR_ADMIN, Role.IT_ADMIN})
"""Of whom a second factor can be wanted, see UPTAKE_REQUIRE_SECOND_FACTOR."""

_CONNECTORS = ADMINS
_COMPANY = frozenset({Role.COMPANY_ADMIN})
_READERS = frozenset({Role.COMPANY_ADMIN, Role.HR_ADMIN, Role.IT_ADMIN})
_FIGURES = _READERS | {Role.MANAGER}
_HR = frozenset({Role.COMPANY_ADMIN, Role.HR_ADMIN})
_WATCHERS = frozenset({Role.COMPANY_ADMIN, Role.AUDITOR})
_EVERYBODY = frozenset(Role)
_HOST_ONLY: frozenset[Role] = frozenset()


@dataclass(frozen=True, slots=True)
class Row:
    """One action: what it does, in the words a refusal shows, the roles that carry it, and whether it asks again."""

    words: str
    roles: frozenset[Role]
    confirm: bool = False  # a browser must have given password or second factor within the last minutes


ACTIONS: dict[str, Row] = {
    "connection.connect": Row("connect Claude", _CONNECTORS, confirm=True),
    "connection.check_key": Row("have a key looked at", _CONNECTORS),
    "connection.replace_key": Row("replace a key", _CONNECTORS, confirm=True),
    "connection.disconnect": Row("disconnect Claude", _CONNECTORS, confirm=True),
    "connection.erase": Row("erase what was read", frozenset({Role.COMPANY_ADMIN}), confirm=True),
    "connection.view": Row("see how the connection stands", _CONNECTORS | {Role.AUDITOR}),
    "handover.create": Row("make a hand-over link for a key", _CONNECTORS, confirm=True),
    "handover.withdraw": Row("withdraw a hand-over link", _CONNECTORS),
    "handover.receive": Row("give a key by a hand-over link; whoever holds the link", _EVERYBODY),
    "sync.run": Row("start a sync", _CONNECTORS),
    "held_back.release": Row("accept an answer that is held back", _CONNECTORS),
    "teams.view": Row("see figures of teams; as Manager, of the own one", _FIGURES),
    "numbers.ask": Row("see figures of the whole organisation", _READERS),
    "numbers.export": Row("take figures along as a file", _FIGURES),
    "numbers.ask_own_team": Row("see figures of the people below you", frozenset({Role.MANAGER})),
    "saved_view.view": Row("open saved views: your own, and those that are shared", _FIGURES),
    "saved_view.save": Row("save what you look at under a name", _FIGURES),
    "saved_view.rename": Row("give a saved view of yours another name", _FIGURES),
    "saved_view.share": Row("list a saved view of yours for everybody here", _FIGURES),
    "saved_view.delete": Row("delete a saved view of yours; as Company Admin, a shared one of anybody", _FIGURES),
    "insights.view": Row("see findings of data and seats", _READERS | {Role.MANAGER}),
    "insights.of_use": Row("see findings of use; as Manager, of the own tree", _HR | {Role.MANAGER}),
    "seats.view": Row("see who holds a seat, and whether it lies idle", _CONNECTORS),
    "seats.ask": Row("ask who holds a seat whether it is still needed", _CONNECTORS),
    "seats.price": Row("keep the price of a seat", _CONNECTORS),
    "seats.export": Row("take the list of seats along as a file", _CONNECTORS, confirm=True),
    "people.view": Row("see the company's directory", _CONNECTORS),
    "people.import": Row("change the company's directory", _HR),
    "people.export": Row("export the company's directory", _HR, confirm=True),
    "people.order": Row("say which source of the directory is believed first", _HR),
    "people.link": Row("say which member is which person", _HR),
    "people.unlink": Row("take back what was said about a member", _HR),
    "people.mark": Row("mark contractors and service accounts", _HR),
    "people.connect": Row("connect a source of the directory", _CONNECTORS, confirm=True),
    "people.disconnect": Row("disconnect a source of the directory", _CONNECTORS, confirm=True),
    "people.accept": Row("say that many really left the directory", _HR),
    "people.sync": Row("have the directory read again", _CONNECTORS),
    "facts.export": Row("export the facts as held, where the policy opens them", _HR, confirm=True),
    "export.view": Row("see and fetch the files you asked for", _READERS | {Role.MANAGER}),
    "digest.view": Row("see which digests you get, and end yours", _EVERYBODY),
    "digest.subscribe": Row("have a digest of what you may see sent to yourself", _READERS | {Role.MANAGER}),
    "digest.unsubscribe": Row("end your digest; whoever holds the link of a mail", _EVERYBODY),
    "digest.preview": Row("see and try out the digest you would get", _READERS | {Role.MANAGER}),
    "digest.send": Row("send the digests that are due", _HOST_ONLY),
    "channel.view": Row("see the channels that digests go to", _CONNECTORS),
    "channel.add": Row("have digests of what you may see sent into a channel", _CONNECTORS, confirm=True),
    "channel.test": Row("send a test into a channel", _CONNECTORS),
    "channel.remove": Row("send no digests into a channel any more", _CONNECTORS),
    "scim.connect": Row("make a token for SCIM", _CONNECTORS, confirm=True),
    "scim.revoke": Row("revoke a token for SCIM", _CONNECTORS),
    "scim.view": Row("see the tokens and groups of SCIM", _CONNECTORS),
    "scim.map_group": Row("say which role a group gives", frozenset({Role.COMPANY_ADMIN}), confirm=True),
    "scim.provision": Row("keep users and groups by SCIM; only with a token made for it", _CONNECTORS),
    "member.history": Row("see what the rosters said of one member over time", _HOST_ONLY),
    "measures.read": Row("see what is read and what never is", _EVERYBODY),
    "style.view": Row("see what the pages are made of", _COMPANY),
    "view_as.start": Row("look at the pages as another role does, which changes nothing", _HR),
    "view_as.stop": Row("stop looking as another role", _EVERYBODY),
    "account.view": Row("see the accounts of everybody", _COMPANY),
    "account.create": Row("make an account", _COMPANY, confirm=True),
    "account.role": Row("give an account another role", _COMPANY, confirm=True),
    "account.deactivate": Row("deactivate an account", _COMPANY, confirm=True),
    "account.activate": Row("activate an account again", _COMPANY, confirm=True),
    "account.end_sessions": Row("sign somebody else out everywhere", _COMPANY, confirm=True),
    "account.forget_factors": Row("remove the second factors of somebody who lost them", _COMPANY, confirm=True),
    "account.forget_password": Row("have the password of somebody forgotten", _COMPANY, confirm=True),
    "token.create": Row("make an API token for yourself", frozenset(Role) - {Role.EMPLOYEE}, confirm=True),
    "token.view": Row("see your API tokens; as Company Admin, everybody's", _EVERYBODY),
    "token.revoke": Row("revoke an API token of yours; as Company Admin, anybody's", _EVERYBODY),
    "session.view": Row("see where you are signed in", _EVERYBODY),
    "session.end": Row("end sessions of your own", _EVERYBODY),
    "password.set": Row("set your password", _EVERYBODY),
    "second_factor.view": Row("see your second factors", _EVERYBODY),
    "second_factor.add": Row("add a second factor of yours", _EVERYBODY, confirm=True),
    "second_factor.remove": Row("remove a second factor of yours", _EVERYBODY, confirm=True),
    "second_factor.codes": Row("make new recovery codes for yourself", _EVERYBODY, confirm=True),
    "link.create": Row("make a sign-in link for an account", _COMPANY, confirm=True),
    "identity.view": Row("see by which identities you sign in; as Company Admin, everybody's", _EVERYBODY),
    "identity.link": Row("link an identity of an identity provider to your account", _EVERYBODY, confirm=True),
    "identity.unlink": Row("take an identity away from your account; as Company Admin, from anybody's", _EVERYBODY),
    "identity.expect": Row(
        "have somebody's next sign-in by an identity provider linked to their account",
        frozenset({Role.COMPANY_ADMIN}),
        confirm=True,
    ),
    "identity.role": Row("take the role that the groups of an identity provider give", _HOST_ONLY),
    "account.sign_in": Row("sign in", _EVERYBODY),
    "person.own": Row("see and download what is held about yourself", _EVERYBODY),
    "person.view": Row("look at one person, where the policy opens it", _HR | {Role.MANAGER}),
    "person.erase": Row("erase a person", _HR, confirm=True),
    "person.readmit": Row("let a person who was erased be held again", _HR, confirm=True),
    "policy.view": Row("see who sees what", _EVERYBODY),
    "policy.set": Row(
        "set who sees what of people, and how long it is kept", frozenset({Role.COMPANY_ADMIN}), confirm=True
    ),
    "policy.confirm": Row(
        "accept a change of the policy that another one proposed", frozenset({Role.COMPANY_ADMIN}), confirm=True
    ),
    "retention.apply": Row("remove what is older than the policy keeps", _HOST_ONLY),
    "audit.prune": Row("remove the oldest entries of the audit", _HOST_ONLY),
    "audit.view": Row("read the audit", _WATCHERS),
    "audit.verify": Row("check that the audit is whole", _WATCHERS),
    "audit.export": Row("take the audit along as a file", _WATCHERS, confirm=True),
    "master_key.rotate": Row("rotate the master key", _HOST_ONLY),
    "backup.make": Row("make a backup", _HOST_ONLY),
    "backup.restore": Row("restore a backup", _HOST_ONLY),
    "doctor.look": Row("look at everything the installation stands on", _HOST_ONLY),
}
"""Action → what it is and who carries it. An empty row is for the operator on the host alone."""

PERMISSIONS: dict[str, frozenset[Role]] = {action: row.roles for action, row in ACTIONS.items()}


_PART_OF = {"numbers.ask_own_team": "numbers.ask"}
"""Actions that are a part of another one: whoever may do that one holds all that they show."""


def may(viewer: Viewer, action: str) -> bool:
    """Whether the viewer may do the action. Unknown actions raise KeyError: a typo must not be a permission."""
    carried = viewer.role in PERMISSIONS[action] and (viewer.only is None or action in viewer.only)
    if viewer.real is not None and not _holds(viewer.real, action):
        return False
    return carried or viewer.on_host


def _holds(role: Role, action: str) -> bool:
    return role in PERMISSIONS[action] or role in PERMISSIONS[_PART_OF.get(action, action)]


def lookable(viewer: Viewer) -> tuple[Role, ...]:
    """The roles that the viewer may look as: those of which the own one holds everything. Of any other, what is not held
    would be missing, and the pages would not be those that the role sees."""
    if not may(viewer, "view_as.start"):
        return ()
    return tuple(
        role
        for role in Role
        if role is not viewer.own_role
        and all(_holds(viewer.own_role, action) for action, roles in PERMISSIONS.items() if role in roles)
    )


def require(viewer: Viewer, action: str) -> None:
    """Raise NotAllowed unless the viewer may do the action."""
    if not may(viewer, action):
        if viewer.only is not None and viewer.role in PERMISSIONS[action]:
            raise NotAllowed(
                f"This token is not made to {ACTIONS[action].words}.",
                f"Make one with the scope {action} under Your account.",
            )
        roles = " or ".join(role.label for role in Role if role in PERMISSIONS[action])
        who = f"somebody who is {roles}" if roles else "the operator on the host"
        raise NotAllowed(f"{viewer.role.label} may not {ACTIONS[action].words}.", f"Ask {who}.")
