"""A new organisation with its first administrator, who lets everybody else in."""

import sys
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email, validate_slug
from django.db import transaction

from lib.errors import Refused
from organisations.actions import add_member, create_organisation, create_user
from organisations.models import User
from organisations.rules import Role
from organisations.scope import open_scope


class Command(BaseCommand):
    help = (
        "Create an organisation at /o/SLUG/ and its first administrator. The password is asked for, or read from standard "
        "input; a person who has an account already keeps theirs. Exit 1, and nothing is created, where it is refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("name")
        parser.add_argument("--administrator", required=True, metavar="EMAIL")
        parser.add_argument("--administrator-name", default="", metavar="NAME")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["administrator"].strip().lower()
        try:
            validate_slug(options["slug"])
            validate_email(email)
            with transaction.atomic():
                organisation = create_organisation(name=options["name"], slug=options["slug"])
                user = User.objects.filter(email=email).first() or self._person(email, options["administrator_name"])
                with open_scope(organisation_id=organisation.pk):
                    add_member(by=None, user=user, role=Role.ADMINISTRATOR)
        except (Refused, ValidationError) as refused:
            said = refused.sentence if isinstance(refused, Refused) else " ".join(refused.messages)
            raise CommandError(said) from refused
        self.stdout.write(f"{organisation.name} is at /o/{organisation.slug}/; {user.name} is its administrator.")

    def _person(self, email: str, name: str) -> User:
        password = getpass(f"Password for {email}: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        validate_password(password)
        return create_user(email=email, name=name or email.partition("@")[0], password=password)
