"""The credit ledger: it follows the months' money, and is checked against it."""

from datetime import datetime
from pathlib import Path

from django.db import connection, transaction

from contracts.models import Reevaluation
from credits.actions.holds import follow_holds
from evaluation.apart import do_apart
from evaluation.follow_up import judged_since, note_seen
from organisations.scope import current_organisation_id

SQL = Path(__file__).parent.parent / "sql"
POST = (SQL / "post.sql").read_text()


STEP = "post"


@transaction.atomic
def post_due(*, now: datetime) -> int:
    """Post what the ledger of contracts that were judged since lacks. Returns the number of entries; 0 the second time.

    A month that is final, as all months before it are: its credit (`accrual`, also when it is 0: the month is closed), what returns
    in it (`earn_back`) and, for the record, what a cap cut (`capped_amount`). A month that was posted and comes to something else now: one
    `adjustment` in the open month, with the reason; a waiver of what is no longer owed is taken back. What people do about credits
    (waivers, invoices) asks for no posting of its own: it is never more than the month's balance.
    """
    judged, entries = judged_since(STEP, now=now), 0
    if not judged:
        return 0

    def work(contracts: list[int]) -> None:
        nonlocal entries
        with connection.cursor() as cursor:
            cursor.execute(POST, {"organisation": current_organisation_id(), "contracts": contracts, "now": now})
            entries += cursor.rowcount
        follow_holds(contracts, now)

    failed = set(Reevaluation.objects.filter(failed_step=STEP).values_list("contract_id", flat=True))
    done = do_apart({contract: contract for contract in judged}, work, step=STEP, failed_before=failed, now=now)
    note_seen(STEP, {contract: judged[contract] for contract in done})
    return entries
