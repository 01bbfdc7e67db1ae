"""Organisations and people's accounts: what stands outside every organisation's scope."""

from allauth.account.models import EmailAddress
from django.db import transaction

from lib.errors import RuleBroken
from organisations.actions.acceptance import has_account
from organisations.models import Organisation, User


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
    if has_account(email.strip()):
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
