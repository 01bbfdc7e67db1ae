"""The people of an organisation where the page cannot be reached: the list, invitations, roles, places taken away and given back."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.core.validators import validate_email

from lib import clock
from lib.names import one_name
from organisations.actions import (
    change_role,
    disable_member,
    invite,
    rejoin_member,
    resend_invitation,
    revoke_invitation,
)
from organisations.management.of_organisation import OrganisationCommand
from organisations.models import Invitation, Membership, Vendor
from organisations.rules import Role


class Command(OrganisationCommand):
    help = (
        "List the people of an organisation and its open invitations, invite somebody, send an invitation again or revoke it, give another "
        "role, disable a person (from the next request on they are out) or let them rejoin. In the trail it is Plumbline that did it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        acts = parser.add_subparsers(dest="what", required=True)
        acts.add_parser("list", help="name, address, role, vendor, state, last seen, second factor")
        acts.add_parser("invitations", help="address, role, vendor, last day, state of the letter")
        for name in ("invite", "role", "rejoin"):
            one = acts.add_parser(name)
            one.add_argument("email")
            one.add_argument("role", choices=[role.value for role in Role])
            if name == "invite":
                one.add_argument("--vendor", default="", metavar="CODE", help="for people of a vendor")
        for name in ("disable", "resend", "revoke"):
            acts.add_parser(name).add_argument("email")

    def act(self, options: dict[str, Any]) -> None:
        getattr(self, f"_{options['what']}")(options)

    def _list(self, options: dict[str, Any]) -> None:
        found = Membership.objects.people().with_presence().select_related("vendor").order_by("name", "pk")
        self.table(
            [
                (
                    *(one.name, one.email, one.role, one.vendor and one.vendor.code),
                    *("active" if one.is_active else "disabled", self.day(one.seen_at), one.factor),
                )
                for one in found
            ]
        )

    def _invitations(self, options: dict[str, Any]) -> None:
        found = Invitation.objects.undecided().with_delivery().select_related("vendor").order_by("expires_at", "pk")
        self.table(
            [
                (
                    *(one.email, one.role, one.vendor and one.vendor.code, self.day(one.expires_at)),
                    one.failure or ("sent" if one.sent_at else "waits"),
                )
                for one in found
            ]
        )

    def _invite(self, options: dict[str, Any]) -> None:
        try:
            validate_email(options["email"])
        except ValidationError as wrong:
            raise CommandError(f"{options['email']} is no e-mail address.") from wrong
        vendor = None
        if options["vendor"]:
            vendor = Vendor.objects.current().filter(code=one_name(options["vendor"])).first()
            if vendor is None:
                raise CommandError(f"There is no vendor with the code {options['vendor']}.")
        made = invite(by=None, email=options["email"], role=options["role"], vendor=vendor, now=clock.database_now())
        self.stdout.write(
            f"{made.email} is invited; the letter is on its way, and its link works until {made.expires_at:%Y-%m-%d}."
        )

    def _resend(self, options: dict[str, Any]) -> None:
        for one in self._open(options["email"]):
            resend_invitation(by=None, invitation=one, now=clock.database_now())
            self.stdout.write(f"{one.email} gets a new letter; the link of the one before stops working.")

    def _revoke(self, options: dict[str, Any]) -> None:
        for one in self._open(options["email"]):
            revoke_invitation(by=None, invitation=one, now=clock.database_now())
            self.stdout.write(f"The invitation of {one.email} is revoked.")

    def _role(self, options: dict[str, Any]) -> None:
        one = self._person(options["email"])
        change_role(by=None, member=one, role=options["role"], version=one.version)
        self.stdout.write(f"{one.name} is {one.get_role_display().lower()} now.")

    def _disable(self, options: dict[str, Any]) -> None:
        one = self._person(options["email"])
        disable_member(by=None, member=one, version=one.version)
        self.stdout.write(f"{one.name} is disabled, and out from the next request on.")

    def _rejoin(self, options: dict[str, Any]) -> None:
        one = self._person(options["email"])
        rejoin_member(by=None, member=one, role=options["role"], version=one.version)
        self.stdout.write(f"{one.name} is back, as {one.get_role_display().lower()}.")

    def _person(self, email: str) -> Membership:
        found: Membership | None = Membership.objects.people().filter(email__iexact=email.strip()).first()
        if found is None:
            raise CommandError(f"Nobody here has the address {email}.")
        return found

    def _open(self, email: str) -> list[Invitation]:
        found = list(Invitation.objects.undecided().filter(email__iexact=email.strip()).select_related("vendor"))
        if not found:
            raise CommandError(f"There is no open invitation of {email}.")
        return found
