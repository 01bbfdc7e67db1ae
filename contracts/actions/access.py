"""Which of a vendor's contracts its people see."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import F

from contracts.models import Contract
from lib.errors import Conflict, RuleBroken
from organisations.actions import require
from organisations.models import Membership


@transaction.atomic
def limit_contracts(
    *, by: Membership, member: Membership, contracts: Collection[Contract] | None, version: int
) -> None:
    """Let somebody of a vendor see these contracts of the vendor alone; None: all of them, those to come too.

    The database holds them to it from their next request on, and whomever they invite and the keys they own. RuleBroken for the
    client's own people, for no contract at all and for another vendor's; Conflict where the person was changed since `version`.
    """
    require(by, "people.manage")
    if not member.is_vendor:
        raise RuleBroken("contracts", f"{member.name} works for the client and sees all contracts.")
    if contracts is not None and not contracts:
        raise RuleBroken("contracts", f"Choose at least one contract. To keep {member.name} out, disable the person.")
    if foreign := [one for one in contracts or () if one.vendor_id != member.vendor_id]:
        raise RuleBroken("contracts", f"{foreign[0].reference} is not a contract of {member.name}’s company.")
    ids = None if contracts is None else sorted(one.pk for one in contracts)
    found = Membership.objects.filter(pk=member.pk, version=version)
    if not found.update(contracts=ids, version=F("version") + 1):
        raise Conflict("version", f"Somebody else changed {member.name} meanwhile. Look again before you change it.")
    member.refresh_from_db()
