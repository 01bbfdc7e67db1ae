"""The credit ledger: it follows the months' money, and is checked against it."""

from datetime import datetime
from pathlib import Path

from django.db import connection, transaction

from organisations.scope import current_organisation_id

SQL = Path(__file__).parent.parent / "sql"
POST = (SQL / "post.sql").read_text()


@transaction.atomic
def post_due(*, now: datetime) -> int:
    """Post what the ledger of the organisation in scope lacks: one statement. Returns the number of entries; 0 the second time.

    A month that is final, as all months before it are: its credit (`accrual`, also when it is 0: the month is closed), what returns
    in it (`earn_back`) and, for the record, what a cap cut (`capped_amount`). A month that was posted and comes to something else now: one
    `adjustment` in the open month, with the reason; a waiver of what is no longer owed is taken back.
    """
    with connection.cursor() as cursor:
        cursor.execute(POST, {"organisation": current_organisation_id(), "now": now})
        return int(cursor.rowcount)
