"""Vendors with their contracts."""

from datetime import date

from django.db.models import Count, Prefetch, Q, QuerySet

from contracts.models import Contract
from organisations.models import Vendor

LISTED = ("reference", "title", "starts_on", "ends_on", "currency", "organisation_id", "vendor_id")


def contracts_of(vendor: Vendor) -> QuerySet[Contract]:
    """A vendor's contracts, the ones that run longest first."""
    return Contract.objects.filter(vendor=vendor).only(*LISTED).order_by("-ends_on", "reference")


def vendors_with_contracts(today: date, words: str = "") -> QuerySet[Vendor]:
    """Vendors by name, each with its contracts and how many of them run today; those whose name, code or contract has all the words.

    Two statements.
    """
    running = Q(contracts__starts_on__lte=today, contracts__ends_on__gte=today)
    found = Vendor.objects.annotate(running=Count("contracts", filter=running, distinct=True))
    for word in words.split():
        titled = Contract.objects.filter(Q(title__icontains=word) | Q(reference__icontains=word)).values("vendor_id")
        found = found.filter(Q(name__icontains=word) | Q(code__icontains=word) | Q(pk__in=titled))
    contracts = Contract.objects.only(*LISTED).order_by("-ends_on", "reference")
    return found.prefetch_related(Prefetch("contracts", contracts)).order_by("name")
