"""Who may do what: one table. Views and actions name their action; a test lists those that do not."""

from collections.abc import Collection
from datetime import timedelta
from typing import NamedTuple

from django.db.models import TextChoices


class Role(TextChoices):
    ACCOUNT_MANAGER = "account_manager", "Account manager"
    PROCUREMENT = "procurement", "Procurement"
    ADMINISTRATOR = "administrator", "Administrator"
    AUDITOR = "auditor", "Auditor"
    VENDOR_MANAGER = "vendor_manager", "Vendor manager"
    VENDOR_REPORTER = "vendor_reporter", "Vendor reporter"


class Factor(TextChoices):
    """What somebody proves besides the password."""

    NONE = "none", "None"
    CODE = "code", "Code app"
    PASSKEY = "passkey", "Passkey"


class InvitationStatus(TextChoices):
    """`lapsed` is no state: an open invitation is lapsed from its last moment on, without anybody's doing."""

    OPEN = "open", "Open"
    ACCEPTED = "accepted", "Accepted"
    REVOKED = "revoked", "Revoked"


INVITATION_MOVES: dict[str, frozenset[str]] = {
    InvitationStatus.OPEN: frozenset({InvitationStatus.ACCEPTED, InvitationStatus.REVOKED}),
}
INVITATION_AGE = timedelta(days=7)

VENDOR_ROLES = frozenset({Role.VENDOR_MANAGER, Role.VENDOR_REPORTER})
STAFF_ROLES = frozenset(Role) - VENDOR_ROLES


class KeyScope(TextChoices):
    """What an API key is for; each includes those before it."""

    READ = "read", "Read"
    REPORT = "report", "Read and report"
    MANAGE = "manage", "Manage"


class SecondFactor(TextChoices):
    """Whom an organisation asks for a second factor."""

    NOBODY = "nobody", "Nobody"
    STAFF = "staff", "Our own people"
    VENDORS = "vendors", "Vendors’ people"
    EVERYBODY = "everybody", "Everybody"


LOGO_BYTES = 200 * 1024
LOGO_SIDE = (32, 1024)  # pixels
# The shortest time that things are kept: figures are disputed for as long, and of younger events a second letter could be written.
KEEP_EVIDENCE_YEARS = 2
KEEP_MAIL_DAYS = 90
MOST_APPROVALS = 5  # of one revision of a contract
KEEP_TRAIL_YEARS = 2
# Periods met in a row after which a corrective plan is verified, where neither contract nor organisation say.
VERIFY_AFTER = 3

TIERS = (1, 2, 3)


class Filed(NamedTuple):
    """How the client files a vendor: its tier (1 is what the client can least do without; None: not filed) and what it does."""

    tier: int | None
    service: str


NOT_FILED = Filed(None, "")

_R = Role
PERMISSIONS: dict[str, frozenset[Role]] = {
    # staff see their organisation; vendors' people see what is their vendor's
    "portfolio.view": STAFF_ROLES,
    "vendor_home.view": VENDOR_ROLES,
    "view.save": STAFF_ROLES - {_R.AUDITOR},
    "view.share": frozenset({_R.ACCOUNT_MANAGER, _R.PROCUREMENT, _R.ADMINISTRATOR}),
    "contract.view": STAFF_ROLES | VENDOR_ROLES,
    "catalogue.view": STAFF_ROLES,
    "metric.manage": frozenset({_R.PROCUREMENT}),
    "contract.import": frozenset({_R.PROCUREMENT}),
    "contract.export": STAFF_ROLES | VENDOR_ROLES,
    "figures.import": frozenset({_R.ACCOUNT_MANAGER, _R.VENDOR_MANAGER, _R.VENDOR_REPORTER}),
    "submission.view": STAFF_ROLES | VENDOR_ROLES,
    "submission.submit": frozenset({_R.ACCOUNT_MANAGER, _R.VENDOR_MANAGER, _R.VENDOR_REPORTER}),
    "figures.remind": frozenset({_R.ACCOUNT_MANAGER}),
    "submission.decide": frozenset({_R.ACCOUNT_MANAGER}),
    "result.view": STAFF_ROLES | VENDOR_ROLES,
    "breach.view": STAFF_ROLES | VENDOR_ROLES,
    "breach.acknowledge": frozenset({_R.ACCOUNT_MANAGER}),
    "breach.close": frozenset({_R.ACCOUNT_MANAGER}),
    "breach.excuse": frozenset({_R.ACCOUNT_MANAGER, _R.PROCUREMENT}),
    "breach.watch": STAFF_ROLES,
    "breach.discuss": frozenset({_R.ACCOUNT_MANAGER, _R.PROCUREMENT, _R.VENDOR_MANAGER, _R.VENDOR_REPORTER}),
    "breach.note": frozenset({_R.ACCOUNT_MANAGER, _R.PROCUREMENT}),
    "rule.view": STAFF_ROLES,
    "rule.decide": frozenset({_R.ACCOUNT_MANAGER, _R.PROCUREMENT}),
    "plan.ask": frozenset({_R.ACCOUNT_MANAGER}),
    "plan.propose": frozenset({_R.VENDOR_MANAGER, _R.VENDOR_REPORTER}),
    "plan.report": frozenset({_R.VENDOR_MANAGER, _R.VENDOR_REPORTER}),
    "plan.decide": frozenset({_R.ACCOUNT_MANAGER}),
    "hearing.view": STAFF_ROLES | VENDOR_ROLES,
    "hearing.discuss": frozenset({_R.ACCOUNT_MANAGER, _R.PROCUREMENT, _R.VENDOR_MANAGER, _R.VENDOR_REPORTER}),
    "relief.ask": frozenset({_R.VENDOR_MANAGER, _R.VENDOR_REPORTER}),
    "relief.decide": frozenset({_R.ACCOUNT_MANAGER}),
    "dispute.ask": frozenset({_R.VENDOR_MANAGER, _R.VENDOR_REPORTER}),
    "dispute.decide": frozenset({_R.ACCOUNT_MANAGER}),
    "extension.ask": frozenset({_R.VENDOR_MANAGER, _R.VENDOR_REPORTER}),
    "extension.decide": frozenset({_R.ACCOUNT_MANAGER}),
    "scorecard.view": STAFF_ROLES | VENDOR_ROLES,
    "scorecard.publish": frozenset({_R.ACCOUNT_MANAGER}),
    "scorecard.accept": frozenset({_R.VENDOR_MANAGER}),
    "pack.view": STAFF_ROLES,
    "pack.draft": frozenset({_R.ACCOUNT_MANAGER, _R.PROCUREMENT}),
    "pack.publish": frozenset({_R.ACCOUNT_MANAGER}),
    "pack.receive": VENDOR_ROLES,
    "export.make": STAFF_ROLES | VENDOR_ROLES,
    "ledger.view": STAFF_ROLES | VENDOR_ROLES,
    "credit.waive": frozenset({_R.ACCOUNT_MANAGER, _R.PROCUREMENT}),
    "credit.approve_waiver": frozenset({_R.ACCOUNT_MANAGER, _R.PROCUREMENT}),
    "credit.claim": frozenset({_R.ACCOUNT_MANAGER, _R.PROCUREMENT}),
    "credit.approve_claim": frozenset({_R.ACCOUNT_MANAGER, _R.PROCUREMENT}),
    "credit.invoice": frozenset({_R.PROCUREMENT}),
    "revision.replay": frozenset({_R.PROCUREMENT, _R.ACCOUNT_MANAGER}),
    "revision.view": STAFF_ROLES | VENDOR_ROLES,
    "bulk_revision.view": STAFF_ROLES,
    "revision.draft": frozenset({_R.PROCUREMENT}),
    "revision.date_back": frozenset({_R.PROCUREMENT}),
    "revision.note": frozenset({_R.PROCUREMENT, _R.ACCOUNT_MANAGER}),
    "revision.approve": frozenset({_R.PROCUREMENT, _R.ACCOUNT_MANAGER}),
    "revision.consent": frozenset({_R.VENDOR_MANAGER}),
    "search.use": STAFF_ROLES | VENDOR_ROLES,
    "inbox.view": STAFF_ROLES | VENDOR_ROLES,
    "organisation.home": frozenset({_R.ADMINISTRATOR, _R.AUDITOR}),
    "organisation.view": STAFF_ROLES,
    "settings.view": frozenset({_R.ADMINISTRATOR, _R.AUDITOR}),
    "settings.manage": frozenset({_R.ADMINISTRATOR}),
    "roles.view": STAFF_ROLES | VENDOR_ROLES,
    "people.view": STAFF_ROLES | {_R.VENDOR_MANAGER},
    "people.invite": frozenset({_R.ADMINISTRATOR, _R.ACCOUNT_MANAGER, _R.PROCUREMENT, _R.VENDOR_MANAGER}),
    "people.manage": frozenset({_R.ADMINISTRATOR}),
    "owner.assign": frozenset({_R.ADMINISTRATOR, _R.ACCOUNT_MANAGER, _R.PROCUREMENT, _R.VENDOR_MANAGER}),
    "vendor.edit": frozenset({_R.ADMINISTRATOR, _R.PROCUREMENT}),
    "vendor.merge": frozenset({_R.ADMINISTRATOR, _R.PROCUREMENT}),
    "audit.view": frozenset({_R.ADMINISTRATOR, _R.AUDITOR, _R.VENDOR_MANAGER}),
    "key.manage": frozenset({_R.ADMINISTRATOR, _R.PROCUREMENT, _R.ACCOUNT_MANAGER, _R.VENDOR_MANAGER}),
}

KEY_AGE = timedelta(days=731)  # the longest that a key is made for
KEY_OVERLAP = timedelta(days=7)  # a key that was rotated still works for so long
KEY_SOON = timedelta(days=14)  # from then on the page says that it ends

# What keys of each scope may do, by the second word of the action; REPORT_ACTIONS and MANAGE_ACTIONS by the whole. What is in none,
# no key does: keys decide and approve nothing, make no keys, and neither make nor unmake administrators.
READ_VERBS = frozenset({"view", "export", "home", "use", "receive"})
REPORT_ACTIONS = frozenset(
    {"figures.import", "submission.submit", "breach.discuss", "plan.propose", "plan.report"}
    | {"hearing.discuss", "relief.ask", "dispute.ask", "extension.ask"}
)
MANAGE_VERBS = frozenset(
    {
        "import",
        "acknowledge",
        "waive",
        "claim",
        "invoice",
        "replay",
        "edit",
        "invite",
        "assign",
        "note",
        "ask",
        "draft",
        "publish",
        "remind",
    }
)
MANAGE_ACTIONS = frozenset({"people.manage"})
NEVER_VERBS = frozenset(
    {
        "decide",
        "accept",
        "approve_waiver",
        "approve_claim",
        "manage",
        "merge",
        "close",
        "excuse",
        "watch",
        "make",
        "save",
        "share",
        "approve",
        "consent",
        "date_back",
    }
)


# What a key that the client's people limit to a vendor does not do in the vendor's name: its owner may do it for contracts of theirs alone.
NOT_FOR_VENDOR = frozenset({"people.invite", "owner.assign"})


def may(role: str, action: str) -> bool:
    """Whether the role may do the action. An action that is not in the table is a programming error (KeyError)."""
    return role in PERMISSIONS[action]


def key_actions(scope: str, owner_role: str) -> frozenset[str]:
    """What a key of this scope may do while its owner has this role. Raises ValueError for a scope that there is not."""
    scopes = list(KeyScope)
    level = scopes.index(KeyScope(scope))

    def included(action: str) -> bool:
        verb = action.partition(".")[2]
        if verb in READ_VERBS:
            return True
        if action in REPORT_ACTIONS:
            return level >= scopes.index(KeyScope.REPORT)
        return (verb in MANAGE_VERBS or action in MANAGE_ACTIONS) and level >= scopes.index(KeyScope.MANAGE)

    return frozenset(action for action in PERMISSIONS if included(action) and may(owner_role, action))


def needs_second_factor(asked: str, *, of_vendor: bool) -> bool:
    """Whether a person, of a vendor or of the client's staff, is among those whom the organisation asks for a second factor."""
    return asked == SecondFactor.EVERYBODY or asked == (SecondFactor.VENDORS if of_vendor else SecondFactor.STAFF)


def may_invite(role: str, to: str, *, of_own_or_held_vendor: bool) -> bool:
    """Whether somebody with the role `role` may invite somebody into the role `to`.

    Administrators invite anybody; account managers and procurement people of a vendor whose contract they are in charge of;
    a vendor's manager colleagues. `of_own_or_held_vendor`: the invitation is for such a vendor.
    """
    if role == Role.ADMINISTRATOR:
        return True
    return may(role, "people.invite") and to in VENDOR_ROLES and of_own_or_held_vendor


def roles_beside(role: str) -> list[Role]:
    """The roles that a member with this one can change to: a person stays on the side of the client or of the vendor."""
    side: Collection[Role] = VENDOR_ROLES if role in VENDOR_ROLES else STAFF_ROLES
    return [one for one in Role if one in side]
