"""What people do about organisations, vendors and people. `by` is the acting membership; None is the system (commands)."""

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from lib.errors import Conflict, NotAllowed, RuleBroken
from organisations.models import Membership, Organisation, User, Vendor
from organisations.rules import VENDOR_ROLES, Role


def require(by: Membership | None, action: str) -> None:
    """NotAllowed where the member's role may not do the action. The system may do everything."""
    if by is not None and not by.may(action):
        raise NotAllowed(
            "role", f"As {by.get_role_display().lower()} you may not do this. Ask someone whose role it is."
        )


@transaction.atomic
def create_organisation(*, name: str, slug: str) -> Organisation:
    """A new client. Outside a scope, for there is none before there is an organisation. RuleBroken where the slug is taken."""
    if Organisation.objects.filter(slug=slug).exists():
        raise RuleBroken(
            "slug_taken", f"There is an organisation at the address {slug} already. Choose another address."
        )
    return Organisation.objects.create(name=name, slug=slug)


@transaction.atomic
def create_user(*, email: str, name: str, password: str | None) -> User:
    """A person who can sign in with a verified e-mail address (without a password: not before one is set). Outside a scope.

    RuleBroken where the address, in any case of letters, belongs to somebody already.
    """
    if User.objects.filter(email__iexact=email.strip()).exists():
        raise RuleBroken("email_taken", f"{email} belongs to somebody already. Add that person instead.")
    user = User.objects.create_user(email, password, name=name)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def set_theme(user: User, theme: str) -> None:
    """How a person wants to see the pages, everywhere. Outside a scope. RuleBroken where there is no such theme."""
    if theme not in User.Theme.values:
        raise RuleBroken("theme", "There is no such theme. Choose light, dark, or the same as the device.")
    User.objects.filter(pk=user.pk).update(theme=theme)
    user.theme = theme


@transaction.atomic
def add_vendor(*, by: Membership | None, code: str, name: str) -> Vendor:
    """A new vendor of the organisation in scope. RuleBroken where the code is taken."""
    require(by, "people.manage")
    if Vendor.objects.filter(code=code).exists():
        raise RuleBroken("vendor_taken", f"There is a vendor with the code {code} already. Choose another code.")
    return Vendor.objects.create(code=code, name=name)


def add_member(*, by: Membership | None, user: User, role: str, vendor: Vendor | None = None) -> Membership:
    """A place in the organisation in scope for a person who can sign in; people of a vendor name the vendor.

    RuleBroken where role and vendor do not fit together, Conflict where the person has a place already.
    """
    require(by, "people.manage")
    if role not in Role.values:
        raise RuleBroken("role_unknown", "There is no such role. Choose one of the list.")
    if (role in VENDOR_ROLES) != (vendor is not None):
        wanted = "needs the vendor" if role in VENDOR_ROLES else "is the client's and has no vendor"
        raise RuleBroken("role_vendor", f"The role {Role(role).label.lower()} {wanted}.")
    try:
        with transaction.atomic():
            return Membership.objects.create(user=user, vendor=vendor, role=role, name=user.name, email=user.email)
    except IntegrityError as twice:
        if "membership_once" not in str(twice):
            raise
        raise Conflict("member_already", f"{user.name} is a member already. Change the role instead.") from twice
