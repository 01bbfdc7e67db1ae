"""Who may do what: one table. Views and actions name their action; a test lists those that do not."""

from django.db.models import TextChoices


class Role(TextChoices):
    ACCOUNT_MANAGER = "account_manager", "Account manager"
    PROCUREMENT = "procurement", "Procurement"
    ADMINISTRATOR = "administrator", "Administrator"
    AUDITOR = "auditor", "Auditor"
    VENDOR_MANAGER = "vendor_manager", "Vendor manager"
    VENDOR_REPORTER = "vendor_reporter", "Vendor reporter"


VENDOR_ROLES = frozenset({Role.VENDOR_MANAGER, Role.VENDOR_REPORTER})
STAFF_ROLES = frozenset(Role) - VENDOR_ROLES

_R = Role
PERMISSIONS: dict[str, frozenset[Role]] = {
    # staff see their organisation; vendors' people see what is their vendor's
    "portfolio.view": STAFF_ROLES,
    "vendor_home.view": VENDOR_ROLES,
    "contract.view": STAFF_ROLES | VENDOR_ROLES,
    "contract.import": frozenset({_R.PROCUREMENT}),
    "contract.export": STAFF_ROLES | VENDOR_ROLES,
    "figures.import": frozenset({_R.ACCOUNT_MANAGER, _R.VENDOR_MANAGER, _R.VENDOR_REPORTER}),
    "submission.view": STAFF_ROLES | VENDOR_ROLES,
    "submission.submit": frozenset({_R.ACCOUNT_MANAGER, _R.VENDOR_MANAGER, _R.VENDOR_REPORTER}),
    "submission.decide": frozenset({_R.ACCOUNT_MANAGER}),
    "result.view": STAFF_ROLES | VENDOR_ROLES,
    "breach.view": STAFF_ROLES | VENDOR_ROLES,
    "breach.acknowledge": frozenset({_R.ACCOUNT_MANAGER}),
    "scorecard.view": STAFF_ROLES | VENDOR_ROLES,
    "ledger.view": STAFF_ROLES | VENDOR_ROLES,
    "credit.waive": frozenset({_R.ACCOUNT_MANAGER, _R.PROCUREMENT}),
    "credit.approve_waiver": frozenset({_R.ACCOUNT_MANAGER, _R.PROCUREMENT}),
    "credit.invoice": frozenset({_R.PROCUREMENT}),
    "revision.replay": frozenset({_R.PROCUREMENT, _R.ACCOUNT_MANAGER}),
    "inbox.view": STAFF_ROLES | VENDOR_ROLES,
    "people.manage": frozenset({_R.ADMINISTRATOR}),
    "audit.view": frozenset({_R.ADMINISTRATOR, _R.AUDITOR}),
}


def may(role: str, action: str) -> bool:
    """Whether the role may do the action. An action that is not in the table is a programming error (KeyError)."""
    return role in PERMISSIONS[action]
