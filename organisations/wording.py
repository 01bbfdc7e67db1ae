"""Roles and what they may do, in words for people. A test sees to it that every permission has its words."""

from collections.abc import Iterable
from typing import NamedTuple

from organisations.rules import PERMISSIONS, Role

# Beside the choice of a role.
ROLE_WORDS: dict[str, str] = {
    Role.ACCOUNT_MANAGER: "Runs the month: accepts figures, handles breaches, approves what procurement proposes.",
    Role.PROCUREMENT: "Writes and revises contracts, claims credits, approves others’ proposals.",
    Role.AUDITOR: "Sees everything, including the trail. Changes nothing.",
    Role.ADMINISTRATOR: "People, keys and settings. Decides on no figure, breach or credit.",
    Role.VENDOR_MANAGER: "Answers for one vendor: reports figures, invites colleagues, manages the vendor’s keys.",
    Role.VENDOR_REPORTER: "Enters and submits one vendor’s figures and evidence.",
}
# In the order of the page.
PERMISSION_WORDS: dict[str, tuple[tuple[str, str], ...]] = {
    "Look": (
        ("portfolio.view", "See the portfolio of all vendors"),
        ("view.save", "Save views of the portfolio"),
        ("view.share", "Share views with colleagues"),
        ("contract.view", "See contracts and their terms"),
        ("result.view", "See results and why they are so"),
        ("scorecard.view", "See scorecards"),
        ("breach.view", "See breaches"),
        ("pack.view", "See review packs"),
        ("hearing.view", "See requests for relief and disputes"),
        ("submission.view", "See submitted figures"),
        ("ledger.view", "See service credits"),
        ("vendor_home.view", "See what is to be reported"),
        ("inbox.view", "Read one’s own inbox"),
        ("search.use", "Search in what one may see"),
        ("contract.export", "Download contracts as files"),
    ),
    "Figures": (
        ("figures.import", "Enter figures and evidence"),
        ("submission.submit", "Submit figures"),
        ("figures.remind", "Remind vendors of figures"),
        ("submission.decide", "Accept or return submitted figures"),
        ("extension.ask", "Ask for more time"),
        ("extension.decide", "Grant more time"),
    ),
    "Breaches and credits": (
        ("breach.acknowledge", "Acknowledge a breach"),
        ("breach.discuss", "Write in a breach’s thread"),
        ("breach.note", "Write internal notes about a breach"),
        ("rule.view", "See which rules are triggered"),
        ("rule.decide", "Decide about a triggered rule"),
        ("plan.ask", "Ask for a corrective plan"),
        ("plan.propose", "Send a corrective plan"),
        ("plan.report", "Report steps of a plan as done"),
        ("plan.decide", "Accept a corrective plan or send it back"),
        ("breach.close", "Close a breach early, open it again"),
        ("breach.excuse", "Excuse or waive a breach"),
        ("breach.watch", "Watch a breach"),
        ("scorecard.publish", "Publish a month’s scorecard"),
        ("scorecard.accept", "Accept a published scorecard"),
        ("pack.draft", "Write and make review packs"),
        ("pack.publish", "Publish review packs, and hand them over to the vendor"),
        ("pack.receive", "Read the review packs that were handed over"),
        ("export.make", "Have large tables made in the background"),
        ("relief.ask", "Ask for relief"),
        ("relief.decide", "Grant or refuse relief"),
        ("dispute.ask", "Dispute a result"),
        ("dispute.decide", "Rule on a dispute"),
        ("hearing.discuss", "Write about a request for relief or a dispute"),
        ("credit.waive", "Propose to waive a credit"),
        ("credit.approve_waiver", "Approve a waiver that someone else proposed"),
        ("credit.claim", "Claim a credit"),
        ("credit.approve_claim", "Approve a claim that someone else made"),
        ("credit.invoice", "Record credits on invoices and as recovered"),
    ),
    "Contracts": (
        ("catalogue.view", "Look up metrics in the catalogue"),
        ("metric.manage", "Add metrics of one’s own to the catalogue"),
        ("contract.import", "Import and amend contracts"),
        ("revision.replay", "Try new terms on past months"),
        ("revision.view", "See revisions of contracts"),
        ("bulk_revision.view", "See changes of many contracts at once"),
        ("revision.draft", "Write revisions, submit and withdraw them"),
        ("revision.note", "Write internal comments on a revision"),
        ("revision.approve", "Approve what others have written"),
        ("revision.date_back", "Date terms back into a period that has begun"),
        ("revision.consent", "Consent to new terms for the vendor, or propose others"),
        ("owner.assign", "Say who is in charge of a contract"),
    ),
    "People and vendors": (
        ("people.view", "See people"),
        ("people.invite", "Invite people"),
        ("people.manage", "Change roles, disable people, let them rejoin"),
        ("vendor.edit", "Add and edit vendors"),
        ("vendor.merge", "Merge vendors that were entered twice"),
        ("roles.view", "See this table"),
    ),
    "Organisation": (
        ("organisation.home", "See the state of the organisation and its background work"),
        ("organisation.view", "See the organisation’s name, logo and colours"),
        ("settings.view", "See the organisation’s settings"),
        ("settings.manage", "Change the organisation’s settings"),
        ("key.manage", "Make and revoke API keys"),
        ("audit.view", "Read the trail"),
    ),
}
# What a tick alone does not say.
LIMITS: dict[str, str] = {
    "people.invite": "Account managers and procurement: people of a vendor whose contract they are in charge of. "
    "Vendor managers: colleagues.",
    "people.view": "Vendor managers: colleagues.",
    "owner.assign": "Account managers: of a contract that they are in charge of. Vendor managers: their own contact.",
    "audit.view": "Vendor managers: what concerns their company.",
    "key.manage": "Vendor managers: keys of their own vendor.",
}


class Line(NamedTuple):
    """A line of the table: what, its limit, and for each role whether it may."""

    words: str
    limit: str
    allowed: list[bool]


def permission_table(roles: Iterable[Role] = Role) -> list[tuple[str, list[Line]]]:
    """The whole table of who may do what: groups of lines, each with a tick or none for each of `roles`, in their order."""
    wanted = list(roles)
    return [
        (
            group,
            [
                Line(words, LIMITS.get(action, ""), [role in PERMISSIONS[action] for role in wanted])
                for action, words in lines
            ],
        )
        for group, lines in PERMISSION_WORDS.items()
    ]


def role_choices(roles: Iterable[Role]) -> list[tuple[str, str, str]]:
    """Value, name and words of each role."""
    return [(role.value, role.label, ROLE_WORDS[role]) for role in roles]
