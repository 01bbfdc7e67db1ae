"""Vendors with their contracts."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import Q, QuerySet

from contracts.models import Contract
from organisations.models import Vendor
from organisations.querysets import VendorQuerySet

LISTED = ("reference", "title", "starts_on", "ends_on", "currency", "timezone", "organisation_id", "vendor_id")


def contracts_of(vendor: Vendor) -> QuerySet[Contract]:
    """A vendor's contracts, the ones that run longest first."""
    return Contract.objects.filter(vendor=vendor).only(*LISTED).order_by("-ends_on", "reference")


def vendors_with(words: str = "") -> VendorQuerySet:
    """Vendors by name; those whose name, code or contract has all the words. Duplicates that were merged are left out."""
    found = Vendor.objects.current()
    for word in words.split():
        titled = Contract.objects.filter(Q(title__icontains=word) | Q(reference__icontains=word)).values("vendor_id")
        found = found.filter(Q(name__icontains=word) | Q(code__icontains=word) | Q(pk__in=titled))
    ordered: VendorQuerySet = found.order_by("name", "pk")
    return ordered


def contracts_by_vendor(vendors: Collection[int]) -> dict[int, list[Contract]]:
    """The contracts of some vendors, of each the ones that run longest first. One statement."""
    found: dict[int, list[Contract]] = defaultdict(list)
    for contract in Contract.objects.filter(vendor__in=vendors).only(*LISTED).order_by("-ends_on", "reference"):
        found[contract.vendor_id].append(contract)
    return found
