"""Files of accounts payable: looked at first, then booked; and the columns in which claims go there."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction

from credits.actions.claims import mark_recovered, put_on_invoice
from credits.models import ColumnTemplate, CreditClaim, Reconciliation
from credits.reconciling import RawRow, fingerprint, outcomes_of
from credits.rules import RECONCILIATION_TRANSITIONS, ReconciliationStatus
from lib import clock
from lib.errors import Conflict, RuleBroken
from lib.transitions import move, must_be_as_seen
from organisations.actions import require
from organisations.models import Membership


@transaction.atomic
def look_at_file(*, by: Membership, filename: str, rows: Sequence[RawRow]) -> Reconciliation:
    """Keep the rows of a file, to be looked at before anything is booked."""
    require(by, "credit.invoice")
    return Reconciliation.objects.create(
        filename=filename[:200], rows=[[line, cells] for line, cells in rows], by=by, made_at=clock.database_now()
    )


@transaction.atomic
def book_file(
    *, by: Membership, reconciliation: Reconciliation, seen: int | None = None, seen_outcomes: str = ""
) -> Reconciliation:
    """Book the rows that match a claim: recovered, and on the invoice before where the row names one. The others stay as they are.

    `seen_outcomes`: the fingerprint of what was looked at; Conflict where it is another by now, RuleBroken where no row matches.
    """
    require(by, "credit.invoice")
    must_be_as_seen(reconciliation, seen)
    now = clock.database_now()
    found = outcomes_of(reconciliation.rows, now)
    if seen_outcomes and seen_outcomes != fingerprint(found):
        raise Conflict("changed", "Claims of this file have changed since you looked. See what the rows mean now.")
    good = [one for one in found if one.claim is not None]
    if not good:
        raise RuleBroken("nothing", "No row of the file matches a claim. Correct the file and choose it again.")
    claims = CreditClaim.objects.select_related("contract").in_bulk([one.claim for one in good])
    for one in good:
        claim = claims[one.claim]
        if one.invoice:
            on = date.fromisoformat(one.invoiced_on)
            put_on_invoice(by=by, claim=claim, invoice=one.invoice, on=on, seen=one.version, amount=Decimal(one.due))
        mark_recovered(by=by, claim=claim, on=date.fromisoformat(one.paid_on), payment=one.payment)
    changes = {"outcomes": [one.as_json() for one in found], "booked_by": by, "booked_at": now}
    return move(reconciliation, ReconciliationStatus.BOOKED, RECONCILIATION_TRANSITIONS, **changes)


@transaction.atomic
def discard_file(*, by: Membership, reconciliation: Reconciliation, seen: int | None = None) -> Reconciliation:
    """Nothing of the file is booked."""
    require(by, "credit.invoice")
    must_be_as_seen(reconciliation, seen)
    return move(reconciliation, ReconciliationStatus.DISCARDED, RECONCILIATION_TRANSITIONS)


@transaction.atomic
def save_template(
    *,
    by: Membership,
    name: str,
    columns: Sequence[tuple[str, str]],
    template: ColumnTemplate | None = None,
    seen: int | None = None,
) -> ColumnTemplate:
    """Write the columns for accounts payable, (name, head) in their order; a new template where none is given.

    RuleBroken without a column, and for a name that another template has.
    """
    require(by, "credit.invoice")
    if not columns:
        raise RuleBroken("columns", "Give at least one column a place.")
    heads = [head.casefold() for _, head in columns]
    if len(set(heads)) < len(heads):
        raise RuleBroken("columns", "Two columns have the same head.")
    values = {"name": name.strip(), "columns": [[column, head] for column, head in columns]}
    try:
        with transaction.atomic():
            if template is None:
                return ColumnTemplate.objects.create(**values)
            must_be_as_seen(template, seen)
            changed = ColumnTemplate.objects.filter(pk=template.pk, version=template.version)
            if not changed.update(**values, version=template.version + 1):
                raise Conflict("version", "Somebody else changed this at the same moment. Reload to see it.")
    except IntegrityError as twice:
        if "columntemplate_name" not in str(twice):
            raise
        raise RuleBroken("name", "Another template has this name.") from twice
    template.refresh_from_db()
    return template


@transaction.atomic
def remove_template(*, by: Membership, template: ColumnTemplate, seen: int | None = None) -> None:
    require(by, "credit.invoice")
    must_be_as_seen(template, seen)
    template.delete()
