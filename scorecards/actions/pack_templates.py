"""What the next review packs of an organisation begin with."""

from django.db import transaction

from contracts.models import Contract
from lib import clock
from lib.months import each_month
from organisations.actions import require
from organisations.models import Membership
from scorecards.models import PackTemplate, ReviewPack


@transaction.atomic
def save_as_template(*, by: Membership, pack: ReviewPack) -> PackTemplate:
    """New packs of whatever vendor begin as this one is: so many months, one contract or all, these sections in this order."""
    require(by, "pack.draft")
    others = Contract.objects.filter(vendor=pack.vendor_id).exclude(pk__in=pack.contracts.values("contract"))
    running = others.filter(starts_on__lte=pack.last, ends_on__gte=pack.first)
    given = {
        "months": len(each_month(pack.first, pack.last)),
        "every_contract": not running.exists(),
        "sections": [[section.name, section.chosen] for section in pack.sections.all()],
        "saved_by": by,
        "saved_by_name": by.name,
        "saved_at": clock.database_now(),
    }
    template, made = PackTemplate.objects.select_for_update().get_or_create(defaults=given)
    if not made:
        for name, value in given.items():
            setattr(template, name, value)
        template.version += 1
        template.save()
    return template
