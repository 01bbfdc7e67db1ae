"""How long a contract runs: an early end and a renewal, each the draft of a revision as any other change is."""

from datetime import date

from django.db import transaction

from agreements.actions.drafts import save_draft, start_revision
from agreements.drafting.term import with_last_day
from agreements.models import Revision
from contracts import contract_file
from contracts.models import Contract
from lib import clock
from lib.errors import RuleBroken
from lib.templatetags.dates import format_day
from lib.texts import checked
from organisations.actions import require
from organisations.models import Membership
from slas.actions import export_contract


@transaction.atomic
def end_early(*, by: Membership, contract: Contract, last: date, reason: str, beside: bool = False) -> Revision:
    """Draft that the contract ends on `last` instead. Both sides agree to it as to any revision; nothing has changed before.

    RuleBroken (`last`) for a day that is over, since what was judged stands, or no earlier one than is agreed. Conflict as for
    `start_revision`.
    """
    require(by, "revision.draft")
    today = contract.day(clock.database_now())
    if last < max(today, contract.starts_on):
        raise RuleBroken(
            "last", f"{format_day(last)} is over, and what was judged stands. Choose today or a later day."
        )
    if last >= contract.ends_on:
        raise RuleBroken("last", f"It ends on {format_day(contract.ends_on)} anyway. Choose an earlier day.")
    return _with_last_day(by, contract, last, f"End on {format_day(last)}", checked(reason, "reason"), beside)


@transaction.atomic
def renew(*, by: Membership, contract: Contract, last: date, reason: str, beside: bool = False) -> Revision:
    """Draft that the contract runs until `last`. What else is to change from then on is written into the draft afterwards.

    RuleBroken (`last`) for a day that is not later than the one agreed. Conflict as for `start_revision`.
    """
    require(by, "revision.draft")
    if last <= contract.ends_on:
        raise RuleBroken("last", f"It runs until {format_day(contract.ends_on)} already. Choose a later day.")
    return _with_last_day(by, contract, last, f"Renewal until {format_day(last)}", checked(reason, "reason"), beside)


def _with_last_day(by: Membership, contract: Contract, last: date, title: str, reason: str, beside: bool) -> Revision:
    document = contract_file.write(with_last_day(export_contract(by=None, contract=contract), last))
    made = start_revision(by=by, contract=contract, title=title, document=document, beside=beside)
    save_draft(by=by, revision=made, version=made.draft.version, reason=reason)
    return made
