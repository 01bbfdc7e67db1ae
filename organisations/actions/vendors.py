"""Vendors: added and edited."""

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.db.models import F

from lib.errors import Conflict, RuleBroken
from lib.names import one_name
from organisations.actions.permission import require
from organisations.identifiers import normalised
from organisations.models import Membership, Vendor, VendorIdentifier
from organisations.rules import NOT_FILED, TIERS, Filed

NO_IDENTIFIERS: Mapping[str, str] = {}


@transaction.atomic
def add_vendor(
    *,
    by: Membership | None,
    code: str,
    name: str,
    identifiers: Mapping[str, str] = NO_IDENTIFIERS,
    namesake: bool = False,
    filed: Filed = NOT_FILED,
) -> Vendor:
    """A new vendor of the organisation in scope. RuleBroken where the code or one of the identifiers is taken, and where there is a vendor
    of that name, unless it is said that this is a `namesake`; or where there is no such tier."""
    require(by, "vendor.edit")
    _code_is_free(code)
    vendor = Vendor.objects.create(code=code, name=name, **_checked(filed)._asdict())
    _write_identifiers(vendor, identifiers)  # they say more than a name
    if not namesake:
        _name_is_new(vendor)
    return vendor


@transaction.atomic
def edit_vendor(
    *,
    by: Membership,
    vendor: Vendor,
    code: str,
    name: str,
    identifiers: Mapping[str, str],
    version: int,
    filed: Filed | None = None,
) -> Vendor:
    """New code, name and identifiers: scheme to number; a scheme that is not there is struck. `filed`: None leaves it as it is.

    Conflict where the vendor was changed since `version`; RuleBroken where the code or an identifier is taken, or for a tier that there is
    not.
    """
    require(by, "vendor.edit")
    if vendor.merged_into_code:
        raise RuleBroken(
            "merged", f"{vendor.name} was merged into {vendor.merged_into_code}. Change that vendor instead."
        )
    if code != vendor.code:
        _code_is_free(code, but=vendor)
    found = Vendor.objects.filter(pk=vendor.pk, version=version)
    kept = {} if filed is None else _checked(filed)._asdict()
    if not found.update(code=code, name=name, version=F("version") + 1, **kept):
        raise Conflict("version", f"Somebody else changed {vendor.name} meanwhile. Look again before you save.")
    if code != vendor.code:
        Vendor.objects.filter(merged_into_code=vendor.code).update(merged_into_code=code)
    _write_identifiers(vendor, identifiers)
    vendor.refresh_from_db()
    return vendor


def _checked(filed: Filed) -> Filed:
    """RuleBroken for a tier that there is not."""
    if filed.tier is not None and filed.tier not in TIERS:
        raise RuleBroken("tier", f"There is no tier {filed.tier}. Choose one of {', '.join(map(str, TIERS))}, or none.")
    return filed._replace(service=one_name(filed.service))


def _code_is_free(code: str, but: Vendor | None = None) -> None:
    """Codes that differ in capitals alone are read as one, so they are one."""
    others = Vendor.objects.filter(code__iexact=code).exclude(pk=but.pk if but else None)
    if there := others.first():
        raise RuleBroken("vendor_taken", f"{there.name} has the code {there.code} already. Choose another code.")


def _name_is_new(vendor: Vendor) -> None:
    namesakes = Vendor.objects.filter(name__iexact=one_name(vendor.name), merged_into_code="").exclude(pk=vendor.pk)
    if there := namesakes.first():
        raise RuleBroken(
            "namesake",
            f"There is {there.name} with the code {there.code} already. Open that vendor, or say that this is another company.",
        )


def _write_identifiers(vendor: Vendor, identifiers: Mapping[str, str]) -> None:
    """Bring the vendor's identifiers into line with these. Rows that stay are not touched, so that the trail shows changes only."""
    wanted = {scheme: normalised(scheme, value) for scheme, value in identifiers.items() if value.strip()}
    there = {row.scheme: row for row in VendorIdentifier.objects.filter(vendor=vendor)}
    for scheme, row in there.items():
        if wanted.get(scheme) != row.value:
            row.delete()
    for scheme, value in wanted.items():
        if scheme in there and there[scheme].value == value:
            continue
        other = VendorIdentifier.objects.filter(scheme=scheme, value=value).select_related("vendor").first()
        if other is not None:
            raise IdentifierTaken(scheme, _taken(value, other.vendor))
        try:
            with transaction.atomic():
                VendorIdentifier.objects.create(vendor=vendor, scheme=scheme, value=value)
        except IntegrityError as twice:
            raise Conflict("identifier_taken", f"Somebody entered {value} at the same moment. Look again.") from twice


class IdentifierTaken(RuleBroken):
    """The number of another vendor: the same company entered twice. `scheme` says which number."""

    def __init__(self, scheme: str, sentence: str) -> None:
        self.scheme = scheme
        super().__init__("identifier_taken", sentence)


def _taken(value: str, other: Vendor) -> str:
    return f"{value} is the number of {other.name} ({other.code}): these are one company. Use that vendor, or merge the two."
